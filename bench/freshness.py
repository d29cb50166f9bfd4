"""How long after a file is complete in the drop folder do readers see it? Limit: 60 s on two cores.

Starts a platform of its own in a temporary home, drops a corrected file a few times with everything idle, and
prints where the time went. Parts, which add up to the total:

    event    file complete in the inbox → Airflow has queued a run of `intake`
    intake   its tasks at work: finding, reading, checking, deciding, announcing
    dbt      the task `build` at work: export of the inputs, dbt's models and tests
    publish  the task `publish` at work, until the link to the snapshot is swapped
    queue    all the rest: tasks waiting to be scheduled and started

Usage: python bench/freshness.py [--times N]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from national_kpi.loopback import free_ports
from national_kpi.paths import SAMPLES_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.stack.airflow import Airflow
from national_kpi.stack.up import connect

LIMIT_SECONDS = 60
GIVE_UP_SECONDS = 300
PORTS = ("KPI_AIRFLOW_PORT", "KPI_SUPERSET_PORT", "KPI_SOURCE_PORT")
INTAKE_TASKS = ("find_files", "take_in", "announce")
PARTS = ("event", "intake", "dbt", "publish", "queue", "total")


def main() -> int:
    """Run the benchmark; exit status 1 when a run takes longer than the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5, help="how many files, one after the other")
    times = parser.parse_args().times
    home = Path(tempfile.mkdtemp(prefix="kpi-bench-"))
    os.environ |= {"KPI_HOME": str(home), **own_ports()}
    stack = [sys.executable, "-m", "national_kpi.stack"]
    try:
        subprocess.run([*stack, "up"], check=True, stdout=subprocess.DEVNULL)
        measured = [measure(Settings(), number) for number in range(1, times + 1)]
    finally:
        subprocess.run([*stack, "down"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(home)
    slowest = max(row["total"] for row in measured)
    print_table(measured)
    print(f"slowest {slowest:.1f} s, limit {LIMIT_SECONDS} s: {slowest / LIMIT_SECONDS:.0%} of it")
    return int(slowest > LIMIT_SECONDS)


def own_ports() -> dict[str, str]:
    """Settings that give a platform ports nobody listens on."""
    return dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))


def measure(settings: Settings, number: int) -> dict[str, float]:
    """Drop one file into an idle platform and follow it to the readers."""
    paths = Paths.of(settings)
    airflow = connect(settings)
    wait_until_idle(airflow)
    link = paths.published / "current"
    before = link.readlink()
    sample = SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv"
    partial = paths.inbox("G06") / ".measured.part"
    partial.write_text(f"{sample.read_text('utf-8')}\n,{number}\n", encoding="utf-8")
    partial.rename(paths.inbox("G06") / f"F07-measured-{number}.csv")
    dropped = datetime.now(UTC)
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while link.readlink() == before:
        if time.monotonic() > deadline:
            raise TimeoutError(f"file {number} was not published within {GIVE_UP_SECONDS} s")
        time.sleep(0.05)
    published = datetime.fromtimestamp(link.lstat().st_mtime, UTC)
    wait_until_idle(airflow)
    took_in, built = (
        next(run for run in reversed(airflow.runs(dag_id)) if run.queued_at > dropped)
        for dag_id in ("intake", "build")
    )
    tasks = {task["task_id"]: task for run in (took_in, built) for task in airflow.task_instances(run)}
    parts = {
        "event": (took_in.queued_at - dropped).total_seconds(),
        "intake": sum(seconds_of(tasks[name]) for name in INTAKE_TASKS),
        "dbt": seconds_of(tasks["build"]),
        "publish": (published - moment(tasks["publish"]["start_date"])).total_seconds(),
    }
    total = (published - dropped).total_seconds()
    return {**parts, "queue": total - sum(parts.values()), "total": total}


def wait_until_idle(airflow: Airflow) -> None:
    """Wait until no run is under way."""
    while airflow.is_active("intake") or airflow.is_active("build"):
        time.sleep(0.5)


def seconds_of(task: dict[str, Any]) -> float:
    """How long a task was at work."""
    return (moment(task["end_date"]) - moment(task["start_date"])).total_seconds()


def moment(text: str) -> datetime:
    """A time as Airflow's REST API writes it."""
    return datetime.fromisoformat(text)


def print_table(measured: list[dict[str, float]]) -> None:
    """Print every run and their median, in seconds."""
    table = Table("file", *PARTS, title="From the drop folder to the readers, in seconds")
    for number, row in enumerate(measured, start=1):
        table.add_row(str(number), *(f"{row[part]:.1f}" for part in PARTS))
    medians = (statistics.median(row[part] for row in measured) for part in PARTS)
    table.add_row("median", *(f"{value:.1f}" for value in medians))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
