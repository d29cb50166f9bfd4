"""The tables readers get, each with the columns that identify a row."""

MARTS: dict[str, tuple[str, ...]] = {
    "dim_agency": ("agency_id",),
    "dim_agency_member": ("agency_id", "member_id"),
    "dim_kpi": ("kpi_code",),
    "dim_period": ("period_code",),
    "dim_rule": ("rule_id",),
    "dim_target": ("target_id",),
    "fct_certified_value": ("agency_id", "kpi_code", "period_code", "basis"),
    "fct_component_status": ("agency_id", "form_code", "period_code", "component_code"),
    "fct_finding": ("rule_id", "place_key", "first_seen_on"),
    "fct_index_component": ("agency_id", "index_code", "kpi_code", "period_code", "basis"),
    "fct_kpi_gap": ("agency_id", "kpi_code", "period_code", "basis", "target_id"),
    "fct_kpi_rank": ("agency_id", "kpi_code", "period_code", "basis"),
    "fct_kpi_value": ("agency_id", "kpi_code", "period_code", "basis", "source"),
    "fct_milestone_status": ("agency_id", "target_id"),
    "fct_obligation_status": ("agency_id", "form_code", "period_code"),
    "fct_observation": ("agency_id", "element_code", "period_code", "form_code", "reported_by"),
    "fct_restatement": ("previous_publication_id", "agency_id", "kpi_code", "period_code", "basis"),
    "fct_submission": ("submission_id",),
    "fct_system_status": ("system_code", "agency_id", "item_code"),
    "fct_unit_confirmation": ("agency_id", "form_code", "period_code"),
}
