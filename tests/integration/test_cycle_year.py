"""A year of the reporting cycle, played day by day through the DAGs' own functions, with crashes and repeats.

A sample plays the weeks in which January is reported, closed, certified and corrected; `make proof` a year.
"""

import csv
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Session

from national_kpi.agencies import successor_on
from national_kpi.brief.issue import BriefRequest, issue_brief
from national_kpi.clock import HANOI, in_hanoi
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.status import read_status
from national_kpi.ledger.audit import check_audit
from national_kpi.ledger.cycle import (
    BriefIssue,
    Message,
    PeriodEvent,
    Reminder,
    ReminderItem,
    RestatementNotice,
)
from national_kpi.ledger.models import Obligation, Receipt, Submission
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.warehouse.asked import database_for
from national_kpi.working_days import WorkingDays
from tests.integration.airflow_command import airflow_environment
from tests.integration.building import select
from tests.integration.cycle_plot import AGENCIES, Plot, Sending, plot_of, reminders_of
from tests.integration.mailbox import Mailbox, running_mailbox

pytestmark = pytest.mark.proof

OFFICERS = ("G02", "G15", "H26", "H44", "H52", "H62")
HEADS = ("H26",)


@dataclass(frozen=True)
class Length:
    """Which days are played, and what of it is corrected when."""

    first: date
    last: date
    corrected: str
    corrected_on: date
    crash_share: float


SAMPLE = Length(date(2025, 1, 20), date(2025, 2, 21), "2025-M01", date(2025, 2, 19), 0.15)
YEAR = Length(date(2025, 1, 1), date(2026, 1, 31), "2025-M03", date(2025, 5, 20), 0.15)


@dataclass(frozen=True)
class Played:
    """A platform after the year, and what its mail server was given."""

    ctx: CycleContext
    mailbox: Mailbox
    length: Length
    obligations: tuple[Obligation, ...]

    @property
    def days(self) -> WorkingDays:
        return WorkingDays(self.ctx.catalogue.working_days)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.length.last, time(23), HANOI)

    def plot(self, obligation: Obligation) -> Plot:
        return plot_of(obligation, self.days, {self.length.corrected: self.length.corrected_on})

    def sent(self) -> list[Sending]:
        sendings = [one for obligation in self.obligations for one in self.plot(obligation).sendings]
        return [one for one in sendings if one.moment <= self.end]


def of_six_agencies(root: Path) -> None:
    """A copy of the platform in which only the six agencies owe anything, and from the year's first day."""
    for name in ("dags", "plugins", "dbt_project", "tests", "superset_assets", "samples"):
        leave = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(PROJECT_ROOT / name, root / name, ignore=leave)
    file = root / "dbt_project" / "seeds" / "reporting_obligations.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        is_monthly = row["period_kind"] == "month"
        row |= {"scope": "|".join(f"agency:{one}" for one in AGENCIES)}
        row |= {"valid_from": "2025-01-01" if is_monthly else "2024-12-15"}
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Played]:
    length = YEAR if request.config.getoption("--whole") else SAMPLE
    folder = tmp_path_factory.mktemp("year")
    root, home = folder / "platform", folder / "home"
    of_six_agencies(root)
    home.mkdir()
    contacts = [f"{code},officer,Nguyễn Văn A,officer@{code.lower()}.example.org" for code in OFFICERS]
    contacts += [f"{code},head,Trần Thị B,head@{code.lower()}.example.org" for code in HEADS]
    (home / "contacts.csv").write_text(
        "\n".join(["agency_code,role,name,email", *contacts]), encoding="utf-8"
    )
    with running_mailbox() as mailbox:
        mail = {
            "KPI_SMTP_HOST": "127.0.0.1",
            "KPI_SMTP_PORT": str(mailbox.port),
            "KPI_SMTP_TLS": "none",
            "KPI_SMTP_SENDER": "kpi@example.org",
        }
        environment = airflow_environment(home, folder / "airflow") | mail
        environment |= {
            "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "plugins"),
            "PYTHONPATH": f"{root / 'plugins'}:{root}",
        }
        ended = subprocess.run(
            [
                sys.executable, "-m", "tests.integration.cycle_year", str(length.first), str(length.last),
                str(length.crash_share), f"{length.corrected}={length.corrected_on}",
            ],
            env=environment, cwd=root, capture_output=True, text=True,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-6000:]
        assert int(ended.stdout.rpartition("crashes: ")[2]) > 0
        ctx = CycleContext.of(Settings(_env_file=None, home=home, ledger_url=""))
        with Session(ctx.engine, expire_on_commit=False) as session:
            obligations = tuple(session.scalars(sql_select(Obligation).order_by(Obligation.obligation_id)))
        yield Played(ctx, mailbox, length, obligations)
        ctx.engine.dispose()


def test_every_report_owed_ends_in_the_one_state_it_was_led_to(played: Played) -> None:
    by_period = {one.period_code for one in played.obligations}
    with Session(played.ctx.engine) as session:
        told = [
            (status.obligation_id, status.state)
            for code in sorted(by_period)
            for status in read_status(session, played.ctx.catalogue, played.end, period_code=code)
        ]
    states = dict(told)
    assert len(states) == len(told) == len(played.obligations)
    over = [one for one in played.obligations if played.days.after(one.closes_on, 4) <= played.length.last]
    assert {one.obligation_id: states[one.obligation_id] for one in over} == {
        one.obligation_id: played.plot(one).state for one in over
    }
    assert set(Counter(states[one.obligation_id] for one in over)) == {
        "on_time", "late", "late_extended", "nil", "missing", "rejected",
    }  # fmt: skip


def test_readers_are_told_the_same_states(played: Played) -> None:
    snapshot = played.ctx.paths.published / "current" / "kpi.duckdb"
    rows = select(snapshot, "select agency_id, form_code, period_code, state from fct_obligation_status")
    told = {(row["agency_id"], row["form_code"], row["period_code"]): row["state"] for row in rows}
    assert len(rows) == len(told)
    over = [one for one in played.obligations if played.days.after(one.closes_on, 4) < played.length.last]
    assert {
        (one.agency_id, one.form_code, one.period_code): told[one.agency_id, one.form_code, one.period_code]
        for one in over
    } == {
        (one.agency_id, one.form_code, one.period_code): played.plot(one).state for one in over
    }  # fmt: skip


def test_agencies_are_reminded_exactly_as_the_calendar_says(played: Played) -> None:
    expected = {
        (one.obligation_id, stage, day)
        for one in played.obligations
        for stage, day in reminders_of(one, played.plot(one), played.days, played.length.last)
        if day >= played.length.first
    }
    owed = {one.obligation_id: played.ctx.catalogue.agency(one.agency_id) for one in played.obligations}
    with Session(played.ctx.engine) as session:
        reminded = session.execute(sql_select(ReminderItem, Reminder).join(Reminder)).all()
        told = [(item.obligation_id, item.stage_code, reminder.sent_on) for item, reminder in reminded]
        addressed = {
            (item.obligation_id, reminder.sent_on, reminder.agency_code) for item, reminder in reminded
        }
    assert len(told) == len(set(told))
    assert set(told) == expected
    assert all(played.days.is_working(day) for _, _, day in told)
    for obligation_id, day, code in addressed:
        holder = successor_on(played.ctx.catalogue, owed[obligation_id], day)
        assert holder is not None
        assert holder.agency_code == code


def test_every_mail_goes_out_once_and_says_what_the_reminder_says(played: Played) -> None:
    with Session(played.ctx.engine) as session:
        messages = list(session.scalars(sql_select(Message)))
        reminders = list(session.scalars(sql_select(Reminder)))
    given = Counter((str(mail["To"]), str(mail["Message-ID"])) for mail in played.mailbox.mails)
    assert set(given.values()) == {1}
    states = Counter(message.state for message in messages)
    assert states["sent"] <= len(given) <= states["sent"] + states["unconfirmed"]
    assert set(states) <= {"sent", "unconfirmed"}
    of_reminders = [message for message in messages if message.kind == "reminder"]
    officers = {message.recipient for message in of_reminders if message.recipient.startswith("officer")}
    assert officers <= {f"officer@{code.lower()}.example.org" for code in OFFICERS}
    expected = len(reminders) + sum(one.is_escalated for one in reminders if one.agency_code in HEADS)
    assert len(of_reminders) == expected


def test_every_reminder_has_its_file_and_every_escalation_its_letter(played: Played) -> None:
    paths = played.ctx.paths
    with Session(played.ctx.engine) as session:
        for reminder in session.scalars(sql_select(Reminder)):
            files = list(paths.reminders(reminder.agency_code).glob(f"*{reminder.sent_on}*"))
            assert files, (reminder.agency_code, reminder.sent_on)
            letters = list((paths.letters / reminder.sent_on.isoformat()).glob(f"*{reminder.agency_code}*"))
            assert len(letters) == int(reminder.is_escalated), (reminder.agency_code, reminder.sent_on)


def test_every_file_has_one_receipt_and_is_counted_once(played: Played) -> None:
    with Session(played.ctx.engine) as session:
        names = Counter(session.scalars(sql_select(Submission.file_name).join(Receipt)))
        assert session.scalar(sql_select(func.count()).select_from(Submission)) == sum(names.values())
    expected = Counter(
        f"{one.form_code}_{one.period_code}_{one.agency_id}_{one.moment:%d%H}.xlsx" for one in played.sent()
    )
    assert names == expected
    assert [file for file in played.ctx.paths.drop.glob("*/inbox/*") if file.is_file()] == []


def test_a_period_is_closed_once_and_certified_once(played: Played) -> None:
    with Session(played.ctx.engine) as session:
        events = Counter(
            (event.period_code, event.kind) for event in session.scalars(sql_select(PeriodEvent))
        )
        assert list(check_audit(session)) == []
    closed = {
        code
        for code in {one.period_code for one in played.obligations}
        if max(one.closes_on for one in played.obligations if one.period_code == code) < played.length.last
    }
    assert set(events.values()) == {1}
    assert {code for code, kind in events if kind == "closed"} == closed
    assert {code for code, kind in events if kind == "certified"} == closed


def test_the_late_correction_is_told_in_one_notice_with_what_it_changes(played: Played) -> None:
    with Session(played.ctx.engine) as session:
        notices = list(session.scalars(sql_select(RestatementNotice)))
    late = [one for one in notices if one.period_code == played.length.corrected]
    (notice,) = [
        one for one in late if in_hanoi(one.issued_at).date() == played.length.corrected_on
    ]  # fmt: skip
    changes = [one for one in notice.body["changes"] if one["agency_code"] == "G15"]
    assert {one["kpi_code"] for one in changes} >= {"KPI_OPS_WITH_ONLINE_DOSSIER_RATE"}
    assert len({(one.period_code, one.publication_id) for one in notices}) == len(notices)


def test_every_month_is_briefed_once_and_whatever_comes_later_the_brief_stays_the_same(
    played: Played, whole: bool
) -> None:
    with Session(played.ctx.engine) as session:
        issues = list(session.scalars(sql_select(BriefIssue).order_by(BriefIssue.issue_id)))
    assert issues
    assert set(Counter((one.kind, one.period_code) for one in issues).values()) == {1}
    for issue in issues if whole else []:  # each looks from a past day, and costs a build
        request = BriefRequest(issue.kind, issue.as_of, issue.period_code)
        database = database_for(
            played.ctx.paths,
            played.ctx.engine,
            as_of=issue.as_of,
            period_code=issue.period_code,
            now=played.end,
        )
        again = issue_brief(
            played.ctx.engine, database, request, folder=played.ctx.paths.briefs, actor="B", now=played.end
        )
        assert (again.is_new, again.content_sha256) == (False, issue.content_sha256), issue.issue_id
