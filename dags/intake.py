"""Intake: take in what agencies have put into the drop folder, and answer each file with a receipt.

It runs within seconds of a file's arrival: the triggerer watches `drop/<agency code>/inbox` and reports an
inbox once it has been left alone for `KPI_QUIET_SECONDS`. Every five minutes it runs all the same, to find
what an event missed and to finish what a crash cut short: events are only hints.

Files are handed out in batches of `KPI_BATCH_SIZE`. Each file is taken in by itself: one that cannot be
read is refused with a receipt and stops no other. When something new was accepted, the asset `submissions`
starts the DAG `build`.

**When `take_in` fails**, the trouble is the machine's, never a file's: the ledger out of reach, the disk
full. Its log says which. Nothing is lost or counted twice: mend the cause and clear the task, or let the
next run pick up the files where they stand. **When `find_files` fails**, its log says what is out of reach:
the home folder or the ledger.
"""

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from national_kpi.triggers import DropFolderTrigger

drop_folder = Asset("drop_folder", watchers=[AssetWatcher(name="inboxes", trigger=DropFolderTrigger())])
submissions = Asset("submissions")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Ho_Chi_Minh"), assets=[drop_folder]
    ),
    catchup=False,
    max_active_runs=1,  # two runs would find the same files
    doc_md=__doc__,
    tags=["national-kpi", "intake"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
    },
)
def intake() -> None:
    """Find files, take them in by batches, announce what was accepted."""

    @task
    def find_files() -> list[list[str]]:
        """Finish what was begun; the complete files that lie in the inboxes now, in batches."""
        from national_kpi.clock import now
        from national_kpi.intake.context import IntakeContext
        from national_kpi.intake.pipeline import ready_files, resume
        from national_kpi.settings import Settings

        context = IntakeContext.of(Settings())
        resume(context, now())
        files = [str(file) for file in ready_files(context.paths, context.settings, now())]
        size = context.settings.batch_size
        return [files[start : start + size] for start in range(0, len(files), size)]

    @task
    def take_in(files: list[str]) -> dict[str, int]:
        """Take in one batch; returns how many files it was and how many of them were accepted."""
        from pathlib import Path

        from national_kpi.clock import now
        from national_kpi.intake.context import IntakeContext
        from national_kpi.intake.pipeline import take_in_batch
        from national_kpi.settings import Settings

        result = take_in_batch(IntakeContext.of(Settings()), [Path(file) for file in files], now())
        return {"files": len(files), "accepted": result.accepted}

    @task(outlets=[submissions], trigger_rule=TriggerRule.ALL_DONE)  # one failed batch keeps no other waiting
    def announce() -> int:
        """Start a build if something accepted has not been built yet; returns how many submissions."""
        from sqlalchemy.orm import Session

        from national_kpi.intake.context import IntakeContext
        from national_kpi.ledger.pending import awaiting_build
        from national_kpi.settings import Settings

        with Session(IntakeContext.of(Settings()).engine) as session:
            waiting = awaiting_build(session)
        if not waiting:
            raise AirflowSkipException("Nothing new was accepted.")
        return waiting

    batches = take_in.expand(files=find_files())
    # `announce` ends well even after a failed batch: this leaf makes the run show the failure.
    batches >> [announce(), EmptyOperator(task_id="every_batch_taken_in")]


intake()
