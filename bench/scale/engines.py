"""Where to change over: builds by DuckDB beside the same by a Spark cluster, for growing numbers of rows.

Both build every mart anew from one lake of form F02, and must come to the same fingerprints. Master and
workers run on this machine, each worker with one processor, so that both have the same hardware. A straight
line is laid through either's seconds: what a build takes whatever the rows, and what a million rows add. From
these follows from how many rows on a cluster of more processors would be the faster one, as far as its work
can be shared out.

Usage: python bench/scale/engines.py [--months N …] [--services N] [--workers N] [--memory MB] [--seed N]
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import linear_regression

from rich.console import Console
from rich.table import Table

from national_kpi.warehouse.build import build
from national_kpi.warehouse.spark_cluster import spark_cluster

sys.path.insert(0, str(Path(__file__).parents[1] / "intake"))
sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from homes import day_after, last_months, make_home, months_until_the_last, open_home
from measure import Measured, measured

MILLION = 1_000_000
TIMES_THE_PROCESSORS = (1, 2, 4, 8, 16, 32, 64)
console = Console(width=120)


@dataclass(frozen=True)
class Size:
    """What full builds of so many rows took on one machine and on the cluster."""

    months: int
    rows: int
    duckdb: Measured
    spark: float


@dataclass(frozen=True)
class Cost:
    """Seconds of a build: what it takes in any case, and for each million rows."""

    fixed: float
    per_million: float

    @classmethod
    def of(cls, rows: Sequence[int], seconds: Sequence[float]) -> "Cost":
        """The straight line that fits best."""
        slope, intercept = linear_regression([count / MILLION for count in rows], seconds)
        return cls(intercept, slope)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--months", type=int, nargs="+", default=[3, 12, 36])
    parser.add_argument("--services", type=int, default=2000, help="services of an agency, on average")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of one processor each")
    parser.add_argument("--memory", type=int, default=2048, help="MB of each worker")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if len(set(options.months)) < 2:
        parser.error("a line takes two sizes at least")
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as name:
        folder, counts = Path(name), sorted(set(options.months))
        files = make_home(folder / "whole", options.seed, counts[-1], ("F02",), options.services, 0)
        kept = {count: {month.code for month in months_until_the_last(count)} for count in counts}
        rows = {
            count: sum(file.rows for file in files if file.submission["period_code"] in kept[count])
            for count in counts
        }
        partitions = {"spark.sql.shuffle.partitions": str(2 * options.workers)}
        with spark_cluster(
            folder / "cluster", workers=options.workers, memory_mb=options.memory, settings=partitions
        ) as master:
            sizes = [measure(folder, count, rows[count], master) for count in counts]
    show(sizes)
    say_where(sizes, options.workers)


def measure(folder: Path, months: int, rows: int, master: str) -> Size:
    """One build by each, of the same lake and to the same result."""
    context = open_home(last_months(folder / "whole", folder / f"last-{months}", months))
    now = day_after(context)
    results = []

    def build_by(spark_master: str) -> None:
        results.append(
            build(
                context.paths, context.engine, as_of=now.date(),
                now=now + timedelta(minutes=len(results)), spark_master=spark_master,
            )
        )  # fmt: skip

    build_by("")  # leaves the project parsed, as it is on a platform that has built before
    shutil.rmtree(results[0].duckdb_path.parent)  # and nothing to take over
    one_machine = measured(lambda: build_by(""))
    started = time.perf_counter()
    build_by(master)
    seconds = time.perf_counter() - started
    context.engine.dispose()
    if results[1].fingerprint != results[2].fingerprint:
        raise SystemExit(f"{months} months: the cluster's marts are not DuckDB's")
    print(f"{months} months: DuckDB {one_machine.seconds:.1f} s, cluster {seconds:.1f} s", flush=True)
    return Size(months, rows, one_machine, seconds)


def show(sizes: Sequence[Size]) -> None:
    """Print what was measured."""
    table = Table("months", "rows", "DuckDB s", "peak GB", "cluster s", "cluster ÷ DuckDB")
    for size in sizes:
        table.add_row(
            str(size.months), f"{size.rows:,}", f"{size.duckdb.seconds:.1f}",
            f"{size.duckdb.peak_bytes / 1e9:.2f}", f"{size.spark:.1f}",
            f"{size.spark / size.duckdb.seconds:.1f}",
        )  # fmt: skip
    console.print(table)


def say_where(sizes: Sequence[Size], workers: int) -> None:
    """Print the two lines, and where they cross for clusters of more processors."""
    rows = [size.rows for size in sizes]
    one = Cost.of(rows, [size.duckdb.seconds for size in sizes])
    many = Cost.of(rows, [size.spark for size in sizes])
    print(f"DuckDB  {one.fixed:6.1f} s and {one.per_million:.2f} s for each million rows")
    print(f"cluster {many.fixed:6.1f} s and {many.per_million:.2f} s for each million rows")
    table = Table("processors of the cluster", "faster than this machine from", "measured or expected")
    for times in TIMES_THE_PROCESSORS:
        gained = one.per_million - many.per_million / times
        where = (many.fixed - one.fixed) / gained * MILLION if gained > 0 else None
        table.add_row(
            str(workers * times),
            f"{max(where, 0):,.0f} rows" if where is not None else "no number of rows",
            f"measured up to {rows[-1]:,} rows" if times == 1 else "expected, by these lines",
        )
    console.print(table)


if __name__ == "__main__":
    main()
