-- KPI values of the agencies of their time; a ministry that has not reported itself is the sum of its units.
{{ values_with_sums_of_members(ref("int_kpi_values_by_period"), is_unit=true) }}
