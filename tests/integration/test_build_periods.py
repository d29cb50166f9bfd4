"""Periods and revisions, on rows put into the lake by hand."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Build
from national_kpi.periods import name_vi, parse_period
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.publish import publish
from tests.integration.building import kpi, new_platform, put_into_lake, select

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
SON_LA = "H52@0001-01-01"
CODES = (
    "2022-M01", "2022-M08", "2022-M12", "2024-M02", "2022-Q1", "2022-Q4", "2022-H1", "2022-H2", "2022-Y",
    "2022-M01G", "2022-M08G", "2022-Q1G", "2022-Q4G", "2022-H1G", "2022-H2G", "2022-YG", "2024-M03G",
    "2022-01-01..2022-08-22", "2019-07-29..2019-07-29", "..2019-12-31",
)  # fmt: skip


def elements(online: int, received: int) -> list[dict[str, object]]:
    return [
        {"element_code": "dossiers_online_count", "value": Decimal(online)},
        {"element_code": "dossiers_received_count", "value": Decimal(received)},
    ]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> IntakeContext:
    context = new_platform(tmp_path_factory.mktemp("periods"))
    for code in CODES:
        put_into_lake(
            context.paths, context.engine, catalogue, f"s-{code}", form_code="F01", reported_by=SON_LA,
            period_code=code, now=NOW, rows=elements(3, 8),
        )  # fmt: skip
    put_into_lake(
        context.paths, context.engine, catalogue, "corrected", form_code="F01", reported_by=SON_LA,
        period_code="2022-M08", now=NOW + timedelta(days=1), rows=elements(1, 3), revision=2,
    )  # fmt: skip
    return context


@pytest.fixture(scope="module")
def built(platform: IntakeContext) -> BuildResult:
    return build(platform.paths, platform.engine, as_of=NOW.date() + timedelta(days=1), now=NOW)


def test_sql_and_python_agree_on_every_period(built: BuildResult) -> None:
    rows = {row["period_code"]: row for row in select(built.duckdb_path, "from dim_period")}
    assert set(rows) == set(CODES)
    for code in CODES:
        period, row = parse_period(code), rows[code]
        assert (row["period_start"], row["period_end"]) == (period.start, period.end), code
        assert (row["period_type"], row["period_name_vi"]) == (period.kind, name_vi(period)), code


def value(database: Path, period_code: str) -> Decimal | None:
    (row,) = queries.gaps(
        database, kpi_code="KPI_DOSSIER_ONLINE_RATE", agency_code="H52", period_code=period_code
    )
    found: Decimal | None = row["value"]
    return found


def test_the_correction_counts_from_the_day_it_came(platform: IntakeContext, built: BuildResult) -> None:
    assert value(built.duckdb_path, "2022-M08") == Decimal("33.333333")
    before = build(platform.paths, platform.engine, as_of=NOW.date(), now=NOW)
    assert value(before.duckdb_path, "2022-M08") == Decimal("37.5")
    current = select(built.duckdb_path, "from fct_submission where period_code = '2022-M08' and is_current")
    assert [row["submission_id"] for row in current] == ["corrected"]


def test_one_province_reporting_makes_every_other_one_no_data(built: BuildResult) -> None:
    rows = queries.gaps(built.duckdb_path, kpi_code="KPI_DOSSIER_ONLINE_RATE", period_code="2022-Q1")
    statuses = {row["agency_code"]: row["status"] for row in rows}
    assert statuses.pop("H52") == "behind", "still 37.5 % as in 2019, a quarter of the way to 50 %"
    assert statuses.pop("VN") == "no_data" and statuses.pop("VN-TINH") is None, "one of 63 is too few"
    assert set(statuses.values()) == {"no_data"}
    assert len(rows) == 63 + 22 + 8 + 2, (
        "provinces, ministries, government agencies, the nation, all provinces"
    )


def test_the_year_end_decides(built: BuildResult) -> None:
    (row,) = queries.gaps(
        built.duckdb_path, kpi_code="KPI_DOSSIER_ONLINE_RATE", agency_code="H52", period_code="2022-Y"
    )
    assert (row["status"], row["gap_pp"], row["gap_units"]) == ("missed", Decimal("-12.5"), Decimal(-1))


@pytest.fixture(scope="module")
def two_provinces(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> IntakeContext:
    """A year of months by two provinces, of which one lacks September."""
    context = new_platform(tmp_path_factory.mktemp("year"))
    for agency in ("H52@0001-01-01", "H02@0001-01-01"):
        for month in range(1, 13):
            if (agency, month) != ("H02@0001-01-01", 9):
                put_into_lake(
                    context.paths, context.engine, catalogue, f"{agency}-{month}", form_code="F01",
                    reported_by=agency, period_code=f"2024-M{month:02}", now=NOW,
                    rows=elements(month, 10 * month),
                )  # fmt: skip
    return context


@pytest.fixture(scope="module")
def year(two_provinces: IntakeContext) -> Path:
    built = build(two_provinces.paths, two_provinces.engine, as_of=NOW.date(), now=NOW)
    publish(
        two_provinces.settings, two_provinces.paths, two_provinces.engine, build_id=built.build_id, now=NOW
    )
    return built.duckdb_path


@pytest.mark.parametrize(
    ("period", "online", "received"),
    [("2024-Q1", 6, 60), ("2024-H1", 21, 210), ("2024-Y", 78, 780)],
)
def test_months_make_longer_periods(year: Path, period: str, online: int, received: int) -> None:
    (row,) = queries.gaps(year, kpi_code="KPI_DOSSIER_ONLINE_RATE", agency_code="H52", period_code=period)
    assert (row["numerator"], row["denominator"], row["value"]) == (online, received, Decimal(10))


def test_a_year_without_one_of_its_months_is_no_year(year: Path) -> None:
    (row,) = select(
        year,
        "from fct_kpi_value where basis = 'reported' and agency_code = 'H02' and period_code = '2024-Y'"
        " and kpi_code = 'KPI_DOSSIER_ONLINE_RATE'",
    )
    assert (row["value"], row["no_value_reason"]) == (None, "incomplete_periods")
    assert (row["parts_count"], row["parts_expected"]) == (1, 2)


def test_two_provinces_are_not_the_nation(year: Path) -> None:
    (row,) = select(
        year,
        "from fct_kpi_value where basis = 'reported' and agency_code = 'VN-TINH' and period_code = '2024-M01'"
        " and kpi_code = 'KPI_DOSSIER_ONLINE_RATE'",
    )
    assert (row["value"], row["no_value_reason"]) == (None, "incomplete_coverage")
    assert (row["parts_count"], row["parts_expected"], row["weight_coverage_pct"]) == (2, 63, None)


def test_any_window_that_months_make_is_made_when_asked_for(two_provinces: IntakeContext, year: Path) -> None:
    answer = kpi(
        two_provinces.paths.home, "gaps", "--kpi", "KPI_DOSSIER_ONLINE_RATE", "--agency", "H52",
        "--period", "2024-03-01..2024-10-31", "--json",
    )  # fmt: skip
    (row,) = json.loads(answer.stdout)
    assert (row["numerator"], row["denominator"], row["value"]) == (52, 520, 10)
    with Session(two_provinces.engine) as session:
        assert [build.state for build in session.query(Build).order_by(Build.build_id)][-1] == "asked"
