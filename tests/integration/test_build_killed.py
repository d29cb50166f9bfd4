"""A build whose process is gone is not called running for ever."""

import os
import signal
import subprocess
import sysconfig
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Build
from national_kpi.warehouse.running import fail_abandoned, held

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)


def states(context: IntakeContext) -> dict[str, tuple[str, str | None]]:
    with Session(context.engine) as session:
        return {row.build_id: (row.state, row.failure) for row in session.query(Build)}


def test_a_killed_build_is_failed_by_the_next_one_and_a_living_one_is_not(context: IntakeContext) -> None:
    kpi = str(Path(sysconfig.get_path("scripts")) / "kpi")
    environment = os.environ | {"KPI_HOME": str(context.paths.home), "KPI_LEDGER_URL": ""}
    process = subprocess.Popen([kpi, "build"], env=environment, start_new_session=True)
    deadline = time.monotonic() + 60
    while not states(context) and time.monotonic() < deadline:
        time.sleep(0.1)
    (build_id,) = states(context)
    fail_abandoned(context.paths, context.engine, NOW)
    assert states(context)[build_id] == ("running", None)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10  # a child of it may take a moment longer to be gone
    while states(context)[build_id][0] == "running" and time.monotonic() < deadline:
        fail_abandoned(context.paths, context.engine, NOW)
    state, failure = states(context)[build_id]
    assert state == "failed" and "without a word" in str(failure)


def test_a_build_without_a_folder_is_gone_and_one_that_is_held_lives(context: IntakeContext) -> None:
    for name in ("gone", "held"):
        (context.paths.builds / name).mkdir(parents=True)
        with Session(context.engine) as session, session.begin():
            session.add(
                Build(
                    build_id=name, as_of=NOW.date(), started_at=NOW - timedelta(days=1), state="running",
                    input_sequence=1, catalogue_sha256="0" * 64,
                )
            )  # fmt: skip
    (context.paths.builds / "gone").rmdir()
    with held(context.paths.builds / "held"):
        fail_abandoned(context.paths, context.engine, NOW)
        assert {name: state for name, (state, _) in states(context).items()} == {
            "gone": "failed",
            "held": "running",
        }
