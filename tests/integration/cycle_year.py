"""A year of the reporting cycle in fast time: what the DAGs' own functions do, day by day, by a set clock.

Usage: python -m tests.integration.cycle_year FIRST_DAY LAST_DAY CRASH_SHARE CORRECTED_PERIOD=DAY …
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi import clock
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.closing import list_periods, provisional_periods
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.extensions import extend
from national_kpi.ledger.models import Obligation
from national_kpi.ledger.session import migrate
from national_kpi.periods import parse_period
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.simulate.figures import figures_of
from national_kpi.simulate.files import to_bytes
from national_kpi.simulate.layout import lay_out
from national_kpi.simulate.nation import Reporter, months_from, random_for, reporters_of
from national_kpi.simulate.report import report_of
from national_kpi.working_days import WorkingDays
from tests.integration.cycle_plot import AGENCIES, Plot, Sending, plot_of
from tests.integration.dying import dying_at, in_a_child

FORMS = ("F01", "F02", "F03", "F04", "F05", "F06")
CHANGES = 60
"""A crash comes before one of so many changes of a DAG's run; a run that makes fewer ends well."""

COMMENT = "Đã đối chiếu với báo cáo bằng văn bản."


class Files:
    """What the agencies send: figures of a simulated nation, filled in as offices do."""

    def __init__(self, catalogue: Catalogue, first: date, last: date) -> None:
        self._catalogue = catalogue
        months = months_from(first, (last.year - first.year) * 12 + last.month - first.month + 1)
        nation = reporters_of(catalogue, months, None, seed=7, services=40)
        self._figures: dict[tuple[str, str, str], tuple[Reporter, pa.Table]] = {
            (one.agency.agency_code, form_code, month.code): (one, rows)
            for one in nation
            if one.agency.agency_id in AGENCIES
            for month, form_code, rows in figures_of(catalogue, one, months, FORMS, 0)
        }

    def content(self, sending: Sending) -> bytes:
        """The bytes of one file."""
        period = parse_period(sending.period_code)
        code = sending.agency_id.partition("@")[0]  # whoever holds it by then reports
        reporter, rows = self._figures[code, sending.form_code, f"{period.end:%Y-M%m}"]
        report = report_of(self._catalogue, reporter, period, sending.form_code, rows, ".xlsx")
        report.habits = replace(report.habits, has_total=False)
        if sending.content == "lacks a column":
            key = self._catalogue.key_of(sending.form_code)[0]
            report.columns = [one for one in report.columns if one.column_name != key]
        if sending.content == "nothing to report":
            report.rows = []
        if sending.content == "corrected":
            report.rows = [{**row, "dossiers_online": 0} for row in report.rows]
        grid = lay_out(report)
        if sending.content == "nothing to report":
            grid.rows.insert(grid.first, ["Không phát sinh"])
        return to_bytes(grid, ".xlsx")


class Year:
    """A platform's home, its DAGs, and the clock."""

    def __init__(self, last: date, crash_share: float, corrected_on: dict[str, date], files: Files) -> None:
        self._ctx = CycleContext.of(Settings(_env_file=None))
        self._bag = DagBag(str(PROJECT_ROOT / "dags"))
        self._dice = random_for(7, "crashes")
        self._last, self._crash_share = last, crash_share
        self._corrected_on, self._files = corrected_on, files
        self._days = WorkingDays(self._ctx.catalogue.working_days)
        self._planned: set[int] = set()
        self._sendings: list[Sending] = []
        self._moment = datetime.min.replace(tzinfo=HANOI)
        self._has_received = False
        self.crashes = 0

    def play(self, first: date) -> None:
        """Every day from the first to the last."""
        clock.now = lambda: self._moment
        day = first
        while day <= self._last:
            self._play_day(day)
            day += timedelta(days=1)

    def _play_day(self, day: date) -> None:
        self._at(day, "00:01", self._open_periods)
        if any(period["is_due"] for period in self._periods()):
            self._at(day, "00:05", self._build, can_crash=False)
        self._at(day, "01:30", self._close_periods)
        self._at(day, "01:40", self._tell_restatements, draws=True)
        self._plan(day)
        self._at(day, "07:00", self._brief, can_crash=False, draws=True)
        self._at(day, "07:30", self._remind, draws=True)
        for sending in sorted(self._sendings, key=lambda one: one.moment):
            if sending.moment.date() == day:
                self._send(sending)
        if self._days.is_working(day):
            self._at(day, "10:00", self._certify, draws=True)
        if self._has_received:
            self._at(day, "16:00", self._build, can_crash=False)
            self._at(day, "16:30", self._close_periods)
            self._at(day, "16:40", self._tell_restatements, draws=True)

    def _at(
        self, day: date, hour: str, act: Callable[[], None], *, can_crash: bool = True, draws: bool = False
    ) -> None:
        """Run a DAG at an hour; sometimes a process dies while running it, sometimes it is run again.

        One that draws pages has a process of its own: it starts threads, after which none could be forked.
        """
        self._moment = datetime.combine(day, time.fromisoformat(hour), HANOI)
        if can_crash and self._dice.random() < self._crash_share:
            change = int(self._dice.integers(CHANGES))
            self.crashes += in_a_child(dying_at(change, self._ctx.paths.home, act)) < 0
        runs = 1 + (can_crash and self._dice.random() < self._crash_share)
        for _ in range(runs):
            if draws:
                assert in_a_child(act) == 0
            else:
                act()

    def _task(self, dag_id: str, task_id: str) -> Callable[..., Any]:
        task = self._bag.dags[dag_id].get_task(task_id)
        own = getattr(task, "python_callable", None) or task.partial_kwargs["python_callable"]
        return partial(_unless_skipped, own)

    def _open_periods(self) -> None:
        self._task("reporting_calendar", "open_periods")()

    def _build(self) -> None:
        build_id = self._task("build", "build")()
        self._task("build", "publish")(build_id)
        self._has_received = False

    def _close_periods(self) -> None:
        self._task("close_periods", "close_due")()

    def _tell_restatements(self) -> None:
        self._task("restatement_notices", "issue")()
        self._task("restatement_notices", "render")()

    def _brief(self) -> None:
        with set_current_context({"logical_date": self._moment}):  # type: ignore[arg-type]
            due = self._task("brief", "find_due")()
        for request in due:
            self._task("brief", "issue")(request)

    def _remind(self) -> None:
        for task_id in ("decide", "write_files", "draft_letters", "send_mail"):
            self._task("reminders", task_id)()

    def _certify(self) -> None:
        with Session(self._ctx.engine) as session:
            waiting = [state.period_code for state in provisional_periods(session)]
        for period_code in waiting:
            request = self._task("certify_period", "prepare")({"period_code": period_code})
            answer = {
                "chosen_options": ["Chứng nhận"],
                "params_input": {"comment": COMMENT},
                "responded_by_user": {"id": "1", "name": "Nguyễn Văn A"},
            }
            self._task("certify_period", "record")(request, answer)
            self._task("certify_period", "export_open_data")()

    def _take_in(self) -> None:
        self._task("intake", "finish_begun")()
        for batch in self._task("intake", "find_files")():
            self._task("intake", "take_in")(batch)
        self._has_received = self._task("intake", "announce")() is not None or self._has_received

    def _send(self, sending: Sending) -> None:
        """Put a file into a folder some minutes before the next run of intake."""
        inbox = self._ctx.paths.inbox(sending.folder)
        inbox.mkdir(parents=True, exist_ok=True)
        name = f"{sending.form_code}_{sending.period_code}_{sending.agency_id}_{sending.moment:%d%H}.xlsx"
        (inbox / name).write_bytes(self._files.content(sending))
        long_ago = (sending.moment - timedelta(minutes=5)).timestamp()
        os.utime(inbox / name, (long_ago, long_ago))
        self._at(sending.moment.date(), f"{sending.moment:%H:%M}", self._take_in)

    def _periods(self) -> list[dict[str, Any]]:
        with Session(self._ctx.engine) as session:
            return list_periods(session, self._moment)

    def _plan(self, day: date) -> None:
        """Take up what was opened today, and grant what is to be granted."""
        with Session(self._ctx.engine) as session:
            owed = list(session.scalars(select(Obligation)))
        for obligation in owed:
            plot = plot_of(obligation, self._days, self._corrected_on)
            if obligation.obligation_id not in self._planned:
                self._planned.add(obligation.obligation_id)
                self._sendings += plot.sendings
            if plot.granted_on == day:
                self._grant(obligation, plot)

    def _grant(self, obligation: Obligation, plot: Plot) -> None:
        extend(
            self._ctx.engine,
            self._ctx.catalogue,
            agency_code=obligation.agency_id.partition("@")[0],
            form_code=obligation.form_code,
            period_code=obligation.period_code,
            extended_to=plot.extended_to,
            reason="Lũ lụt.",
            approver="Trần Thị B",
            now=datetime.combine(plot.granted_on or date.min, time(6), HANOI),
        )


def _unless_skipped(own: Callable[..., Any], *arguments: object) -> Any:
    try:
        return own(*arguments)
    except AirflowSkipException:
        return None


def main() -> None:
    """Play the year on the home that the environment names."""
    first, last = (date.fromisoformat(word) for word in sys.argv[1:3])
    corrections = dict(word.split("=") for word in sys.argv[4:])
    ctx = CycleContext.of(Settings(_env_file=None))
    migrate(ctx.engine)
    files = Files(ctx.catalogue, first - timedelta(days=31), last)
    corrected_on = {code: date.fromisoformat(day) for code, day in corrections.items()}
    year = Year(last, float(sys.argv[3]), corrected_on, files)
    year.play(first)
    print("crashes:", year.crashes)


if __name__ == "__main__":
    main()
