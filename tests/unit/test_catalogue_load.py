import shutil
from datetime import date
from decimal import Decimal

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.load import read_table
from national_kpi.catalogue.tables import Agency, Form, Target
from national_kpi.errors import CatalogueError
from national_kpi.paths import CATALOGUE_DIR


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CATALOGUE_DIR, tmp_path / "seeds")


def test_cells_become_typed_values():
    target = next(row for row in read_table(Target, CATALOGUE_DIR) if row.target_id == "T24")
    assert (target.operator, target.target_value, target.deadline) == (
        ">=",
        Decimal(80),
        date(2022, 12, 31),
    )
    assert target.scope == (
        "nation",
        "kind:ministry",
        "kind:ministry_level",
        "kind:government_agency",
        "kind:province",
    )


def test_an_empty_start_is_an_unknown_start_and_an_empty_end_none():
    catalogue = load_catalogue(CATALOGUE_DIR)
    health = catalogue.agency("G18@0001-01-01")
    assert (health.valid_from, health.valid_to) == (date(1, 1, 1), None)
    assert catalogue.holder("G10", date(2025, 2, 28)) == catalogue.agency("G10@0001-01-01")
    assert catalogue.holder("G10", date(2025, 3, 1)) == catalogue.agency("G10@2025-03-01")
    assert catalogue.holder("G04", date(2025, 3, 1)) is None


def test_a_forms_columns_and_rules_are_its_own_and_in_order():
    catalogue = load_catalogue(CATALOGUE_DIR)
    assert [column.column_name for column in catalogue.columns_of("F06")] == [
        "stt", "portal", "visits", "note", "explanation",
    ]  # fmt: skip
    assert catalogue.form("F07").source == "published"
    assert {rule.form_code for rule in catalogue.rules_of("F07", "row")} == {"F07"}
    assert catalogue.rows(Form) == catalogue.forms


def test_a_cell_that_does_not_fit_stops_loading_with_its_place(folder):
    path = folder / "agencies.csv"
    path.write_text(path.read_text().replace("G01,,,", "G01,hôm nay,,", 1))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert (caught.value.where, caught.value.what) == (
        "agencies.csv:2 column valid_from",
        "'hôm nay' does not fit",
    )
    assert caught.value.remedy


def test_a_missing_file_stops_loading(folder):
    (folder / "rules.csv").unlink()
    with pytest.raises(CatalogueError, match="the file is missing"):
        load_catalogue(folder)


def test_the_hash_changes_with_any_cell_and_only_then(folder):
    before = load_catalogue(folder).sha256
    assert load_catalogue(CATALOGUE_DIR).sha256 == before
    path = folder / "targets.csv"
    path.write_text(path.read_text().replace(",80,", ",81,", 1))
    assert load_catalogue(folder).sha256 != before


def test_rows_cannot_be_changed():
    agency = read_table(Agency, CATALOGUE_DIR)[0]
    with pytest.raises(ValueError, match="frozen"):
        agency.name_vi = "Khác"
