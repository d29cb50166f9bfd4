"""Ten years of every agency's services: 120 months × 2,000 services, 11,160 files and 22 million rows of F02.

Limits on two cores: a full build 90 s and 8 GB; one more month, from the drop folder to its publication,
60 s; what dbt takes beyond its constant at most 1.5 × the peer. The lake is laid out as intake writes it.

    full    a build that reads the whole lake: export of the inputs, dbt's models and tests
    again   the same when an earlier build has read all of it
    peer    the SQL of the full build run by DuckDB alone, one statement after the other
    next    one more month: its files taken in, a build, its publication
    F08     a year of dossier lists, 100 million dossiers, in a home of their own

dbt's constant is what it takes on an empty lake, less what the peer takes there.

Usage: python bench/models/decade.py [--months N …] [--services N] [--dossiers N] [--seed N]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.parallel import sweep_in_parallel
from national_kpi.ledger.session import migrate
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.publish import publish

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "intake"))
from homes import (
    LAST_MONTH,
    WORKERS,
    day_after,
    drop_next_month,
    last_months,
    lend_parsed_project_of,
    make_home,
    open_home,
)
from measure import Measured, measured

LIMIT_FULL_SECONDS, LIMIT_BYTES, LIMIT_NEXT_SECONDS, LIMIT_RATIO = 90, 8_000_000_000, 60, 1.5
DOSSIER_MONTHS = 12
AGENCIES = 93
WIDTH = 60
console = Console(width=120)


@dataclass(frozen=True)
class Size:
    """What builds of so many months took, in seconds; `rows` are those of form F02."""

    months: int
    files: int
    rows: int
    full: Measured
    dbt: float
    peer: float
    again: float


def main() -> int:
    """Run the benchmark; exit status 1 when a limit is passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--months", type=int, nargs="+", default=[12, 60, 120])
    parser.add_argument("--services", type=int, default=2000, help="services of an agency, on average")
    parser.add_argument("--dossiers", type=int, default=100_000_000, help="rows of form F08 in all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as name:
        folder, months = Path(name), max(options.months)
        started = time.perf_counter()
        files = make_home(folder / "whole", options.seed, months, ("F02",), options.services, 0)
        rows = sum(file.rows for file in files)
        print(f"{len(files):,} files, {rows:,} rows made up in {time.perf_counter() - started:.0f} s")
        constant = constant_of_dbt(folder / "empty")
        sizes = [measure(folder, count) for count in sorted(set(options.months))]
        show(sizes, constant)
        next_seconds = measure_next(folder / f"last-{months}", options.seed, months, options.services)
        dossiers_bytes = measure_dossiers(
            folder / "dossiers", folder / "empty", options.seed, options.dossiers
        )
    largest = sizes[-1]
    ratio = (largest.dbt - constant) / largest.peer
    peak = max(largest.full.peak_bytes, dossiers_bytes)
    print(
        f"full build {largest.full.seconds:.1f} s (limit {LIMIT_FULL_SECONDS}),"
        f" peak {peak / 1e9:.2f} GB (limit {LIMIT_BYTES / 1e9:.0f})\n"
        f"one more month, drop to publication: {next_seconds:.1f} s (limit {LIMIT_NEXT_SECONDS})\n"
        f"dbt without its constant of {constant:.1f} s takes {ratio:.2f} × the peer (limit {LIMIT_RATIO})"
    )
    return int(
        largest.full.seconds > LIMIT_FULL_SECONDS
        or peak > LIMIT_BYTES
        or next_seconds > LIMIT_NEXT_SECONDS
        or ratio > LIMIT_RATIO
    )


def build_at(context: IntakeContext, now: datetime) -> BuildResult:
    """A build that knows all there is."""
    return build(context.paths, context.engine, as_of=now.date(), now=now)


def without_dbt(result: BuildResult) -> float:
    """How long DuckDB takes for the SQL of a build."""
    script = Path(__file__).with_name("bare.py")
    command = [sys.executable, script, result.duckdb_path.parent]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def constant_of_dbt(home: Path) -> float:
    """What dbt takes for planning and telling, whatever the data, once the project has been parsed."""
    home.mkdir()
    context = open_home(home)
    migrate(context.engine)
    moment = datetime.combine(LAST_MONTH, time_of_day(9), HANOI)
    shutil.rmtree(build_at(context, moment).duckdb_path.parent)
    result = build_at(context, moment + timedelta(minutes=1))
    context.engine.dispose()
    return result.seconds["dbt"] - without_dbt(result)


def measure(folder: Path, months: int) -> Size:
    """Full build, peer, and a build that finds nothing new."""
    context = open_home(last_months(folder / "whole", folder / f"last-{months}", months))
    lend_parsed_project_of(folder / "empty", context.paths)
    now = day_after(context)
    results: list[BuildResult] = []
    full = measured(lambda: results.append(build_at(context, now)))
    peer = without_dbt(results[0])
    again = measured(lambda: results.append(build_at(context, now + timedelta(minutes=1)))).seconds
    context.engine.dispose()
    with duckdb.connect(str(results[0].duckdb_path), read_only=True) as connection:
        files, rows = connection.sql(
            """
            select count(*), cast(sum(value) as bigint)
            from int_service_totals
            where element_code = 'procedures_count'
            """
        ).fetchall()[0]
    return Size(months, files, rows, full, results[0].seconds["dbt"], peer, again)


def measure_next(home: Path, seed: int, months: int, services: int) -> float:
    """From the files of one more month in the inboxes to the snapshot readers see."""
    context = open_home(home)
    now = drop_next_month(context, seed, months, ("F02",), services)
    started = time.perf_counter()
    taken = sweep_in_parallel(context, now, WORKERS)
    received = time.perf_counter()
    if refused := [one.file_name for one in taken.receipts if not one.outcome.startswith("accepted")]:
        raise SystemExit(f"not accepted: {refused}")
    result = build_at(context, now)
    built = time.perf_counter()
    publish(context.settings, context.paths, context.engine, build_id=result.build_id, now=now)
    published = time.perf_counter()
    context.engine.dispose()
    print(
        f"one more month: intake of {len(taken.receipts)} files {received - started:.1f} s,"
        f" build {built - received:.1f} s, publication {published - built:.1f} s"
    )
    return published - started


def measure_dossiers(home: Path, parsed: Path, seed: int, dossiers: int) -> int:
    """Aggregate a year of dossier lists; returns the peak in bytes."""
    average = max(1, round(dossiers / AGENCIES / DOSSIER_MONTHS))
    files = make_home(home, seed, DOSSIER_MONTHS, ("F08",), services=100, dossiers=average)
    context = open_home(home)
    lend_parsed_project_of(parsed, context.paths)
    results: list[BuildResult] = []
    whole = measured(lambda: results.append(build_at(context, day_after(context))))
    context.engine.dispose()
    rows, seconds = sum(file.rows for file in files), results[0].seconds["model.int_dossier_totals"]
    print(
        f"F08: {rows:,} dossiers of {len(files):,} files aggregated in {seconds:.1f} s"
        f" ({rows / seconds / 1e6:.1f} million/s), the build in {whole.seconds:.1f} s,"
        f" peak {whole.peak_bytes / 1e9:.2f} GB"
    )
    return whole.peak_bytes


def show(sizes: Sequence[Size], constant: float) -> None:
    """Print what was measured, and plot the cost against months."""
    table = Table("months", "files", "rows", "full s", "peak GB", "again s", "dbt s", "peer s", "ratio")
    for size in sizes:
        table.add_row(
            str(size.months), f"{size.files:,}", f"{size.rows:,}", f"{size.full.seconds:.1f}",
            f"{size.full.peak_bytes / 1e9:.2f}", f"{size.again:.1f}", f"{size.dbt:.1f}", f"{size.peer:.1f}",
            f"{(size.dbt - constant) / size.peer:.2f}",
        )  # fmt: skip
    console.print(table)
    longest = max(size.full.seconds for size in sizes)
    for size in sizes:
        for name, seconds in (("full", size.full.seconds), ("peer", size.peer), ("again", size.again)):
            bar = "█" * max(1, round(seconds / longest * WIDTH))
            print(f"{size.months:>5} months {name:>6} {bar} {seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
