"""Intake: take in what agencies have put into the drop folder, and answer each file with a receipt.

It runs within seconds of a file's arrival: the triggerer watches `drop/<agency code>/inbox` and reports an
inbox once it has been left alone for `KPI_QUIET_SECONDS`. Every five minutes it runs all the same, to find
what an event missed: events are only hints. Each file is taken in by itself: one that cannot be read is
refused with a receipt and stops no other. What was accepted starts the DAG `build` (asset `submissions`).

**When `take_in` or `finish_begun` fails**, the trouble is the machine's, never a file's: the ledger out of
reach, the disk full. Its log says which. Nothing is lost or counted twice: mend the cause and clear the
task, or let the next run pick up the files where they stand. `all_is_well` only shows that failure.
"""

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from national_kpi import clock
from national_kpi.settings import Settings
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
    """Finish what was begun, find files, take them in by batches, announce what was accepted."""

    @task
    def finish_begun() -> int:
        """Finish what a crash cut short; returns how many files."""
        from national_kpi.intake.pipeline import IntakeContext, resume
        from national_kpi.metrics import file_taken_in

        return len(resume(IntakeContext.of(Settings(), file_taken_in), clock.now()).receipts)

    @task
    def find_files() -> list[list[str]]:
        """The complete files that lie in the inboxes now, in batches."""
        from national_kpi.intake.drop import in_batches, ready_files
        from national_kpi.paths import Paths

        settings = Settings()
        batches = in_batches(ready_files(Paths.of(settings), settings, clock.now()), settings.batch_size)
        return [[str(file) for file in batch] for batch in batches]

    @task
    def take_in(files: list[str]) -> dict[str, int]:
        """Take in one batch; returns how many files it was and how many of them were accepted."""
        from pathlib import Path

        from national_kpi.intake.pipeline import IntakeContext, take_in_batch
        from national_kpi.metrics import file_taken_in

        context = IntakeContext.of(Settings(), file_taken_in)
        result = take_in_batch(context, [Path(file) for file in files], clock.now())
        return {"files": len(files), "accepted": result.accepted}

    @task(outlets=[submissions], trigger_rule=TriggerRule.ALL_DONE)  # one failed batch keeps no other waiting
    def announce() -> int:
        """Start a build if something accepted has not been built yet; returns how many submissions."""
        from sqlalchemy.orm import Session

        from national_kpi.ledger.pending import awaiting_build
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.metrics import freshness
        from national_kpi.paths import Paths

        settings = Settings()
        with Session(open_ledger(ledger_url(settings, Paths.of(settings)))) as session:
            freshness(session, clock.now())
            waiting = awaiting_build(session)
        if not waiting:
            raise AirflowSkipException("Nothing new was accepted.")
        return waiting

    work = [finish_begun(), take_in.expand(files=find_files())]
    work >> announce()
    # `announce` ends well even after a failure: this leaf makes the run show it.
    work >> EmptyOperator(task_id="all_is_well", trigger_rule=TriggerRule.NONE_FAILED)


intake()
