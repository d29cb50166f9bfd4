"""A national round without Airflow: all agencies × F01–F06, 558 files, 170,000 services. Limit: 60 s.

    intake  `kpi intake` on two cores: claim, archive, ledger (SQLite), reading, checking, lake, receipt, and
            a marked workbook for each file with findings (one in ten); starting its processes included
    peer    python-calamine (the csv module for .csv) reading the same files into Python's lists, checking
            nothing, with as many processes, which have been started before

Every outcome is compared with the manifest. Where the time goes is told by the moments at which a file's
parts came on disk, summed over all processes:

    check    archived → rows in the lake: reading and checking
    decide   rows in the lake → receipt written: the ledger's transaction, the page
    refuse   archived → receipt written, for files whose rows were not accepted
    mark     last receipt of an inbox → its last marked workbook

Usage: python bench/intake/national_round.py [--seed N] [--workers N] [--profile]
"""

import argparse
import cProfile
import csv
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook
from rich.console import Console
from rich.table import Table

from national_kpi.clock import HANOI
from national_kpi.intake.parallel import sweep_in_parallel
from national_kpi.intake.pipeline import IntakeContext, sweep
from national_kpi.ledger.session import migrate
from national_kpi.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from nation import Answer, answers, check, make_round

LIMIT_SECONDS = 60


def main() -> int:
    """Run the benchmark; exit status 1 when it takes longer than the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--profile", action="store_true", help="in this process alone, and where its processor time goes"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as folder:
        home = Path(folder, "nation")
        started = time.perf_counter()
        entries = make_round(home, options.seed, options.workers)
        rows = sum(entry.rows for entry in entries)
        print(f"{len(entries)} files, {rows:,} rows made up in {time.perf_counter() - started:.1f} s")
        peer = read_bare([home / entry.file for entry in entries], options.workers)
        context = IntakeContext.of(Settings(_env_file=None, home=home, ledger_url=""))
        migrate(context.engine)
        if options.profile:
            profile(context)
            return 0
        started = time.perf_counter()
        sweep_in_parallel(context, datetime.now(HANOI), options.workers)
        seconds = time.perf_counter() - started
        found = answers(context.paths)
        context.engine.dispose()
    check(entries, found)
    print_stages(found)
    slowest = max((one for one in found if one.in_lake), key=lambda one: one.answered - one.archived)
    print(
        f"intake {seconds:.1f} s with {options.workers} processes: {len(found) / seconds:.1f} files/s,"
        f" {rows / seconds:,.0f} rows/s\n"
        f"peer   {peer:.1f} s: intake takes {seconds / peer:.1f} × as long\n"
        f"slowest file {slowest.agency_code}/{slowest.file_name}: {slowest.answered - slowest.archived:.2f} s"
        " from the archive to its receipt\n"
        f"limit {LIMIT_SECONDS} s: {seconds / LIMIT_SECONDS:.0%} of it"
    )
    return int(seconds > LIMIT_SECONDS)


def read_bare(files: Sequence[Path], workers: int) -> float:
    """How long the peer takes to read all files."""
    with get_context("spawn").Pool(workers) as pool:
        pool.map(read_one, [files[0]] * workers * 2)
        started = time.perf_counter()
        pool.map(read_one, files, chunksize=4)
        return time.perf_counter() - started


def read_one(file: Path) -> None:
    """Have the peer read every sheet; damaged files are passed over."""
    with suppress(CalamineError, OSError):
        if file.suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as stream:
                list(csv.reader(stream, delimiter=";"))
            return
        with CalamineWorkbook.from_path(str(file)) as book:
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python()


def profile(context: IntakeContext) -> None:
    """Take the round in and print the functions in which the processor spent most."""
    with cProfile.Profile(time.process_time) as profiler:
        sweep(context, datetime.now(HANOI))
    statistics = pstats.Stats(profiler)
    statistics.sort_stats("cumulative").print_stats("national_kpi", 45)
    statistics.sort_stats("tottime").print_stats(25)


def print_stages(found: Sequence[Answer]) -> None:
    """Print where the time went."""
    last_answer: dict[str, float] = {}
    last_mark: dict[str, float] = {}
    for one in found:
        last_answer[one.agency_code] = max(one.answered, last_answer.get(one.agency_code, 0))
        if one.marked:
            last_mark[one.agency_code] = max(one.marked, last_mark.get(one.agency_code, 0))
    readable = [one for one in found if one.outcome != "quarantined"]
    accepted = [(one.archived, one.in_lake, one.answered) for one in readable if one.in_lake]
    refused = [one.answered - one.archived for one in readable if not one.in_lake]
    marked = [max(0.0, moment - last_answer[code]) for code, moment in last_mark.items()]
    table = Table("stage", "files", "seconds", title="Where the time went, summed over all processes")
    for name, count, seconds in (
        ("check", len(accepted), sum(lake - archived for archived, lake, _ in accepted)),
        ("decide", len(accepted), sum(answered - lake for _, lake, answered in accepted)),
        ("refuse", len(refused), sum(refused)),
        ("mark", sum(one.marked is not None for one in found), sum(marked)),
    ):
        table.add_row(name, str(count), f"{seconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
