"""Restatement notices: tell what a publication changed of certified values, each change once.

It runs after every publication (asset `publication`) and once a day. For every certified period of which the
newest publication says something else than was certified, or than the notice before told, the ledger gets one
notice: every value, status and rank before and after, by how much, and because of what. Its files are written
to `notices/<period code>/` as .docx and .pdf, for a person to sign and send.

**When `issue` fails**, the ledger or the snapshot is out of reach; the log says why. **When `render` fails**,
the disk is full, say: the notices are in the ledger, and the next run writes the files that are missing.
Mend the cause and clear the task.
"""

from datetime import timedelta

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

publication = Asset("publication")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("40 1 * * *", timezone="Asia/Ho_Chi_Minh"), assets=[publication]
    ),
    catchup=False,
    max_active_runs=1,  # a second run would only wait for the first
    doc_md=__doc__,
    tags=["national-kpi", "cycle"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=30),
    },
)
def restatement_notices() -> None:
    """Write the notices down, then write their files."""

    @task
    def issue() -> int:
        """Notices of what the newest publication changed; returns how many."""
        from national_kpi.clock import now
        from national_kpi.cycle.notices import issue_notices
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        return len(issue_notices(paths, open_ledger(ledger_url(settings, paths)), now()))

    @task
    def render() -> int:
        """The files that notices lack; returns how many."""
        from national_kpi.cycle.notice_document import render_notices
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        return len(render_notices(paths, open_ledger(ledger_url(settings, paths))))

    issue() >> render()


restatement_notices()
