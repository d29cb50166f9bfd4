"""Targets as the catalogue words them - amended, stepped, none left - against what agencies reported."""

import csv
import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import build
from tests.integration.building import new_platform, put_into_lake, select, select_one

NOW = datetime(2022, 12, 1, 9, 0, tzinfo=HANOI)
PROVINCE, UNIT = "H52@0001-01-01", "G04.X-CHK@0001-01-01"
SPARED = "H46"
REPORTS = (
    (PROVINCE, "2022-M01", {"dossiers_online_count": 10, "dossiers_received_count": 100}),
    (PROVINCE, "2022-M06", {"dossiers_online_count": 30, "dossiers_received_count": 100}),
    (PROVINCE, "2022-M08", {"dossiers_online_count": 40, "dossiers_received_count": 100}),
    (
        UNIT,
        "2021-M07",
        {"work_files_online_count": 60, "work_files_count": 100, "security_incidents_count": 2},
    ),
    (
        UNIT,
        "2021-M12",
        {"work_files_online_count": 60, "work_files_count": 100, "security_incidents_count": 0},
    ),
)


def amended(folder: Path) -> Path:
    """The catalogue with target T25 raised to 60 % in the middle of its year, sparing one province."""
    catalogue_dir = Path(shutil.copytree(CATALOGUE_DIR, folder / "catalogue"))
    path = catalogue_dir / "targets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    raised = next(row for row in rows if row["target_id"] == "T25") | {
        "target_id": "T97", "amends": "T25", "target_value": "60", "effective_from": "2022-07-01",
        "excluded_scope": f"agency:{SPARED}@0001-01-01", "exclusion_vi": "Trừ một tỉnh",
    }  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, raised])
    return catalogue_dir


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("targets")
    context = new_platform(home / "home")
    catalogue_dir = amended(home)
    for number, (agency_id, period_code, elements) in enumerate(REPORTS):
        put_into_lake(
            context.paths, context.engine, load_catalogue(catalogue_dir), f"s{number}", form_code="F01",
            reported_by=agency_id, period_code=period_code, now=NOW,
            rows=[{"element_code": code, "value": Decimal(value)} for code, value in elements.items()],
        )  # fmt: skip
    yield build(
        context.paths, context.engine, as_of=NOW.date(), now=NOW, catalogue_dir=catalogue_dir
    ).duckdb_path
    context.engine.dispose()


def gap(database: Path, agency_code: str, kpi_code: str, period_code: str) -> queries.Row:
    (row,) = queries.gaps(database, kpi_code=kpi_code, agency_code=agency_code, period_code=period_code)
    return row


def test_a_gap_is_told_in_points_in_dossiers_and_in_what_it_takes(database: Path) -> None:
    row = gap(database, "H52", "KPI_DOSSIER_ONLINE_RATE", "2022-M06")
    assert (row["target_id"], row["gap_pp"], row["gap_units"]) == ("T25", -20, -20)
    assert row["gap_units_text"] == "Còn thiếu 20 hồ sơ tiếp nhận trực tuyến"
    # 20 points in the 150 days since the end of January, 184 days to go.
    assert row["observed_pace_per_30_days"] == 4
    assert row["required_pace_per_30_days"] == Decimal("3.260870")
    assert (row["projected_value"], row["projection_method"]) == (
        Decimal("54.533333"), "line_from_first_value",
    )  # fmt: skip
    assert (row["projected_status"], row["status"]) == ("met", "on_track")
    first = gap(database, "H52", "KPI_DOSSIER_ONLINE_RATE", "2022-M01")
    assert (first["projected_value"], first["projection_method"]) == (None, None)


def test_an_amendment_replaces_its_target_from_its_first_day_and_spares_whom_it_leaves_out(
    database: Path,
) -> None:
    before, after = (
        {
            row["agency_code"]: row["target_id"]
            for row in queries.gaps(database, kpi_code="KPI_DOSSIER_ONLINE_RATE", period_code=period_code)
            if row["agency_code"].startswith("H")
        }
        for period_code in ("2022-M06", "2022-M08")
    )
    assert set(before.values()) == {"T25"} and set(after.values()) == {"T97"}
    assert before.keys() - after.keys() == {SPARED}
    assert gap(database, "H52", "KPI_DOSSIER_ONLINE_RATE", "2022-M08")["target_value"] == 60
    chain = select_one(database, "from dim_target where target_id = 'T25'")
    assert (chain["amended_by"], chain["amendment_chain"]) == ("T97", "T25 → T97")


def test_each_step_holds_for_its_own_time(database: Path) -> None:
    first = gap(database, "G04.X-CHK", "KPI_WORK_ONLINE_RATE", "2021-M07")
    second = gap(database, "G04.X-CHK", "KPI_WORK_ONLINE_RATE", "2021-M12")
    assert (first["target_id"], first["status"]) == ("T29", "met")
    assert (second["target_id"], second["status"], second["gap_units"]) == ("T30", "missed", -40)


def test_nothing_left_meets_a_target_of_zero(database: Path) -> None:
    some = gap(database, "G04.X-CHK", "CNT_SECURITY_INCIDENTS", "2021-M07")
    none = gap(database, "G04.X-CHK", "CNT_SECURITY_INCIDENTS", "2021-M12")
    assert (some["status"], some["gap_units"], some["gap_units_text"][:8]) == ("behind", 2, "Có 2 vụ ")
    assert (none["status"], none["gap_units"], none["gap_units_text"][:13]) == ("met", 0, "Không có vụ m")


def test_a_ranking_says_how_much_of_the_group_it_covers(database: Path) -> None:
    rows = queries.rank(database, kpi_code="KPI_DOSSIER_ONLINE_RATE", period_code="2022-M08", kind="province")
    assert {row["coverage"] for row in rows} == {"1/63 tỉnh, thành phố"}
    assert {row["not_ranked_code"] for row in rows} == {None, "no_data"}


def test_every_counted_thing_reads_as_a_noun(database: Path) -> None:
    texts = select(
        database, "select distinct gap_units_text_vi as text from fct_kpi_gap where gap_units is not null"
    )
    assert texts and not [row for row in texts if "Số " in row["text"] or "số số" in row["text"]]
