"""Reporting calendar: on the first day of a period, write down who owes which report for it, and by when.

It runs every day one minute after midnight in Hanoi. `reporting_obligations.csv` says who owes what;
`working_days.csv` and the public holidays say which days count. What has been written down never changes
afterwards, so that rates of received and late reports stay as they are; a change of those files holds for
periods that begin later. A day that was missed is made up by the next run, by `make up` and by `kpi status`.

**When `open_periods` fails**, the ledger is out of reach or a catalogue file cannot be read; the log says
which. Nothing is half written. Mend the cause and clear the task. Until then receipts take deadlines from the
catalogue, and `kpi status` lacks the periods that began today.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("1 0 * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,  # a second run would only wait for the first
    doc_md=__doc__,
    tags=["national-kpi", "cycle"],
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=10),
    },
)
def reporting_calendar() -> None:
    """Open the periods that have begun."""

    @task
    def open_periods() -> int:
        """Write down what is owed for periods that were not open yet; returns how many reports."""
        from national_kpi.catalogue import load_catalogue
        from national_kpi.clock import now
        from national_kpi.cycle.obligations import open_periods
        from national_kpi.ledger.session import ledger_url, one_at_a_time, open_ledger
        from national_kpi.paths import CATALOGUE_DIR, Paths
        from national_kpi.settings import Settings

        settings, catalogue = Settings(), load_catalogue(CATALOGUE_DIR)
        with one_at_a_time(open_ledger(ledger_url(settings, Paths.of(settings)))) as session:
            return open_periods(session, catalogue, now())

    open_periods()


reporting_calendar()
