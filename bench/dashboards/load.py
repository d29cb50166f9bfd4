"""Ten readers on the national overview, with ten years of every agency's services behind it.

    cached      every chart of the dashboard, asked again and again by every reader
    uncached    the same, each answer computed anew
    DuckDB      the SQL of the same charts in DuckDB alone, with as many readers: the peer
    publishing  twenty publications while all read: no error, no answer from two of them (torn), none from one
                that had been replaced before it was asked for (stale)
    page        the dashboard in a browser, warm, until its last chart is drawn: at most 3 s

Usage: python bench/dashboards/load.py [--months N] [--services N] [--readers N] [--seconds N] [--seed N]
"""

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import duckdb
from rich.console import Console
from rich.table import Table

from national_kpi.clock import now
from national_kpi.dashboards import import_dashboards, serving
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
sys.path.insert(0, str(Path(__file__).parent))
from homes import make_home, open_home
from reader import Question, Reader, log_in, opened_in_browser, questions_of, rankings

DASHBOARD = "tong-quan-quoc-gia"
PUBLICATIONS, PAGE_SECONDS = 20, 3.0
MARK = "scope_note_vi"
console = Console(width=110)


@dataclass
class Answers:
    """How long answers took, in seconds, and what was wrong with any."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return 1000 * quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def main() -> int:
    """Run the benchmark; exit status 1 when an answer is wrong or the page takes too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--services", type=int, default=2000, help="services of an agency, on average")
    parser.add_argument("--readers", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=30, help="how long each measurement lasts")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as name:
        settings = published_home(Path(name) / "home", options.seed, options.months, options.services)
        paths = Paths.of(settings)
        with serving(settings) as address:
            readers = [log_in(address, paths) for _ in range(options.readers)]
            questions = questions_of(readers[0], DASHBOARD)
            for question in questions:
                readers[0].ask(question, force=True)
            cached = read(readers, questions, options.seconds, force=False)
            uncached = read(readers, questions, options.seconds, force=True)
            peer = read_alone(
                paths, [readers[0].sql(one) for one in questions], options.readers, options.seconds
            )
            wrong = publish_under_load(paths, readers, questions)
            page = opened_in_browser(address, paths, DASHBOARD, len(questions))
    show(cached, uncached, peer)
    print(f"{PUBLICATIONS} publications under load: {len(wrong)} wrong answers")
    print("\n".join(wrong[:5]))
    print(f"warm dashboard complete after {page:.2f} s (limit {PAGE_SECONDS:.0f})")
    return int(bool(wrong or cached.errors or uncached.errors) or page > PAGE_SECONDS)


def published_home(home: Path, seed: int, months: int, services: int) -> Settings:
    """A simulated nation's lake, built, published and shown."""
    files = make_home(home, seed, months, ("F02",), services, 0)
    print(f"{sum(file.rows for file in files):,} rows of form F02 in {len(files):,} files")
    context = open_home(home)
    build(context.paths, context.engine, as_of=now().date(), now=now())
    publish(context.settings, context.paths, context.engine, now=now())
    context.engine.dispose()
    import_dashboards(context.paths)
    return context.settings


def repeat(clients: int, seconds: float, once: Callable[[int, int], object]) -> Answers:
    """Let clients do something again and again; a failure of one stops none.

    Args:
        clients: how many, each in a thread.
        seconds: for how long.
        once: gets the client's number and the number of its turn.
    """
    answers, deadline = Answers(), time.monotonic() + seconds

    def client(number: int) -> None:
        turn = number  # each begins with another chart
        while time.monotonic() < deadline:
            started = time.perf_counter()
            try:
                once(number, turn)
            except Exception as error:
                answers.errors.append(repr(error))
            answers.seconds.append(time.perf_counter() - started)
            turn += 1

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return answers


def read(readers: Sequence[Reader], questions: Sequence[Question], seconds: float, *, force: bool) -> Answers:
    """All readers ask for chart after chart."""
    return repeat(
        len(readers),
        seconds,
        lambda number, turn: readers[number].ask(questions[turn % len(questions)], force=force),
    )


def read_alone(paths: Paths, statements: Sequence[str], clients: int, seconds: float) -> Answers:
    """As many clients, each with a connection of its own, and no Superset between."""
    config = {"threads": 2, "memory_limit": "1GB"}
    file = str(paths.current_snapshot.resolve())
    connections = [duckdb.connect(file, read_only=True, config=config).cursor() for _ in range(clients)]
    return repeat(
        clients,
        seconds,
        lambda number, turn: (
            connections[number].execute(statements[turn % len(statements)]).fetchall() and None
        ),
    )


def publish_under_load(paths: Paths, readers: Sequence[Reader], questions: Sequence[Question]) -> list[str]:
    """Publish again and again while all read; returns what was wrong with their answers."""
    ranking = rankings(readers[0], MARK)
    shown, wrong, done = [0], [], threading.Event()
    publish_marked(paths, 0)

    def watch(number: int, turn: int) -> None:
        if turn % 3:
            readers[number].ask(questions[turn % len(questions)], force=False)
            return
        before = shown[-1]
        told = {int(row[MARK]) for row in readers[number].ask(ranking, force=False)}
        if len(told) != 1:
            wrong.append(f"torn: rows of publications {sorted(told)}")
        elif not before <= min(told) <= shown[-1] + 1:
            wrong.append(f"stale: publication {told} while {before} to {shown[-1]} were in force")

    def keep_publishing() -> None:
        for number in range(1, PUBLICATIONS + 1):
            publish_marked(paths, number)
            shown.append(number)
            time.sleep(1)
        done.set()

    publisher = threading.Thread(target=keep_publishing)
    publisher.start()
    errors: list[str] = []
    while not done.is_set():
        errors += repeat(len(readers), 2, watch).errors
    publisher.join()
    return [*wrong, *(f"error: {error}" for error in errors)]


def publish_marked(paths: Paths, number: int) -> None:
    """Publish the current snapshot once more, with a number in every row of the rankings."""
    folder = paths.published / f"marked-{number}"
    shutil.copytree(paths.current_snapshot.resolve().parent, folder)
    with duckdb.connect(str(folder / paths.current_snapshot.name)) as snapshot:
        snapshot.execute(f"update fct_kpi_rank set {MARK} = ?", [str(number)])
    link = paths.published / "current.next"
    link.symlink_to(folder.name)
    link.replace(paths.published / "current")


def show(cached: Answers, uncached: Answers, peer: Answers) -> None:
    """The percentiles side by side."""
    table = Table("", "answers", "errors", "p50 ms", "p95 ms", "p95 ÷ DuckDB's")
    for name, answers in (("cached", cached), ("uncached", uncached), ("DuckDB alone", peer)):
        table.add_row(
            name,
            f"{len(answers.seconds):,}",
            str(len(answers.errors)),
            f"{answers.percentile(50):,.0f}",
            f"{answers.percentile(95):,.0f}",
            f"{answers.percentile(95) / peer.percentile(95):.2f}",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
