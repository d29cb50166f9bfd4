"""Build: compute every value, gap, status and rank from what was accepted; give readers a new snapshot.

It runs when the DAG `intake` has accepted something (asset `submissions`), when a period was certified (asset
`certifications`), and soon after midnight in Hanoi, as deadlines and milestones pass on days without reports.

One dbt process builds and tests all models in a folder of its own. If every structural test passes, the
result becomes the snapshot readers see, whole and at once. Then every chart's query is run on it.

**When `build` fails**, readers keep the snapshot they have. The log names the failing tests or models;
`builds/<build id>/` holds the DuckDB file to look into. Mend the model or the catalogue and clear the task. A
doubt about one agency's figures is a finding and never fails a build. **When `publish` fails**, readers keep
what they have too, and the log says why: the disk is full, say. **When `build` or `publish` is skipped**,
readers have it all from a build before or after this one. **When `refresh_dashboards` fails**, the snapshot
is out, but a chart cannot show it: the log names the chart. Mend its dataset and run `make up`.
"""

from collections.abc import Collection
from datetime import timedelta

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

submissions, certifications = Asset("submissions"), Asset("certifications")
publication = Asset("publication")


@dag(
    schedule=AssetOrTimeSchedule(
        # a few minutes late, so that `reporting_calendar` has opened the day's periods
        timetable=CronTriggerTimetable("5 0 * * *", timezone="Asia/Ho_Chi_Minh"),
        assets=submissions | certifications,
    ),
    catchup=False,
    max_active_runs=1,  # what arrives meanwhile is built together, in the next run
    doc_md=__doc__,
    tags=["national-kpi", "warehouse"],
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(seconds=15),
        "execution_timeout": timedelta(hours=1),
    },
)
def build() -> None:
    """Build, publish, refresh."""

    @task(task_id="build")
    def build_models(triggering_asset_events: Collection[Asset] | None = None) -> str:
        """Run dbt on everything accepted; returns the build's id."""
        from national_kpi.clock import now
        from national_kpi.ledger.pending import is_all_published
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.metrics import build_measured
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings
        from national_kpi.warehouse.build import build

        settings, moment = Settings(), now()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        if set(triggering_asset_events or ()) == {submissions} and is_all_published(engine):
            raise AirflowSkipException("What was accepted is published. Trigger the DAG to build anew.")
        with build_measured():
            result = build(paths, engine, as_of=moment.date(), now=moment, spark_master=settings.spark_master)
            return result.build_id

    @task(outlets=[publication])
    def publish(build_id: str) -> str:
        """Make the build the readers' snapshot; returns the publication's id."""
        from national_kpi import metrics
        from national_kpi.clock import now
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings
        from national_kpi.warehouse.publish import OvertakenError, publish

        settings = Settings()
        paths = Paths.of(settings)
        engine = open_ledger(ledger_url(settings, paths))
        try:
            published = publish(settings, paths, engine, build_id=build_id, now=now())
        except OvertakenError as error:
            raise AirflowSkipException(str(error)) from error
        metrics.published(published.newest_received_at, now())
        return published.publication_id

    @task
    def refresh_dashboards() -> None:
        """Run every chart's query on the new snapshot."""
        from national_kpi import dashboards
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        dashboards.refresh_dashboards(Paths.of(Settings()))

    publish(build_models()) >> refresh_dashboards()


build()
