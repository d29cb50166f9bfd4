"""What a working session concludes is a task of its agencies, from that day on and until it is taken back."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.cli import main
from national_kpi.cli.tasks import known_catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.conclusion_rows import one_conclusion, read_conclusions
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.minutes import Minutes
from national_kpi.cycle.task_notices import write_task_notices
from national_kpi.cycle.working_sessions import record_session, withdraw_conclusion
from national_kpi.errors import CycleError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.prefill import prefilled_rows
from national_kpi.intake.rebuild import rebuild_lake
from national_kpi.ledger.audit import check_audit
from national_kpi.ledger.cycle import AuditEvent, Message
from national_kpi.ledger.models import Finding
from national_kpi.periods import parse_period
from national_kpi.warehouse.build import build, build_for
from national_kpi.warehouse.publish import PublicationResult, publish
from national_kpi.warehouse.replay import replay
from tests.integration.building import drop, new_platform
from tests.integration.building import select as rows_of
from tests.unit.intake.workbooks import form_grid, save

NOTICE = "Thông báo số 123/TB-VPCP ngày 25/11/2026"
CONNECT, SURVEY, ROBOT = "TCT-001-01", "TCT-001-02", "TCT-001-03"
CONCLUSIONS = """agency_code,task,deadline,responsible,amends
G15,Kết nối Cổng dịch vụ công của Bộ với Cổng Dịch vụ công quốc gia,31/12/2026,Cục Công nghệ thông tin,
,Công khai mức độ hài lòng của người dân trên Cổng dịch vụ công,2026-12-05,,
H05,Thí điểm trợ lý ảo tại bộ phận một cửa,31/03/2027,,
"""
CONTACTS = """agency_code,role,name,email
G15,officer,Nguyễn Văn A,officer@moj.example.org
H05,head,Trần Thị B,head@h05.example.org
"""


def at(day: str, time: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=HANOI)


@dataclass
class Home:
    """A home in which one session was recorded and reported on, published, and then changed by another."""

    intake: IntakeContext
    cycle: CycleContext
    minutes: Minutes
    published: PublicationResult
    codes_before: set[str]


def report(
    context: IntakeContext, folder: Path, period: str, rows: list[Mapping[str, Any]], lines: list[str]
) -> Path:
    grid = form_grid(context.catalogue, "F05", rows, period=f"Kỳ báo cáo: {period}", lines=lines)
    return save(folder / f"f05-{len(list(folder.glob('*')))}.csv", grid)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("sessions")
    intake = new_platform(folder / "home")
    intake.paths.contacts.write_text(CONTACTS, encoding="utf-8")
    settings = intake.settings.model_copy(update={"smtp_host": "mail.example.org", "smtp_sender": "t@x.org"})
    cycle = CycleContext(settings, intake.paths, intake.catalogue, intake.engine)
    (folder / "ket-luan.csv").write_text(CONCLUSIONS, encoding="utf-8")
    minutes = Minutes(
        held_on=date(2026, 11, 25),
        chair="Phó Thủ tướng A",
        agency_codes=("G15", "H05"),
        legal_basis=NOTICE,
        conclusions=read_conclusions(folder / "ket-luan.csv"),
        source=str(folder / "ket-luan.csv"),
    )
    unknown = [{"milestone_code": CONNECT, "state": "đang thực hiện"}]
    early = report(intake, folder, "Tháng 10/2026", unknown, ["Cơ quan báo cáo: Bộ Tư pháp"])
    assert drop(intake, early, "G15", at("2026-11-20")) == "rejected", "the task is not given yet"
    assert record_session(cycle, minutes, recorded_by="Lê C", now=at("2026-11-26")).is_new
    for agency, name, rows in (
        (
            "G15",
            "Bộ Tư pháp",
            [
                {"milestone_code": CONNECT, "state": "hoàn thành", "completed_on": "28/11/2026"},
                {"milestone_code": SURVEY, "state": "đang thực hiện", "obstacle": "Chưa có kinh phí"},
            ],
        ),
        ("H05", "UBND tỉnh Bắc Ninh", [{"milestone_code": ROBOT, "state": "chưa thực hiện"}]),
    ):
        file = report(intake, folder, "Tháng 11/2026", rows, [f"Cơ quan báo cáo: {name}"])
        assert drop(intake, file, agency, at("2026-12-02")).startswith("accepted")
    now = at("2026-12-06")
    built = build(intake.paths, intake.engine, as_of=now.date(), now=now)
    published = publish(intake.settings, intake.paths, intake.engine, build_id=built.build_id, now=now)
    second = Minutes(
        held_on=date(2026, 12, 8),
        chair="Phó Thủ tướng A",
        agency_codes=("G15",),
        legal_basis="Thông báo số 130/TB-VPCP ngày 08/12/2026",
        conclusions=one_conclusion("Công khai mức độ hài lòng hằng tuần", "31/01/2027", amends=SURVEY),
    )
    record_session(cycle, second, recorded_by="Lê C", now=at("2026-12-09"))
    withdraw_conclusion(cycle, ROBOT, reason="Đã giao tại văn bản khác", author="Lê C", now=at("2026-12-10"))
    yield Home(intake, cycle, minutes, published, {CONNECT, SURVEY, ROBOT})
    intake.engine.dispose()


def milestones(database: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = rows_of(
        database, "select * from fct_milestone_status where kpi_code like 'TCT-%' order by agency_code"
    )
    return {(row["agency_code"], row["target_id"]): row for row in rows}


def test_a_conclusion_is_a_milestone_with_owner_deadline_and_basis(home: Home) -> None:
    found = milestones(home.published.snapshot)
    assert set(found) == {("G15", CONNECT), ("G15", SURVEY), ("H05", SURVEY), ("H05", ROBOT)}
    connect = found["G15", CONNECT]
    assert connect["milestone_name_vi"].startswith("Kết nối Cổng dịch vụ công")
    assert (connect["due_on"], connect["responsible_vi"]) == (date(2026, 12, 31), "Cục Công nghệ thông tin")
    assert (connect["legal_basis"], connect["status"]) == (NOTICE, "met")
    assert connect["timing_vi"] == "Hoàn thành sớm 33 ngày"
    survey = found["G15", SURVEY]
    assert (survey["is_overdue"], survey["days_late"]) == (True, 1)
    assert survey["obstacle_vi"] == "Chưa có kinh phí"
    assert survey["responsible_vi"] == "Bộ Tư pháp; UBND tỉnh Bắc Ninh"
    assert found["H05", SURVEY]["state_vi"] == "Chưa báo cáo"
    assert found["H05", ROBOT]["state_vi"] == "Chưa thực hiện"


def test_a_conclusion_that_replaces_another_takes_its_reports_and_one_taken_back_is_gone(home: Home) -> None:
    intake, now = home.intake, at("2026-12-11")
    database = build_for(intake.paths, intake.engine, as_of=date(2026, 12, 10), now=now)
    found = milestones(database)
    assert set(found) == {("G15", CONNECT), ("G15", "TCT-002-01"), ("H05", "TCT-002-01")}
    amended = found["G15", "TCT-002-01"]
    assert (amended["milestone_name_vi"], amended["due_on"]) == (
        "Công khai mức độ hài lòng hằng tuần", date(2027, 1, 31),
    )  # fmt: skip
    assert (amended["is_overdue"], amended["obstacle_vi"]) == (False, "Chưa có kinh phí")
    assert rows_of(database, f"select amended_by from dim_target where target_id = '{SURVEY}'") == [
        {"amended_by": "TCT-002-01"}
    ]


def test_a_day_before_a_session_was_recorded_does_not_know_it(home: Home) -> None:
    intake = home.intake
    database = build_for(intake.paths, intake.engine, as_of=date(2026, 11, 25), now=at("2026-12-11"))
    assert milestones(database) == {}
    assert rows_of(database, "select count(*) as n from dim_kpi where kpi_code like 'TCT-%'") == [{"n": 0}]


def test_what_was_published_before_comes_out_as_it_was(home: Home) -> None:
    marts = replay(home.intake.paths, home.intake.engine, home.published.publication_id)
    assert [mart.mart for mart in marts if not mart.is_same] == []


def test_the_lake_is_written_again_with_the_tasks_of_then(home: Home) -> None:
    paths, engine = home.intake.paths, home.intake.engine
    before = {file.name: pq.read_table(file) for file in paths.lake.glob("F05/*.parquet")}
    assert any(ROBOT in rows["milestone_code"].to_pylist() for rows in before.values())
    shutil.rmtree(paths.lake)
    assert [one.outcome for one in rebuild_lake(paths, engine)] == ["written", "written"]
    assert {file.name: pq.read_table(file) for file in paths.lake.glob("F05/*.parquet")} == before


def test_the_form_asks_for_what_is_given_by_the_code_it_was_given_first(home: Home) -> None:
    intake = home.intake
    known = known_catalogue(intake.paths, "", at("2026-12-11"))
    period = parse_period("2026-M12")
    for code, expected in (("G15", {CONNECT, SURVEY}), ("H05", {SURVEY})):
        agency = intake.catalogue.holder(code, period.end)
        assert agency is not None
        asked = {
            row["milestone_code"]: row["milestone_name"]
            for row in prefilled_rows(known, "F05", agency, period)
        }
        assert {task for task in asked if task.startswith("TCT-")} == expected
        assert asked[SURVEY] == "Công khai mức độ hài lòng hằng tuần"


def test_a_report_is_checked_by_the_tasks_of_its_day(home: Home, tmp_path: Path) -> None:
    intake, now = home.intake, at("2027-01-04")
    rows = [
        {"milestone_code": CONNECT, "state": "hoàn thành", "completed_on": "28/11/2026"},
        {"milestone_code": SURVEY, "state": "đang thực hiện"},
    ]
    file = report(intake, tmp_path, "Tháng 12/2026", rows, ["Cơ quan báo cáo: Bộ Tư pháp"])
    drop(intake, file, "G15", now)
    taken_back = [{"milestone_code": ROBOT, "state": "đang thực hiện"}]
    file = report(intake, tmp_path, "Tháng 12/2026", taken_back, ["Cơ quan báo cáo: UBND tỉnh Bắc Ninh"])
    assert drop(intake, file, "H05", now) == "rejected"
    with Session(intake.engine) as session:
        overdue = session.scalars(select(Finding).where(Finding.rule_id == "F05-012")).all()
    assert overdue == [], "the new deadline counts"


def test_the_same_session_is_recorded_once_and_another_of_its_document_is_refused(home: Home) -> None:
    now = at("2026-12-11")
    again = record_session(home.cycle, home.minutes, recorded_by="Lê C", now=now)
    assert (again.session_id, again.is_new) == (1, False)
    other = Minutes(**{**vars(home.minutes), "chair": "Người khác"})
    with pytest.raises(CycleError, match="recorded as session 1 and says something else"):
        record_session(home.cycle, other, recorded_by="Lê C", now=now)
    with pytest.raises(CycleError, match="replaced by TCT-002-01"):
        withdraw_conclusion(home.cycle, SURVEY, reason="Nhầm", author="Lê C", now=now)
    with pytest.raises(CycleError, match="no conclusion in force"):
        withdraw_conclusion(home.cycle, ROBOT, reason="Nhầm", author="Lê C", now=now)


def test_agencies_are_told_by_file_and_mail_and_nobody_twice(home: Home) -> None:
    days = [date(2026, 11, 26), date(2026, 12, 9), date(2026, 12, 10)]
    written = [write_task_notices(home.cycle, day) for day in days]
    names = [{f"{file.parent.parent.name}/{file.name}" for file in files} for files in written]
    assert names == [
        {f"{code}/2026-11-26-nhiem-vu-TCT-001.txt" for code in ("G15", "H05")},
        {f"{code}/2026-12-09-nhiem-vu-TCT-002.txt" for code in ("G15", "H05")},
        {"H05/2026-12-10-thoi-giao-TCT-001-03.txt"},
    ]
    told = written[0][0].read_text(encoding="utf-8-sig")
    assert f"Mã nhiệm vụ: {CONNECT}\n     Thời hạn: 31/12/2026" in told.replace("\r\n", "\n")
    assert NOTICE in told and ROBOT not in told
    assert f"Thay thế nhiệm vụ {SURVEY}" in written[1][0].read_text(encoding="utf-8-sig")
    assert "Lý do: Đã giao tại văn bản khác" in written[2][0].read_text(encoding="utf-8-sig")
    times = {file: file.stat().st_mtime_ns for files in written for file in files}
    assert [write_task_notices(home.cycle, day) for day in days] == written
    assert {file: file.stat().st_mtime_ns for file in times} == times
    with Session(home.intake.engine) as session:
        mails = session.execute(
            select(Message.recipient, Message.kind, Message.state).order_by(Message.queued_at)
        )
        assert sorted(tuple(mail) for mail in mails) == [
            ("head@h05.example.org", "task", "queued"),
            ("head@h05.example.org", "task", "queued"),
            ("head@h05.example.org", "task", "queued"),
            ("officer@moj.example.org", "task", "queued"),
            ("officer@moj.example.org", "task", "queued"),
        ]


def test_the_audit_says_who_recorded_and_withdrew_what(home: Home) -> None:
    wanted = select(AuditEvent).where(AuditEvent.action.in_(("record_session", "withdraw_conclusion")))
    with Session(home.intake.engine) as session:
        events = session.scalars(wanted.order_by(AuditEvent.number)).all()
        assert list(check_audit(session)) == []
    assert [(event.action, event.subject, event.actor) for event in events] == [
        ("record_session", "session 1", "Lê C"),
        ("record_session", "session 2", "Lê C"),
        ("withdraw_conclusion", ROBOT, "Lê C"),
    ]
    assert [one["code"] for one in events[0].details["conclusions"]] == [CONNECT, SURVEY, ROBOT]
    assert events[1].details["conclusions"][0]["amends"] == SURVEY


def test_the_command_lists_and_refuses_by_line_and_column(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_HOME", str(home.intake.paths.home))
    monkeypatch.setenv("KPI_LEDGER_URL", "")

    def session(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kpi", "session", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    listed = json.loads(session("list", "--json")[1])
    assert [(row["session_id"], row["conclusions"], row["in_force"]) for row in listed] == [
        (1, 3, 1), (2, 1, 1),
    ]  # fmt: skip
    shown = json.loads(session("show", "1", "--json")[1])
    assert [row["state"] for row in shown] == [
        "in force", "replaced by TCT-002-01", "withdrawn on 2026-12-10",
    ]  # fmt: skip
    assert session("show", "9")[0] == 2
    bad = tmp_path / "ket-luan.csv"
    bad.write_text(CONCLUSIONS.replace("2026-12-05", "05.12.2026"), encoding="utf-8")
    record = (
        "record", str(bad), "--held-on", "2026-11-25", "--chair", "A", "--agencies", "G15", "--basis", NOTICE,
        "--by", "Lê C",
    )  # fmt: skip
    status, _, said = session(*record)
    assert (status, f"{bad}:3 column deadline" in said) == (2, True)
    status, _, said = session(*record, "--deadline", "31/12/2026")
    assert (status, "--task only" in said) == (2, True)
