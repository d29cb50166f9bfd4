"""The lake's columns come from the catalogue, in order and typed."""

import pyarrow as pa
import pytest

from national_kpi.catalogue.load import load_catalogue
from national_kpi.lake import DECIMAL, ENVELOPE, PRINTED_VALUE, lake_schema
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)


@pytest.mark.parametrize("form_code", [form.form_code for form in CATALOGUE.forms])
def test_every_form_has_the_envelope_then_its_own_columns_in_order(form_code: str) -> None:
    schema = lake_schema(CATALOGUE, form_code)
    assert tuple(schema)[: len(ENVELOPE)] == ENVELOPE
    own = [name for name in schema.names if name in {c.column_name for c in CATALOGUE.columns_of(form_code)}]
    assert own == [column.column_name for column in CATALOGUE.columns_of(form_code)]
    assert len(set(schema.names)) == len(schema.names)


def test_an_agency_column_is_followed_by_the_identity_it_names() -> None:
    names = lake_schema(CATALOGUE, "F04").names
    assert names[names.index("unit") + 1] == "unit_id"


def test_a_published_value_keeps_its_text_and_what_was_read_out_of_it() -> None:
    schema = lake_schema(CATALOGUE, "F07")
    assert schema.field("value_as_printed").type == pa.string()
    assert tuple(schema)[-len(PRINTED_VALUE) :] == PRINTED_VALUE
    assert "agency_id" in schema.names and schema.names.count("agency_id") == 1
    assert "stated_value" not in lake_schema(CATALOGUE, "F01").names


def test_types_follow_the_catalogue() -> None:
    services, elements = lake_schema(CATALOGUE, "F02"), lake_schema(CATALOGUE, "F01")
    assert services.field("dossiers_total").type == pa.int64()
    assert services.field("on_national_portal").type == pa.bool_()
    assert services.field("service_level").type == pa.string()
    assert elements.field("value").type == DECIMAL
    assert lake_schema(CATALOGUE, "F05").field("completed_on").type == pa.date32()
