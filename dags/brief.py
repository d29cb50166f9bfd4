"""Brief: report to the Prime Minister on the month that has closed, and twice a year on the half-year.

It runs every morning and issues what is due: on the first working day after the last day on which reports
of the month could still come in. A cron of its own would have to know that day; it is written down with the
obligations when a period opens (`reporting_calendar`), and moves with holidays. A brief looks from the
closing day, so one that is issued late says what it would have said in time.

The files go to `KPI_HOME/briefs/<issue>/`. Ledger and audit note each issue once: a task that is cleared or
killed issues the same brief again, with the same files. Other briefs are written by `kpi brief`.

A half-year of which nothing at all is known is skipped, and tried again with the next run.

**When `issue` fails**, nothing false is out. The log names the model that did not build, or the disk or the
ledger that is out of reach: mend it and clear the task. A brief of an earlier month that was missed is
issued by `kpi brief --kind monthly --as-of <closing day> --period <month>`.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException


@dag(
    schedule=CronTriggerTimetable("0 7 * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,  # two runs would find the same briefs due
    doc_md=__doc__,
    tags=["national-kpi", "cycle"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=1),
    },
)
def brief() -> None:
    """Find what is due, issue each."""

    @task
    def find_due() -> list[dict[str, Any]]:
        """Briefs that are due on the day of the run and were not issued yet."""
        from national_kpi.brief.due import due_briefs
        from national_kpi.catalogue import load_catalogue
        from national_kpi.clock import in_hanoi, now
        from national_kpi.ledger.session import ledger_url, one_at_a_time, open_ledger
        from national_kpi.paths import CATALOGUE_DIR, Paths
        from national_kpi.settings import Settings
        from national_kpi.working_days import WorkingDays

        moment = get_current_context().get("logical_date") or now()  # a run that is cleared keeps its day
        settings = Settings()
        working_days = WorkingDays(load_catalogue(CATALOGUE_DIR).working_days)
        with one_at_a_time(open_ledger(ledger_url(settings, Paths.of(settings)))) as session:
            due = due_briefs(session, working_days, in_hanoi(moment).date())
        return [
            {"kind": one.kind, "as_of": one.as_of.isoformat(), "period_code": one.period_code} for one in due
        ]

    @task
    def issue(request: dict[str, Any]) -> str:
        """Issue one brief; returns its issue."""
        from datetime import date

        from national_kpi.brief.issue import BriefRequest, issue_brief
        from national_kpi.clock import now
        from national_kpi.errors import BriefError
        from national_kpi.ledger.audit import PLATFORM
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings
        from national_kpi.warehouse.asked import database_for

        settings, moment = Settings(), now()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        due = BriefRequest(request["kind"], date.fromisoformat(request["as_of"]), request["period_code"])
        database = database_for(paths, engine, as_of=due.as_of, period_code=due.period_code, now=moment)
        try:
            issued = issue_brief(engine, database, due, folder=paths.briefs, actor=PLATFORM, now=moment)
        except BriefError as error:
            raise AirflowSkipException(str(error)) from error
        return issued.issue_id

    issue.expand(request=find_due())


brief()
