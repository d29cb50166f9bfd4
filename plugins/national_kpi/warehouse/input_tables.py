"""The columns of what dbt reads from the ledger, a Parquet file each."""

import pyarrow as pa

SUBMISSIONS = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("agency_code", pa.string()),
        pa.field("agency_id", pa.string()),
        pa.field("reported_by", pa.string()),
        pa.field("form_code", pa.string()),
        pa.field("period_code", pa.string()),
        pa.field("revision", pa.int64()),
        pa.field("decision_number", pa.int64()),
        pa.field("received_at", pa.timestamp("us", tz="UTC")),
        pa.field("received_on", pa.date32()),
        pa.field("known_from", pa.date32()),
        pa.field("outcome", pa.string()),
        pa.field("is_nil", pa.bool_()),
        pa.field("file_name", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("lake_path", pa.string()),
        pa.field("lake_version", pa.string()),
        pa.field("receipt_number", pa.int64()),
    ]
)
CANARY_SUBMISSIONS = pa.schema(
    [
        pa.field("canary_id", pa.string()),
        pa.field("decision_number", pa.int64()),
        pa.field("received_on", pa.date32()),
        pa.field("visits_count", pa.int64()),
    ]
)
CARRIED_SUBMISSIONS = pa.schema([pa.field("submission_id", pa.string())])
FINDINGS = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("position", pa.int64()),
        pa.field("rule_id", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("sheet", pa.string()),
        pa.field("row_number", pa.int64()),
        pa.field("column_name", pa.string()),
        pa.field("cell", pa.string()),
        pa.field("found", pa.string()),
        pa.field("expected", pa.string()),
        pa.field("evidence", pa.string()),
        pa.field("row_key", pa.string()),
        pa.field("explanation", pa.string()),
        pa.field("explained_in", pa.string()),
        pa.field("message_vi", pa.string()),
        pa.field("mend_vi", pa.string()),
        pa.field("agency_id", pa.string()),
        pa.field("kpi_code", pa.string()),
        pa.field("period_code", pa.string()),
    ]
)
DETECTED_FINDINGS = pa.schema(
    [
        pa.field("finding_key", pa.string()),
        pa.field("rule_id", pa.string()),
        pa.field("place_key", pa.string()),
        pa.field("first_seen_on", pa.date32()),
        pa.field("closed_on", pa.date32()),
        pa.field("agency_id", pa.string()),
        pa.field("form_code", pa.string()),
        pa.field("period_code", pa.string()),
        pa.field("kpi_code", pa.string()),
        pa.field("element_code", pa.string()),
        pa.field("row_key", pa.string()),
        pa.field("submission_id", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("found", pa.string()),
        pa.field("expected", pa.string()),
        pa.field("evidence", pa.string()),
        pa.field("message_vi", pa.string()),
        pa.field("mend_vi", pa.string()),
    ]
)
FINDING_DECISIONS = pa.schema(
    [
        pa.field("decision_id", pa.int64()),
        pa.field("finding_key", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("author", pa.string()),
        pa.field("decided_on", pa.date32()),
        pa.field("expires_on", pa.date32()),
        pa.field("found", pa.string()),
        pa.field("evidence", pa.string()),
    ]
)
OBLIGATIONS = pa.schema(
    [
        pa.field("obligation_code", pa.string()),
        pa.field("agency_id", pa.string()),
        pa.field("form_code", pa.string()),
        pa.field("period_code", pa.string()),
        pa.field("cutoff_on", pa.date32()),
        pa.field("due_on", pa.date32()),
        pa.field("closes_on", pa.date32()),
    ]
)
EXTENSIONS = pa.schema(
    [
        pa.field("extension_id", pa.int64()),
        pa.field("agency_id", pa.string()),
        pa.field("form_code", pa.string()),
        pa.field("period_code", pa.string()),
        pa.field("extended_to", pa.date32()),
        pa.field("reason", pa.string()),
        pa.field("approver", pa.string()),
        pa.field("granted_on", pa.date32()),
    ]
)
REFUSALS = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("reported_by", pa.string()),
        pa.field("form_code", pa.string()),
        pa.field("period_code", pa.string()),
        pa.field("received_on", pa.date32()),
    ]
)
SOURCE_STATES = pa.schema(
    [
        pa.field("state_id", pa.int64()),
        pa.field("source_id", pa.string()),
        pa.field("state", pa.string()),
        pa.field("place", pa.string()),
        pa.field("began_on", pa.date32()),
    ]
)
PULLS = pa.schema([pa.field("source_id", pa.string()), pa.field("pulled_on", pa.date32())])
PERIOD_PARTS = pa.schema(
    [
        pa.field("period_code", pa.string()),
        pa.field("period_start", pa.date32()),
        pa.field("period_end", pa.date32()),
        pa.field("part_code", pa.string()),
        pa.field("step", pa.int64()),
    ]
)
PERIOD_STATES = pa.schema(
    [
        pa.field("period_code", pa.string()),
        pa.field("state", pa.string()),
        pa.field("closed_on", pa.date32()),
        pa.field("certified_publication_id", pa.string()),
        pa.field("certified_on", pa.date32()),
        pa.field("certified_by", pa.string()),
        pa.field("certification_comment", pa.string()),
    ]
)
PARAMETERS = pa.schema([pa.field("as_of", pa.date32()), pa.field("catalogue_sha256", pa.string())])
PREVIOUS_PUBLICATION = pa.schema(
    [
        pa.field("publication_id", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("input_sequence", pa.int64()),
        pa.field("catalogue_sha256", pa.string()),
    ]
)
