"""What the benchmarks of intake share: a home of their own, the memory of all processes, a table."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from national_kpi.clock import HANOI
from national_kpi.intake.pipeline import IntakeContext, TakenIn, sweep
from national_kpi.ledger.session import migrate
from national_kpi.settings import Settings

_SAMPLED_SECONDS = 0.02
_SAMPLING_SHARE = 20  # reading a process's pages holds it up: at most one second in so many goes into that


@dataclass(frozen=True)
class Measured:
    """Seconds, and the most bytes all processes of the program held at one time."""

    seconds: float
    peak_bytes: int


def measured(act: Callable[[], object]) -> Measured:
    """Run something and measure it."""
    ended, peak = threading.Event(), 0

    def watch() -> None:
        nonlocal peak
        program, pause = psutil.Process(), _SAMPLED_SECONDS
        while not ended.wait(pause):
            held, sampled = 0, time.perf_counter()
            for process in (program, *program.children(recursive=True)):
                try:
                    held += process.memory_full_info().pss
                except psutil.Error:
                    continue  # it has just ended
            peak = max(peak, held)
            pause = max(_SAMPLED_SECONDS, _SAMPLING_SHARE * (time.perf_counter() - sampled))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started = time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    return Measured(seconds, peak)


@contextmanager
def platform_home() -> Iterator[IntakeContext]:
    """Everything intake needs, in a home that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder:
        context = IntakeContext.of(Settings(_env_file=None, home=Path(folder), ledger_url=""))
        migrate(context.engine)
        yield context
        context.engine.dispose()


def put(context: IntakeContext, agency_code: str, file: Path, name: str) -> None:
    """Put a copy of a file into an inbox, as an upload that ended long ago."""
    inbox = context.paths.inbox(agency_code)
    inbox.mkdir(parents=True, exist_ok=True)
    arrived = inbox / name
    arrived.write_bytes(file.read_bytes())
    long_ago = time.time() - 60
    os.utime(arrived, (long_ago, long_ago))


def take_in_one(context: IntakeContext, outcome: str) -> TakenIn:
    """Take in the one file that waits, and make sure of what becomes of it."""
    (taken,) = sweep(context, datetime.now(HANOI)).receipts
    if taken.outcome != outcome:
        raise SystemExit(f"{taken.file_name}: {taken.outcome} instead of {outcome}: {taken.receipt_folder}")
    return taken


def show(title: str, rows: list[tuple[str, Measured, str]]) -> None:
    """Print what was measured."""
    table = Table("what", "seconds", "peak MB", "ratio", title=title)
    for what, one, ratio in rows:
        table.add_row(what, f"{one.seconds:.2f}", f"{one.peak_bytes / 1e6:.0f}", ratio)
    Console(width=120).print(table)


def median(runs: list[Measured]) -> Measured:
    """The run of middle length."""
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
