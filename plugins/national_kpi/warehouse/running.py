"""Which builds run: each holds its folder, and the system lets go of it when the process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.ledger.models import Build
from national_kpi.paths import Paths

ABANDONED = "the process ended without a word, as when it is killed or the machine stops"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a build's folder for this process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def fail_abandoned(paths: Paths, engine: Engine, now: datetime) -> None:
    """Mark builds as failed that are called running and whose process is gone."""
    with Session(engine) as session, session.begin():
        for build in session.scalars(select(Build).where(Build.state == "running")):
            if not _is_held(paths.builds / build.build_id):
                build.state, build.failure, build.finished_at = "failed", ABANDONED, now


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
