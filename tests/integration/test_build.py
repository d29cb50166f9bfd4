"""A build computes, from the samples as intake took them in, what the task force is shown."""

import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.errors import BuildError, SourceShapeError
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Build
from national_kpi.paths import CATALOGUE_DIR, SUPERSET_ASSETS_DIR
from national_kpi.sources.freshness import State, note_state
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import BuildResult, build, build_for
from national_kpi.warehouse.dbt import run_dbt
from national_kpi.warehouse.empty import empty_build
from national_kpi.warehouse.trace import trace
from tests.integration.building import new_platform, put_into_lake, select, select_one, take_in_samples

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
TODAY = NOW.date()
WINDOW = "2022-01-01..2022-08-22"
PUBLISHED_VALUES = Path(__file__).parents[1] / "fixtures" / "published_values.csv"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeContext]:
    context = new_platform(tmp_path_factory.mktemp("samples"))
    take_in_samples(context, NOW)
    moved = SourceShapeError("answered 404", where="/api/v1/published-figures")
    note_state(context.engine, "road_transport_public_services", State.CHANGED, moved, NOW)
    yield context
    context.engine.dispose()


@pytest.fixture(scope="module")
def built(platform: IntakeContext) -> BuildResult:
    return build(platform.paths, platform.engine, as_of=TODAY, now=NOW)


@pytest.fixture(scope="module")
def database(built: BuildResult) -> Path:
    return built.duckdb_path


def number(text: str) -> Decimal | None:
    return Decimal(text).quantize(Decimal("1.000000")) if text else None


def test_all_80_published_values_come_out(database: Path) -> None:
    with PUBLISHED_VALUES.open(encoding="utf-8") as file:
        expected = {
            (row["agency_id"], row["kpi_code"], row["period_code"]): (
                row["value_as_printed"],
                number(row["value"]),
                number(row["stated_value"]),
                row["bound"],
                row["period_known"] == "true",
                date.fromisoformat(row["published_on"]),
            )
            for row in csv.DictReader(file)
        }
    found = {
        (row["agency_id"], row["kpi_code"], row["period_code"]): (
            row["value_as_printed"],
            row["value"] if row["stated_value"] != row["value"] else row["stated_value"],
            row["stated_value"],
            row["bound"],
            row["period_known"],
            row["known_from"],
        )
        for row in select(database, "from fct_kpi_value where basis = 'reported' and source = 'published'")
    }
    assert len(expected) == 80
    assert found == expected


@pytest.mark.parametrize(("basis", "provinces"), [("reported", 63), ("current", 34)])
def test_a_map_has_each_province_of_its_time_once_and_both_archipelagos(
    database: Path, basis: str, provinces: int
) -> None:
    sql = yaml.safe_load((SUPERSET_ASSETS_DIR / "datasets" / "province_map.yaml").read_text("utf-8"))["sql"]
    maps: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for shape in select(database, f"from ({sql}) where basis = '{basis}'"):
        maps[shape["kpi_code"], shape["period_name_vi"]].append(shape)
    for shapes in maps.values():
        of_provinces = {one["agency_code"]: one["status"] for one in shapes if not one["is_archipelago"]}
        archipelagos = {one["shape_name_vi"]: one for one in shapes if one["is_archipelago"]}
        assert (len(of_provinces), len(shapes)) == (provinces, provinces + 2)
        assert set(archipelagos) == {"Quần đảo Hoàng Sa (Đà Nẵng)", "Quần đảo Trường Sa (Khánh Hòa)"}
        assert all(one["status"] == of_provinces[one["agency_code"]] for one in archipelagos.values())
        assert {one["edition_vi"].split()[0] for one in shapes} == {str(provinces)}
    statuses = {
        kpi: Counter(one["status"] for one in shapes if not one["is_archipelago"])
        for (kpi, _), shapes in maps.items()
    }
    dossiers = statuses["KPI_OPS_WITH_ONLINE_DOSSIER_RATE"]
    assert dossiers == (
        {"met": 5, "behind": 4, "no_data": 54} if basis == "reported" else {"behind": 1, "no_data": 33}
    )
    assert set(statuses["KPI_PORTAL_VISITS"]) == {"no_status", "no_data"}, "values without a target"
    assert set(statuses["KPI_EDOC_SIGNED_RATE"]) == {"not_applicable"}, "an indicator of ministries"


@pytest.mark.parametrize(
    ("agency_code", "kpi_code", "value", "gap_pp", "status"),
    [
        ("G13", "KPI_OPS_WITH_ONLINE_DOSSIER_RATE", "32", "-48", "behind"),
        ("G02", "KPI_OPS_WITH_ONLINE_DOSSIER_RATE", "100", "20", "met"),
        ("H52", "KPI_DOSSIER_ONLINE_RATE", "0.31", "-49.69", "behind"),
        ("VN", "KPI_DOSSIER_ONLINE_RATE", "40", "-10", "behind"),
        ("H01", "KPI_DOSSIER_ONLINE_RATE", None, None, "no_data"),
    ],
)
def test_values_against_targets(
    database: Path, agency_code: str, kpi_code: str, value: str | None, gap_pp: str | None, status: str
) -> None:
    (row,) = queries.gaps(database, kpi_code=kpi_code, agency_code=agency_code, period_code=WINDOW)
    assert (row["value"], row["gap_pp"], row["status"]) == (
        number(value or ""),
        number(gap_pp or ""),
        status,
    )


def test_the_nation_stays_approximate(database: Path) -> None:
    (row,) = queries.gaps(database, kpi_code="KPI_DOSSIER_ONLINE_RATE", agency_code="VN", period_code=WINDOW)
    assert (row["bound"], row["value_as_printed"]) == ("≈", "khoảng 40%")


def test_the_state_banks_percentage_is_computed_and_the_printed_one_flagged(database: Path) -> None:
    row = select_one(
        database,
        """
        from fct_kpi_value
        where agency_code = 'G19' and kpi_code = 'KPI_EDOC_SIGNED_RATE' and basis = 'reported'
        """,
    )
    assert (row["numerator"], row["denominator"], row["value"]) == (124, 436, Decimal("28.440367"))
    assert (row["stated_value"], row["is_stated_consistent"]) == (Decimal("28.5"), False)
    others = select(
        database,
        "from fct_kpi_value where not is_stated_consistent and basis = 'reported' and agency_code <> 'G19'",
    )
    assert others == []
    (finding,) = queries.findings(database, agency_code="G19")
    assert (finding["rule_id"], finding["kpi_code"]) == ("F07-004", "KPI_EDOC_SIGNED_RATE")
    assert finding["evidence"] == "Tử số: 124; Mẫu số: 436"


def test_the_visits_that_two_provinces_share_are_a_finding_of_each(database: Path) -> None:
    rows = queries.findings(database, rule_id="MODEL-03")
    assert [(row["agency_code"], row["kpi_code"], row["found"]) for row in rows] == [
        ("H12", "KPI_PORTAL_VISITS", "4.626.693"),
        ("H46", "KPI_PORTAL_VISITS", "4.626.693"),
    ]
    assert {row["evidence"] for row in rows} == {"UBND tỉnh Cà Mau; UBND tỉnh Quảng Bình"}
    assert {(row["state"], row["first_seen_on"], row["age_days"]) for row in rows} == {("open", TODAY, 0)}


def test_the_samples_hold_no_other_doubt(database: Path) -> None:
    found = Counter(row["rule_id"] for row in queries.findings(database))
    assert found == {"F07-004": 1, "MODEL-03": 2, "MODEL-14": 1}


def test_a_source_that_changed_its_shape_is_a_finding_of_its_agency(database: Path) -> None:
    (finding,) = queries.findings(database, rule_id="MODEL-14")
    assert (finding["agency_code"], finding["state"]) == ("G17", "open")
    assert finding["message"] == (
        "Nguồn “Hệ thống dịch vụ công lĩnh vực vận tải đường bộ” đã thay đổi cấu trúc dữ liệu tại"
        " /api/v1/published-figures; hệ thống chưa lấy được số liệu mới từ nguồn này."
    )


def test_an_agency_that_is_not_listed_has_no_data_and_never_zero(database: Path) -> None:
    rows = queries.gaps(database, kpi_code="KPI_DOSSIER_ONLINE_RATE", period_code=WINDOW)
    assert Counter(row["status"] for row in rows) == {"no_data": 77, "behind": 9, "met": 8}
    assert {row["value"] for row in rows if row["status"] == "no_data"} == {None}


def test_rankings_say_among_how_many(database: Path) -> None:
    ministries = queries.rank(
        database, kpi_code="KPI_OPS_WITH_ONLINE_DOSSIER_RATE", period_code=WINDOW, kind="ministry"
    )
    assert len(ministries) == 22
    assert [row["rank"] for row in ministries[:7]] == [1, 1, 3, 4, 5, 6, None]
    assert ministries[0]["scope_note"] == "trong số 6/22 bộ, cơ quan ngang bộ được công bố"
    assert ministries[-1]["not_ranked_reason"] == "Chưa có số liệu"


def test_a_bound_is_not_ranked(database: Path) -> None:
    (ministry,) = (
        row
        for row in queries.rank(database, kpi_code="KPI_OPS_L4_RATE", period_code="2020-H1", kind="ministry")
        if row["agency_code"] == "G04"
    )
    assert (ministry["rank"], ministry["value_text"]) == (None, "> 30 %")
    assert "giới hạn" in ministry["not_ranked_reason"]


def test_visits_of_merged_ministries_are_summed_and_percentages_are_not(database: Path) -> None:
    values = {
        row["kpi_code"]: (row["value"], row["no_value_reason"])
        for row in select(
            database,
            f"""
            from fct_kpi_value
            where agency_id = 'G10@2025-03-01' and period_code = '{WINDOW}' and basis = 'current'
            """,
        )
    }
    assert values["KPI_PORTAL_VISITS"] == (Decimal(1598042 + 670161), None)
    assert values["KPI_DOSSIER_ONLINE_RATE"] == (None, "incomplete_coverage")


def test_every_target_is_seen_by_somebody(database: Path) -> None:
    milestones = select(
        database,
        """
        select target_id from dim_target where target_type in ('milestone', 'qualitative')
        except select target_id from fct_milestone_status
        """,
    )
    assert milestones == []
    assert select_one(database, "select count(*) as n from dim_target")["n"] == 46


def test_overdue_milestones_are_told_from_those_never_reported(database: Path) -> None:
    portal = {
        row["agency_code"]: row
        for row in select(database, "from fct_milestone_status where target_id = 'T38'")
    }
    defence, police = portal["G11"], portal["G01"]
    assert (defence["status"], defence["is_overdue"], defence["days_late"]) == (
        "missed", True, (TODAY - date(2019, 6, 30)).days,
    )  # fmt: skip
    assert defence["obstacle_vi"]
    assert (police["status"], police["state_vi"]) == ("no_data", "Chưa báo cáo")


def test_every_system_is_followed_with_the_figures_the_press_printed(database: Path) -> None:
    rows = {
        (row["system_code"], row["item_code"], row["agency_code"]): row
        for row in select(database, "from fct_system_status")
    }
    assert len({system_code for system_code, _, _ in rows}) == 16
    shown = {
        ("SYS_DOC_AXIS", "SIGNED_RATE", "G19"): ("124/436 (28,44 %)", "behind"),
        ("SYS_DOC_AXIS", "SIGNED_RATE", "GRP-CONLAI-2019"): ("50–75 %", "behind"),
        ("SYS_DOC_MGMT", "AGENCIES_UPGRADED", "GRP-95"): ("62/95 (65,26 %)", "behind"),
        ("SYS_DOC_MGMT", "UNITS_CONNECTED", "G04"): ("54/54 (100,00 %)", "has_figure"),
        ("SYS_DSIG", "AGENCIES_INTEGRATED", "GRP-95"): ("85/95 (89,47 %)", "behind"),
        ("SYS_ECABINET", "IN_OPERATION", "G22"): ("1 hệ thống", "has_figure"),
        ("SYS_NPSP", "SERVICES_PROVIDED", "G04"): ("4/6 (66,67 %)", "behind"),
        ("SYS_NPSP", "LAUNCH", "G22"): ("Chưa báo cáo", "no_data"),
        ("SYS_AGENCY_PORTAL", "BUILT_OR_UPGRADED", "G11"): ("Đang thực hiện", "missed"),
        ("SYS_SERVICE_LISTS", "LISTED_DELIVERED", "GRP-12-2019"): ("7/12 (58,33 %)", "behind"),
        ("SYS_WEB_PORTAL", "VISITS", "G18"): ("13.042.570 lượt", "has_figure"),
        ("SYS_PAYGOV", "LEVEL4_SERVICES", "H49"): ("> 30 %", "met"),
        ("SYS_ROAD", "ACCOUNTS", "G04"): ("< 52.000 tài khoản", "has_figure"),
        ("SYS_ROAD", "ONLINE_SHARE", "G04"): ("80,21 %", "has_figure"),
        ("SYS_LGSP", "SHARED_DATABASES", "G04"): ("Đang thực hiện", "behind"),
        ("SYS_REPORTING", "REPORTS_ONLINE", "G04.X-VPB"): ("Chưa có số liệu", "no_data"),
        ("SYS_POSTAL", "DOSSIERS_BY_POST", "G04.X-CDK"): ("Chưa có số liệu", "no_data"),
    }
    assert {key: (rows[key]["value_text_vi"], rows[key]["status"]) for key in shown} == shown
    assert rows["SYS_SECURITY", "ARCHITECTURE", "G13"]["value_text_vi"].startswith("Bộ đầu tiên")
    road = rows["SYS_ROAD", "ACCOUNTS", "G04"]
    assert (road["current_agency_code"], road["value_as_printed"]) == ("G17", "gần 52.000 tài khoản")
    shared = rows["SYS_LGSP", "SHARED_DATABASES", "G04"]
    assert shared["obstacle_vi"] and shared["responsible_vi"].startswith("Trung tâm Công nghệ thông tin")


def test_an_agency_asked_about_a_system_that_gave_nothing_is_listed_without_data(database: Path) -> None:
    status = Counter(
        row["status"] for row in select(database, "from fct_system_status where item_code = 'VISITS'")
    )
    assert status == {"has_figure": 14, "no_data": 56}
    empty = select(database, "from fct_system_status where status = 'no_data' and value is not null")
    assert empty == []


def test_a_value_is_traced_to_file_row_and_target(database: Path) -> None:
    value, target, observation = trace(
        database, kpi_code="KPI_OPS_WITH_ONLINE_DOSSIER_RATE", agency_code="G13", period_code=WINDOW
    )
    assert observation["file_name"] == "F07-dich-vu-cong-truc-tuyen.xlsx"
    assert (value["value_as_printed"], observation["value_as_printed"]) == ("32%", "32%")
    assert observation["row_number"] > 1 and observation["sha256"]
    assert target["target_text"] == "≥ 80 %" and "27/QĐ-UBQGCĐS" in target["legal_basis"]


def test_two_builds_of_one_day_are_the_same_bit_for_bit(platform: IntakeContext, built: BuildResult) -> None:
    again = build(platform.paths, platform.engine, as_of=TODAY, now=NOW + timedelta(hours=3))
    assert again.build_id != built.build_id
    assert again.fingerprint == built.fingerprint


def test_as_of_knows_only_what_was_published_by_then(platform: IntakeContext) -> None:
    then = build_for(platform.paths, platform.engine, as_of=date(2022, 9, 7), now=NOW)
    periods = {row["period_code"] for row in queries.gaps(then)}
    assert WINDOW not in periods, "the article of 8 September 2022 was not out"
    assert "2019-03-12..2019-07-22" in periods
    rows = select(then, "from dim_agency where is_current and agency_kind = 'province'")
    assert len(rows) == 63
    assert build_for(platform.paths, platform.engine, as_of=date(2022, 9, 7), now=NOW) == then


def test_a_build_is_replayed_with_the_catalogue_it_used(platform: IntakeContext, built: BuildResult) -> None:
    with Session(platform.engine) as session:
        sha256 = session.get_one(Build, built.build_id).catalogue_sha256
    kept = platform.paths.archive / "catalogue" / sha256
    replayed = build(platform.paths, platform.engine, as_of=TODAY, now=NOW, catalogue_dir=kept)
    assert replayed.fingerprint == built.fingerprint


def test_the_ledger_remembers_how_long_each_model_took(platform: IntakeContext, built: BuildResult) -> None:
    with Session(platform.engine) as session:
        row = session.get_one(Build, built.build_id)
        timings = row.timings or {}
        assert (row.state, row.failure, row.input_sequence) == ("built", None, built.input_sequence)
        assert row.finished_at is not None and row.finished_at > row.started_at
    assert timings["dbt"] > 0
    assert timings["model.fct_kpi_gap"] > 0


def test_models_hold_on_no_data_and_with_the_published_figures() -> None:
    """Every model, test and dbt unit test, on an empty lake."""
    with empty_build(TODAY) as folder:
        run = run_dbt(folder, "build")
    assert run.returncode == 0, run.stdout
    assert " unit tests" in run.stdout and "ERROR=0" in run.stdout


@pytest.fixture
def catalogue_dir(tmp_path: Path) -> Path:
    """A catalogue a test may change."""
    return Path(shutil.copytree(CATALOGUE_DIR, tmp_path / "catalogue"))


def append(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def test_a_failing_structural_test_fails_the_build_by_name_with_its_rows(
    tmp_path: Path, catalogue_dir: Path
) -> None:
    context = new_platform(tmp_path / "home")
    append(
        catalogue_dir / "targets.csv",
        "T99,KPI_UNHEARD_OF,Tên,Name,level,>=,1,%,nation,,Quốc gia,Bộ,,,,national,Nghị định,,",
    )
    with pytest.raises(BuildError, match="belongs_to_dim_target") as caught:
        build(context.paths, context.engine, as_of=TODAY, now=NOW, catalogue_dir=catalogue_dir)
    assert "KPI_UNHEARD_OF" in caught.value.what
    with Session(context.engine) as session:
        (row,) = session.query(Build).all()
        assert row.state == "failed" and "KPI_UNHEARD_OF" in (row.failure or "")


def test_a_new_form_and_its_data_element_need_no_code(tmp_path: Path, catalogue_dir: Path) -> None:
    context = new_platform(tmp_path / "home")
    append(
        catalogue_dir / "forms.csv", "F99,1,Biểu mới,New form,self_reported,Biểu mới,vi,false,false,Biểu thử"
    )
    append(
        catalogue_dir / "form_columns.csv",
        "F99,1,booths,Số ki-ốt,,integer,true,false,,booths_count,,\n"
        "F99,2,is_open,Đang mở,,yes_no,false,false,,booths_open_count,,",
    )
    for element in ("booths_count", "booths_open_count"):
        append(catalogue_dir / "data_elements.csv", f"{element},Ki-ốt,Booths,ki-ốt,sum,last,,Số ki-ốt,")
    append(
        catalogue_dir / "kpis.csv",
        "KPI_BOOTHS_OPEN_RATE,1,,,Tỷ lệ ki-ốt mở,Booths open,ratio,%,higher,booths_open_count,booths_count,"
        ",,,Định nghĩa,Công thức,false,,Nghị định,",
    )
    put_into_lake(
        context.paths, context.engine, load_catalogue(catalogue_dir), "s1", form_code="F99",
        reported_by="H52@0001-01-01", period_code="2026-M10", now=NOW,
        rows=[{"booths": 1, "is_open": True}, {"booths": 2, "is_open": False}, {"booths": 5}],
    )  # fmt: skip
    result = build(context.paths, context.engine, as_of=TODAY, now=NOW, catalogue_dir=catalogue_dir)
    row = select_one(
        result.duckdb_path, "from fct_kpi_value where basis = 'reported' and agency_code = 'H52'"
    )
    assert (row["kpi_code"], row["numerator"], row["denominator"], row["value"]) == (
        "KPI_BOOTHS_OPEN_RATE", 1, 8, Decimal("12.5"),
    )  # fmt: skip
