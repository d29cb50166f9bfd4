"""A national round through the running Airflow: 558 files, 170,000 services, dropped at once. Limit: 150 s.

Starts a platform of its own in a temporary home of simulated data and, with everything idle,

    one file  drops one ordinary report. Limit: its receipt 5 s after Airflow has queued the run of `intake`
    round     drops all the others, and waits for the last receipt and the last marked workbook; the build
              that follows is not waited for

Every outcome is compared with the manifest.

Usage: python bench/intake/national_round_airflow.py [--seed N]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.manifest import Simulated
from national_kpi.stack.airflow import Airflow
from national_kpi.stack.up import connect

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from nation import answers, check, make_round

from freshness import own_ports, wait_until_idle

LIMIT_SECONDS = 150
LIMIT_OF_ONE_SECONDS = 5
GIVE_UP_SECONDS = 900


def main() -> int:
    """Run the benchmark; exit status 1 when it takes longer than a limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    folder = Path(tempfile.mkdtemp(prefix="kpi-bench-"))
    home, waiting = folder / "home", folder / "waiting"
    prepare_home(home, folder / "real", {"seed": seed})
    entries = make_round(waiting, seed, os.cpu_count() or 1)
    os.environ |= {"KPI_HOME": str(home), **own_ports()}
    stack = [sys.executable, "-m", "national_kpi.stack"]
    try:
        subprocess.run([*stack, "up"], check=True, stdout=subprocess.DEVNULL)
        settings = Settings()
        paths = Paths.of(settings)
        airflow = connect(settings)
        ordinary = next(one for one in entries if one.form_code == "F03" and one.outcome == "accepted")
        others = [one for one in entries if one is not ordinary]
        one_file = measure_one(airflow, paths, waiting, ordinary)
        whole_round = measure_round(airflow, paths, waiting, others)
    finally:
        subprocess.run([*stack, "down"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder)
    print(
        f"limits {LIMIT_OF_ONE_SECONDS} s and {LIMIT_SECONDS} s:"
        f" {one_file / LIMIT_OF_ONE_SECONDS:.0%} and {whole_round / LIMIT_SECONDS:.0%} of them"
    )
    return int(one_file > LIMIT_OF_ONE_SECONDS or whole_round > LIMIT_SECONDS)


def measure_one(airflow: Airflow, paths: Paths, waiting: Path, entry: Simulated) -> float:
    """Drop one file into the idle platform; seconds from the run that was queued for it to its receipt."""
    wait_until_idle(airflow)
    dropped = drop(paths, waiting, [entry])
    wait_for(paths, [entry], dropped)
    (answer,) = answers(paths, dropped)
    check([entry], [answer])
    wait_until_idle(airflow)
    moment = datetime.fromtimestamp(dropped, UTC)
    run = next(run for run in reversed(airflow.runs("intake")) if run.queued_at > moment)
    seconds = answer.answered - run.queued_at.timestamp()
    print(
        f"one file: Airflow saw it after {run.queued_at.timestamp() - dropped:.1f} s,"
        f" its receipt came {seconds:.1f} s later"
    )
    return seconds


def measure_round(airflow: Airflow, paths: Paths, waiting: Path, entries: Sequence[Simulated]) -> float:
    """Drop many files at once; seconds until the last has its receipt and its marked workbook."""
    wait_until_idle(airflow)
    dropped = drop(paths, waiting, entries)
    wait_for(paths, entries, dropped)
    moment = datetime.fromtimestamp(dropped, UTC)
    while airflow.is_active("intake"):
        time.sleep(0.2)
    found = answers(paths, dropped)
    check(entries, found)
    receipt = max(one.answered for one in found) - dropped
    marked = max(one.marked for one in found if one.marked) - dropped
    runs = [run for run in airflow.runs("intake") if run.queued_at > moment]
    tasks = [task for run in runs for task in airflow.task_instances(run) if task["task_id"] == "take_in"]
    rows = sum(entry.rows for entry in entries)
    print(
        f"round: {len(entries)} files, {rows:,} rows in {len(runs)} runs and {len(tasks)} batches;"
        f" last receipt after {receipt:.1f} s, last marked workbook after {marked:.1f} s:"
        f" {len(entries) / max(receipt, marked):.1f} files/s"
    )
    return max(receipt, marked)


def drop(paths: Paths, waiting: Path, entries: Sequence[Simulated]) -> float:
    """Move files into their inboxes, each in one step; gives back the moment before."""
    moment = time.time()
    for entry in entries:
        file = paths.home / entry.file
        file.parent.mkdir(parents=True, exist_ok=True)
        source = waiting / entry.file
        os.utime(source)  # as files that have just been sent
        source.rename(file)
    return moment


def wait_for(paths: Paths, entries: Sequence[Simulated], since: float) -> None:
    """Wait until there are as many receipts.

    Raises:
        TimeoutError: there are not, after a long time.
    """
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        receipts = paths.drop.glob("*/receipts/*/receipt.json")
        count = sum(file.stat().st_mtime >= since for file in receipts)
        if count >= len(entries):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} receipts for {len(entries)} files after {GIVE_UP_SECONDS} s")
        time.sleep(0.2 if len(entries) == 1 else 1)


if __name__ == "__main__":
    sys.exit(main())
