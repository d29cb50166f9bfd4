"""The samples carry every figure published in 2019–2022, each once, and intake reads it as it was meant."""

import csv
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.examine import Examination, Examiner
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, SAMPLES_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.sources import pull_source
from national_kpi.sources.sample_server import sample_source

NOW = datetime(2025, 8, 1, 9, 0, tzinfo=HANOI)
EXPECTED = Path(__file__).parents[1] / "fixtures" / "published_values.csv"
FILES = sorted(SAMPLES_DIR.glob("[GH]*/*"))
LAKE_COLUMNS = {
    "agency_id": "agency_id", "kpi_code": "kpi_code", "value_as_printed": "value_as_printed",
    "numerator": "numerator", "denominator": "denominator", "stated_value": "stated_value", "bound": "bound",
    "value_low": "value_low", "value_high": "value_high", "decimals": "decimals", "unit": "printed_unit",
    "period_code": "period_code", "period_known": "period_known", "published_on": "known_from",
}  # fmt: skip
"""The expectation's columns and where the lake keeps them."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE_DIR)


@pytest.fixture(scope="module")
def pulled(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a pull of the sample source drops."""
    settings = Settings(_env_file=None, home=tmp_path_factory.mktemp("home"), ledger_url="")
    paths = Paths.of(settings)
    engine = open_ledger(f"sqlite:///{paths.ledger_file}")
    migrate(engine)
    context = IntakeContext(settings, paths, catalogue, engine)
    with sample_source(SAMPLES_DIR / "http", "kpi_road_transport"):
        result = pull_source(context, "road_transport_public_services", NOW)
    engine.dispose()
    (file,) = result.files
    return file


@pytest.fixture(scope="module")
def examinations(catalogue: Catalogue, pulled: Path) -> dict[Path, Examination]:
    """What intake makes of each sample, by file."""
    examiner = Examiner(catalogue)
    folders = {file: file.parent.name for file in FILES} | {pulled: pulled.parents[1].name}
    return {file: examiner.examine(file, file.name, code, NOW.date()) for file, code in folders.items()}


def expected_values() -> list[dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_text(value: Any) -> str:
    """A typed value as the expectation writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def published_rows(examinations: dict[Path, Examination]) -> list[dict[str, Any]]:
    return [
        row
        for examination in examinations.values()
        if examination.form_code == "F07" and examination.rows is not None
        for row in examination.rows.to_pylist()
    ]


def test_every_published_value_is_read_once_and_as_it_was_meant(
    examinations: dict[Path, Examination],
) -> None:
    read = [
        {name: as_text(row[lake]) for name, lake in LAKE_COLUMNS.items()}
        for row in published_rows(examinations)
    ]
    expected = [{name: row[name] for name in LAKE_COLUMNS} for row in expected_values()]
    assert len(expected) == 80
    assert sorted(read, key=str) == sorted(expected, key=str)


def test_every_source_text_and_day_is_kept(examinations: dict[Path, Examination]) -> None:
    assert all(row["source"] and row["published_on"] for row in published_rows(examinations))


def test_only_the_known_contradiction_of_the_sources_is_found(
    examinations: dict[Path, Examination],
) -> None:
    found = {(one.rule_id, one.found) for each in examinations.values() for one in each.problems}
    assert found == {("F07-004", "124/436 văn bản, đạt 28.5%")}


def test_each_file_speaks_for_the_agency_of_its_time(examinations: dict[Path, Examination]) -> None:
    speakers = {
        (file.parent.name, examination.form_code, examination.reporter and examination.reporter.agency_id)
        for file, examination in examinations.items()
        if file in FILES
    }
    assert speakers == {
        ("G06", "F07", "G14@0001-01-01"),
        ("G11", "F05", "G11@0001-01-01"),
        ("G17", "F05", "G04@0001-01-01"),
        ("G17", "F07", "G04@0001-01-01"),
        ("G22", "F01", "G22@0001-01-01"),
        ("G22", "F07", "G22@0001-01-01"),
    }


def test_no_two_files_are_revisions_of_each_other(examinations: dict[Path, Examination]) -> None:
    keys = [
        (each.reporter and each.reporter.agency_id, each.form_code, each.period and each.period.code)
        for each in examinations.values()
    ]
    assert len(set(keys)) == len(keys)


def test_the_milestones_are_reported_unfinished_with_what_holds_them_up(
    examinations: dict[Path, Examination],
) -> None:
    rows = [
        row
        for each in examinations.values()
        if each.form_code == "F05" and each.rows is not None
        for row in each.rows.to_pylist()
    ]
    assert {(row["agency_id"], row["milestone_code"], row["state"]) for row in rows} == {
        ("G11@0001-01-01", "MS_PORTAL_AND_ONE_STOP", "đang thực hiện"),
        ("G04@0001-01-01", "MS_SHARED_DATABASES", "đang thực hiện"),
    }
    assert all(row["obstacle"] for row in rows)


def test_the_samples_come_as_xlsx_xls_and_csv() -> None:
    assert {file.suffix for file in FILES} == {".xlsx", ".xls", ".csv"}


def test_the_expected_values_are_quotients_where_a_fraction_is_known() -> None:
    for row in expected_values():
        if row["denominator"]:
            quotient = Decimal(100) * Decimal(row["numerator"]) / Decimal(row["denominator"])
            assert Decimal(row["value"]) == quotient.quantize(Decimal("0.000001"), ROUND_HALF_UP)
        else:
            assert row["value"] == row["stated_value"]


def test_the_list_of_samples_names_every_file() -> None:
    listed = set(re.findall(r"^\| `([^`]+)`", (SAMPLES_DIR / "MUC-LUC.md").read_text(encoding="utf-8"), re.M))
    files = {file for file in SAMPLES_DIR.rglob("*/*") if file.is_file()}
    assert listed == {file.relative_to(SAMPLES_DIR).as_posix() for file in files}
