"""Close periods: freeze periods whose last day for reports has passed, and ask for their certification.

It runs after every publication (asset `publication`) and once a day. A period closes as provisional on the
first publication made after its closing day; without one it waits. For every closed period that nobody has
certified yet, one run of the DAG `certify_period` asks a person to. That run is named after the period and
its publication, so that nobody is asked twice, whatever is repeated here.

**When `close_due` fails**, the ledger is out of reach; the log says why. Nothing is half closed: mend the
cause and clear the task. **When `ask_for_certification` fails**, Airflow could not start the run: clear it. A
task shown as skipped is in order: that question has been asked before. To ask again after a refusal, start
`certify_period` by hand.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

publication = Asset("publication")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 1 * * *", timezone="Asia/Ho_Chi_Minh"), assets=[publication]
    ),
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
def close_periods() -> None:
    """Close what is due, and ask for what is closed."""

    @task
    def close_due() -> list[dict[str, object]]:
        """Close periods; returns the run of `certify_period` for each that waits to be certified."""
        from sqlalchemy.orm import Session

        from national_kpi.clock import now
        from national_kpi.cycle.closing import close_due_periods, provisional_periods
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        close_due_periods(paths, engine, now())
        with Session(engine) as session:
            return [
                {
                    "trigger_run_id": f"{waiting.period_code}__{waiting.closed.publication_id}",
                    "conf": {"period_code": waiting.period_code},
                }
                for waiting in provisional_periods(session)
            ]

    TriggerDagRunOperator.partial(
        task_id="ask_for_certification",
        trigger_dag_id="certify_period",
        logical_date=None,
        skip_when_already_exists=True,
    ).expand_kwargs(close_due())


close_periods()
