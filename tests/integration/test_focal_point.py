"""A ministry as focal point: it sees and urges its units, and its figure counts once it confirmed theirs."""

import csv
import json
import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.check import check_catalogue
from national_kpi.cli import main
from national_kpi.clock import HANOI
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.reminder_files import write_reminders
from national_kpi.cycle.reminders import remind
from national_kpi.errors import TemplateError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.template import plan_template
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import parse_period
from national_kpi.settings import Settings
from national_kpi.unit_reports import unit_reports
from national_kpi.warehouse.build import build
from tests.integration.building import drop, select, select_one
from tests.unit.intake.workbooks import form_grid, save

MINISTRY, AUTHORITY, OFFICE = "G14", "G14.X-CTHH", "G14.X-VPB"
ROWS = {
    "agencies": {
        "agency_code": OFFICE, "valid_to": "2025-02-28", "name_vi": "Văn phòng Bộ Thông tin và Truyền thông",
        "short_name_vi": "Văn phòng Bộ Thông tin và Truyền thông", "name_en": "Office", "kind": "unit",
        "parent_id": "G14@0001-01-01", "code_official": "false", "may_publish": "false",
        "verify_status": "provisional",
    },
    "focal_points": {
        "agency_id": "G14@0001-01-01", "valid_from": "2025-01-01", "valid_to": "2025-02-28",
        "legal_basis": "Quyết định thử nghiệm", "verify_status": "unverified",
    },
    "reporting_obligations": {
        "obligation_code": "F04-DV", "form_code": "F04", "scope": "units_of:G14@0001-01-01",
        "period_kind": "month", "valid_from": "2025-01-01", "valid_to": "2025-01-31", "cutoff_days": "0",
        "due_working_days": "5", "close_working_days": "10", "legal_basis": "Quyết định thử nghiệm",
        "verify_status": "unverified",
    },
}  # fmt: skip
"""What makes the Ministry of Information and Communications a focal point; reports are due on 7 February."""

Told = dict[str, list[tuple[str, ...]]]


def at(day: int, time: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"2025-02-{day:02}T{time}").replace(tzinfo=HANOI)


class Story:
    """What happens in one platform home, day by day, and what is remembered of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seeds = Path(shutil.copytree(CATALOGUE_DIR, folder / "seeds"))
        for table, row in ROWS.items():
            file = self.seeds / f"{table}.csv"
            with file.open(encoding="utf-8", newline="") as stream:
                header = next(csv.reader(stream))
            with file.open("a", encoding="utf-8", newline="") as stream:
                csv.DictWriter(stream, header, restval="", lineterminator="\n").writerow(row)
        assert check_catalogue(self.seeds) == []
        settings = Settings(_env_file=None, home=folder / "home", ledger_url="")
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        migrate(engine)
        catalogue = load_catalogue(self.seeds)
        self.intake = IntakeContext(settings, paths, catalogue, engine)
        self.cycle = CycleContext(settings, paths, catalogue, engine)
        self.told: dict[int, Told] = {}
        self.templates: list[list[tuple[Any, ...]]] = []
        self.states: dict[int, dict[str, str]] = {}

    def report(self, code: str, signed: int, sent: int, moment: datetime) -> None:
        name = self.intake.catalogue.holder(code, date(2025, 1, 31))
        assert name is not None
        row = {
            "unit": name.name_vi, "documents_sent": sent, "documents_sent_electronic": sent,
            "documents_signed": signed, "documents_received": 5,
        }  # fmt: skip
        grid = form_grid(
            self.intake.catalogue, "F04", [row], period="Kỳ báo cáo: Tháng 1/2025",
            lines=[f"Cơ quan báo cáo: {name.name_vi}"],
        )  # fmt: skip
        file = save(self.folder / f"F04_2025-M01_{code}.xlsx", grid)
        assert drop(self.intake, file, code, moment) == "accepted"

    def morning(self, day: int) -> None:
        """All that is told on a day, by code of whom."""
        self.told[day] = {
            one.agency_code: [
                *(("owes", item["stage_code"]) for item in one.body["items"]),
                *(("unit owes", item["agency_name"], item["stage_code"]) for item in one.body["units_owed"]),
                *(("waits", item["agency_name"], item["receipt"]) for item in one.body["waiting"]),
                *(("returned", item["receipt"], item["note"]) for item in one.body["returned"]),
            ]
            for one in remind(self.cycle, at(day, "07:30"))
        }
        write_reminders(self.cycle, date(2025, 2, day))

    def kpi(self, *words: str) -> None:
        """Run the command on this home and its catalogue."""
        with pytest.MonkeyPatch.context() as patch:
            for module in ("tasks", "cycle"):
                patch.setattr(f"national_kpi.cli.{module}.CATALOGUE_DIR", self.seeds)
            patch.setenv("KPI_HOME", str(self.intake.paths.home))
            patch.setenv("KPI_LEDGER_URL", "")
            patch.setattr("sys.argv", ["kpi", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        assert ended.value.code == 0

    def decide(self, moment: datetime, said: Mapping[str, tuple[str, str]]) -> str:
        """The form as `kpi template` hands it out, with decisions by receipt, put into the folder."""
        file = self.folder / f"F09_2025-M01_{MINISTRY}.xlsx"
        file.unlink(missing_ok=True)
        self.kpi("template", "F09", "--agency", MINISTRY, "--period", "2025-M01", "-o", str(file))
        book = openpyxl.load_workbook(file)
        sheet = book.worksheets[0]
        found = []
        for row in sheet.iter_rows(min_col=1, max_col=6):
            if str(row[2].value) == "F04":
                found.append(tuple(cell.value for cell in row[1:6]))
                row[4].value, row[5].value = said.get(str(row[3].value), (row[4].value, row[5].value))
        self.templates.append(found)
        book.save(file)
        return drop(self.intake, file, MINISTRY, moment)

    def remember(self, day: int) -> None:
        with Session(self.intake.engine) as session:
            found = unit_reports(session, self.intake.paths.home, self.intake.catalogue, at(day, "23:00"))
        self.states[day] = {one.receipt: one.state for one in found}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Tuesday 4 February to Wednesday 12 February 2025."""
    story = Story(tmp_path_factory.mktemp("focal-point"))
    yes, no = ("xác nhận", ""), ("trả lại", "Thiếu phòng Hành chính")
    story.morning(4)
    story.report(AUTHORITY, 60, 100, at(4))
    story.morning(5)
    story.report(OFFICE, 10, 50, at(5))
    story.morning(6)
    assert story.decide(at(6, "09:00"), {}) == "rejected", "nothing was decided"
    assert story.decide(at(6), {"1/G14.X-CTHH": yes}) == "accepted", "the other is not looked at yet"
    assert story.decide(at(6, "11:00"), {"1/G14.X-VPB": no}) == "accepted"
    story.remember(6)
    story.morning(7)
    story.report(OFFICE, 40, 100, at(7))
    story.morning(10)
    assert story.decide(at(10), {"2/G14.X-VPB": yes}) == "accepted"
    story.remember(10)
    story.report(AUTHORITY, 80, 100, at(11))
    story.remember(11)
    story.morning(12)
    assert story.decide(at(12), {"2/G14.X-CTHH": yes}) == "accepted"
    return story


def test_a_focal_point_is_told_what_its_units_owe_and_what_waits_and_a_unit_what_came_back(
    story: Story,
) -> None:
    authority, office = "Cục Tin học hóa", "Văn phòng Bộ Thông tin và Truyền thông"
    assert story.told == {
        4: {
            MINISTRY: [("unit owes", authority, "before_due"), ("unit owes", office, "before_due")],
            AUTHORITY: [("owes", "before_due")],
            OFFICE: [("owes", "before_due")],
        },
        5: {MINISTRY: [("waits", authority, "1/G14.X-CTHH")]},
        6: {MINISTRY: [("waits", office, "1/G14.X-VPB")]},
        7: {OFFICE: [("returned", "1/G14.X-VPB", "Thiếu phòng Hành chính")]},
        10: {MINISTRY: [("waits", office, "2/G14.X-VPB")]},
        12: {MINISTRY: [("waits", authority, "2/G14.X-CTHH")]},
    }
    paths = story.intake.paths
    waits = (paths.reminders(MINISTRY) / "2025-02-05-nhac-bao-cao.txt").read_text(encoding="utf-8-sig")
    assert "chờ xác nhận" in waits and "1/G14.X-CTHH; ngày khóa kỳ báo cáo: 14/02/2025" in waits
    back = (paths.reminders(OFFICE) / "2025-02-07-nhac-bao-cao.txt").read_text(encoding="utf-8-sig")
    assert "Bộ Thông tin và Truyền thông trả lại" in back and "Thiếu phòng Hành chính" in back


def test_the_form_hands_out_each_report_that_stands_with_what_was_said_of_it(story: Story) -> None:
    authority, office = "Cục Tin học hóa", "Văn phòng Bộ Thông tin và Truyền thông"
    assert story.templates[1:] == [
        [(authority, "F04", "1/G14.X-CTHH", None, None), (office, "F04", "1/G14.X-VPB", None, None)],
        [(authority, "F04", "1/G14.X-CTHH", "xác nhận", None), (office, "F04", "1/G14.X-VPB", None, None)],
        [(authority, "F04", "1/G14.X-CTHH", "xác nhận", None), (office, "F04", "2/G14.X-VPB", None, None)],
        [(authority, "F04", "2/G14.X-CTHH", None, None), (office, "F04", "2/G14.X-VPB", "xác nhận", None)],
    ]


def test_the_state_of_a_report_tells_whether_it_is_confirmed(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.kpi("status", "--agency", OFFICE, "--period", "2025-M01", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["state"], row["revision"], row["confirmation"]) == ("on_time", 2, "confirmed")


def test_only_a_focal_point_gets_the_form(story: Story) -> None:
    with pytest.raises(TemplateError, match="no focal point"):
        plan_template(story.intake.catalogue, "F09", "G15", parse_period("2025-M01"), date(2025, 2, 5))


def test_a_receipt_tells_of_units_that_are_not_the_ministry_s_own(story: Story) -> None:
    row = {"unit": "Cục Đăng kiểm", "form_code": "F04", "receipt": "1/G04.X-CDK", "decision": "xác nhận"}
    grid = form_grid(story.intake.catalogue, "F09", [row], period="Kỳ báo cáo: Tháng 1/2025")
    found = story.intake.examiner.examine(
        save(story.folder / "bieu.xlsx", grid), "bieu.xlsx", MINISTRY, date(2025, 2, 12)
    )
    assert [one.rule_id for one in found.problems if one.severity == "block"] == ["F09-001"]


def test_a_ministry_s_figure_counts_as_its_units_are_confirmed_on_any_day_it_is_looked_at(
    story: Story,
) -> None:
    context = story.intake
    values, states = {}, {}
    for day in (10, 11, 12):
        built = build(
            context.paths, context.engine, as_of=date(2025, 2, day), now=at(13), catalogue_dir=story.seeds
        )
        found = select(
            built.duckdb_path,
            """
            select agency_code, numerator, denominator, no_value_reason from fct_kpi_value
            where kpi_code = 'KPI_EDOC_SIGNED_RATE' and period_code = '2025-M01' and basis = 'reported'
            """,
        )
        values[day] = {row.pop("agency_code"): tuple(row.values()) for row in found}
        states[day] = {
            row["receipt"]: row["state"] for row in select(built.duckdb_path, "from fct_unit_confirmation")
        }
    assert {day: found[MINISTRY] for day, found in values.items()} == {
        10: (100, 200, None),
        11: (None, None, "units_unconfirmed"),
        12: (120, 200, None),
    }
    assert {day: found[AUTHORITY] for day, found in values.items()} == {
        10: (60, 100, None),
        11: (80, 100, None),
        12: (80, 100, None),
    }
    assert story.states[6] == {"1/G14.X-CTHH": "confirmed", "1/G14.X-VPB": "returned"}
    assert {day: states[day] for day in (10, 11)} == {day: story.states[day] for day in (10, 11)}
    gap = select_one(
        built.duckdb_path,
        """
        select confirmed.decided_on, kpi.value
        from fct_unit_confirmation as confirmed
        inner join fct_kpi_value as kpi on kpi.agency_id = confirmed.focal_point_id
        where
            confirmed.agency_code = 'G14.X-CTHH' and kpi.kpi_code = 'KPI_EDOC_SIGNED_RATE'
            and kpi.period_code = '2025-M01' and kpi.basis = 'reported'
        """,
    )
    assert (gap["decided_on"], gap["value"]) == (date(2025, 2, 12), 60)
