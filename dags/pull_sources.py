"""Pull sources: every hour, ask each outside source for what is new.

One task per row of `dbt_project/seeds/sources.csv`. What is new or corrected is put as a report file into the
inbox of the source's agency; from there on it is taken in like any upload. When nothing has changed, nothing
is written. What one pull has delivered stays delivered: the next goes on where it broke off. `kpi sources`
says how each source is; a source that fails or falls silent is a finding on the dashboard of data quality.

**When a task is skipped**, the source answers, but not in its declared shape: the log and `kpi sources` name
the place. Mend `sources.csv` or `source_fields.csv`; the next hour pulls again.

**When a task fails**, only that source is affected: it was out of reach four times in a row, or has refused
the account. Check the Airflow connection named in `sources.csv` (`AIRFLOW_CONN_<CONNECTION_ID>`), and whether
the source is up. Then clear the task, or wait for the next hour. More: `docs/sources.md`.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException


@dag(
    # At the first start the hour that has passed is run at once.
    schedule=CronTriggerTimetable("0 * * * *", timezone="Asia/Ho_Chi_Minh", run_immediately=True),
    catchup=False,
    max_active_runs=1,  # two pulls of one source would both find its news
    doc_md=__doc__,
    tags=["national-kpi", "sources"],
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=15),
    },
)
def pull_sources() -> None:
    """Ask every source; each is a task of its own."""

    @task
    def list_sources() -> list[str]:
        """The catalogue's sources, read at run time: a new row needs no new DAG."""
        from national_kpi.catalogue import load_catalogue
        from national_kpi.paths import CATALOGUE_DIR

        return [source.source_id for source in load_catalogue(CATALOGUE_DIR).sources]

    @task(map_index_template="{{ source_id }}")
    def pull(source_id: str) -> list[str]:
        """Drop what the source has new; returns the names of the files."""
        from national_kpi.clock import now
        from national_kpi.errors import SourceRefusedError
        from national_kpi.intake.context import IntakeContext
        from national_kpi.settings import Settings
        from national_kpi.sources import pull_source

        get_current_context()["source_id"] = source_id
        try:
            result = pull_source(IntakeContext.of(Settings()), source_id, now())
        except SourceRefusedError as error:
            raise AirflowFailException(str(error)) from None  # trying again might lock the account
        if result.trouble:
            raise AirflowSkipException(result.trouble)
        return [file.name for file in result.files]

    pull.expand(source_id=list_sources())


pull_sources()
