"""Clean up: every night, remove what is old and of no more use.

It runs at three in Hanoi, and removes: logs of tasks and runs of DAGs older than `KPI_RUNS_DAYS_KEPT` days
(never one that waits for a person, nor the newest of a DAG), builds and snapshots beyond those that
publishing keeps, and files that a broken pull left behind. Archive, lake, ledger and inboxes are never
touched, and no link is followed: what must be kept for good stays even where somebody has linked to it.

**When a task fails**, nothing is lost, and the disk goes on filling up until it is mended; the others have
done their part. `old_logs`, `old_snapshots` or `old_temporary_files`: the log names the folder, which cannot
be written to, or in which something kept for good lies. `old_runs`: Airflow's database does not answer, or
`KPI_AIRFLOW_DATABASE_URL` is not its address. Mend the cause; the next night makes up for it.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("0 3 * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,  # a second run would find nothing left to do
    doc_md=__doc__,
    tags=["national-kpi", "operations"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=1),
    },
)
def clean_up() -> None:
    """Four tasks that know nothing of each other."""

    @task
    def old_logs() -> int:
        """Remove old logs of tasks; returns how many files."""
        from national_kpi.clean_up import remove_old_logs
        from national_kpi.clock import now
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        return remove_old_logs(settings, Paths.of(settings), now())

    @task
    def old_snapshots() -> None:
        """Remove builds and snapshots beyond those kept."""
        from national_kpi.clean_up import remove_old_snapshots
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        paths = Paths.of(settings)
        remove_old_snapshots(settings, paths, open_ledger(ledger_url(settings, paths)))

    @task
    def old_temporary_files() -> int:
        """Remove what broken pulls left behind; returns how many files."""
        from national_kpi.clean_up import remove_old_temporary_files
        from national_kpi.clock import now
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        return remove_old_temporary_files(settings, Paths.of(settings), now())

    @task
    def old_runs() -> None:
        """Remove old runs from Airflow's database."""
        from national_kpi.clean_up import remove_old_runs
        from national_kpi.clock import now
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings = Settings()
        remove_old_runs(settings, Paths.of(settings), now())

    old_logs(), old_snapshots(), old_temporary_files(), old_runs()


clean_up()
