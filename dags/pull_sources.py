"""Pull sources: every hour, ask each outside source for what it publishes now.

One task per row of `dbt_project/seeds/sources.csv`. What is new or corrected is written as a file of the
declared form into the inbox of the source's agency; from there on it is taken in like any upload. When
nothing has changed, nothing is written.

**When a task fails**, only that source is affected. The message names the address and, when the source has
changed its shape, the field that is missing. Out of reach or refused: check the Airflow connection named in
`sources.csv` (`AIRFLOW_CONN_<CONNECTION_ID>`). Changed shape: mend `sources.csv` or `source_fields.csv`. Then
clear the task, or wait for the next hour.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task


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
        from airflow.providers.http.hooks.http import HttpHook

        from national_kpi.clock import now
        from national_kpi.intake.context import IntakeContext
        from national_kpi.settings import Settings
        from national_kpi.sources import pull_source

        get_current_context()["source_id"] = source_id
        context = IntakeContext.of(Settings())
        source = next(row for row in context.catalogue.sources if row.source_id == source_id)
        hook = HttpHook(method="GET", http_conn_id=source.connection_id)

        def fetch(address: str) -> bytes:
            body: bytes = hook.run(address, extra_options={"timeout": 30}).content
            return body

        return [file.name for file in pull_source(context, source_id, fetch, now()).files]

    pull.expand(source_id=list_sources())


pull_sources()
