"""Processes that are killed while they take in a file, right before a change they would make."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from national_kpi.clock import HANOI
from national_kpi.intake.pipeline import IntakeContext, take_in_batch
from national_kpi.ledger.session import open_ledger
from national_kpi.paths import Paths

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)

# Python reports these events right before it asks the system to do them.
CHANGES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree"}
STARTS = "subprocess.Popen"
READER = "national_kpi.intake.isolation"
STARTS_READING = "starts reading"
COMMITS = "commit"

STEPS = {
    1: "claim and archive",
    2: "commit the row received",
    3: "remove the claimed file",
    4: "read and check",
    5: "write the lake",
    6: "commit the decision",
    7: "render the receipt, mark the workbook",
}
"""The order of intake."""


def drop(paths: Paths, content: bytes, name: str = "f06.csv", code: str = "G15") -> Path:
    """Put a file into an inbox, as an upload that ended some minutes ago."""
    file = paths.inbox(code) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    long_ago = (NOW - timedelta(minutes=5)).timestamp()
    os.utime(file, (long_ago, long_ago))
    return file


def in_a_child(act: Callable[[], object]) -> int:
    """Run something in a forked process; gives back how it ended, 0 or the negative number of its signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def watched(folder: Path, act: Callable[[], object], notice: Callable[[str, str], object]) -> None:
    """Do something, and tell before each change below a folder, each commit and each start of the reader.

    Args:
        folder: where changes count.
        act: what is done.
        notice: told what is about to be done, and where.
    """

    def watch(name: str, arguments: tuple[object, ...]) -> None:
        if name == STARTS and READER in str(arguments[1]):  # libraries start programs of their own
            notice(STARTS_READING, "")
        place = next((str(one) for one in arguments[:2] if str(folder) in str(one)), None)
        if name in CHANGES and place is not None:
            notice(name, place)

    event.listen(Engine, "commit", lambda _: notice(COMMITS, ""))
    sys.addaudithook(watch)
    act()


def dying_at(change: int, folder: Path, act: Callable[[], object]) -> Callable[[], None]:
    """Make a process kill itself right before its n-th change, counted from 0.

    Args:
        change: which change; see `watched` for what counts.
        folder: where changes count.
        act: what the process does.
    """
    left = change

    def count(*_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: watched(folder, act, count)


def steps_of(folder: Path, act: Callable[[], object]) -> list[int]:
    """To which step of the order of intake each change belongs that a process makes.

    Args:
        folder: where changes count.
        act: what the process does, taking in one file.
    """
    reading, writing = os.pipe()
    commits = 0

    def note(name: str, place: str) -> None:
        nonlocal commits
        if name == COMMITS:
            step = 2 if commits == 0 else 6
            commits += 1
        elif commits == 1:
            step = 4 if name == STARTS_READING else 5 if "/lake/" in place else 3
        else:
            step = 1 if commits == 0 else 7
        os.write(writing, bytes([step]))

    ended = in_a_child(lambda: watched(folder, act, note))
    os.close(writing)
    with open(reading, "rb") as told:  # noqa: PTH123 - a pipe has no path
        steps = list(told.read())
    assert ended == 0
    return steps


def fresh(context: IntakeContext) -> IntakeContext:
    """The same home with connections of its own, as another process has."""
    engine = open_ledger(context.engine.url.render_as_string(hide_password=False))
    other = IntakeContext(context.settings, context.paths, context.catalogue, engine)
    vars(other)["examiner"] = context.examiner
    return other


def take_in_as_another(context: IntakeContext, file: Path) -> None:
    """Take in a file as a process of its own would."""
    take_in_batch(fresh(context), [file], NOW)
