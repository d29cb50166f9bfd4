-- KPI values of the agencies of their time, with those of collectives: each is the sum of its members, a ministry among
-- them that was summed from its units too.
{{ values_with_sums_of_members(ref("int_kpi_values_over_units"), is_unit=false) }}
