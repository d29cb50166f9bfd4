"""Running dbt: one process, with a build's folder as its working folder."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.paths import DBT_PROJECT_DIR

DUCKDB_FILE = "kpi.duckdb"
PARSED_PROJECT = "partial_parse.msgpack"
ROWS_SHOWN = 5
LINES_SHOWN = 15

# It ends by itself when whoever started it is gone. It lives too short to look for cycles among its many
# objects: looking takes a twentieth of a small build.
_WAITING = (
    "import gc, sys; gc.disable(); from dbt.cli.main import cli; "
    'sys.stdin.readline() and cli(prog_name="dbt")'
)


@dataclass(frozen=True)
class NodeResult:
    """What became of one model or test.

    `message` is dbt's; `sql` is what ran, null for a node that was skipped.
    """

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    sql: str | None

    @property
    def failed(self) -> bool:
        """Whether it stops a publication."""
        return self.status in ("error", "fail", "runtime error")


@contextmanager
def dbt_at_hand(
    folder: Path, command: str, *options: str
) -> Iterator[Callable[[], subprocess.CompletedProcess[str]]]:
    """A dbt process that gets ready, which takes it seconds, while its inputs are still being written.

    Args:
        folder: the working folder; the target and the DuckDB file go there.
        command: `build`, `test`, `docs`, …
        options: what follows the command.

    Yields:
        What lets it run once `inputs/` is there, and waits for it. Its output is kept as `dbt-<command>.log`.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _WAITING, *dbt_arguments(folder, command, *options)],
        cwd=folder,
        env=os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def run() -> subprocess.CompletedProcess[str]:
        said, _ = process.communicate("begin\n")
        (folder / f"dbt-{command}.log").write_text(said, encoding="utf-8")
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    with process:
        try:
            yield run
        finally:
            process.kill()


def run_dbt(folder: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run one dbt command in a folder that holds `inputs/`, as `dbt_at_hand` does."""
    with dbt_at_hand(folder, command, *options) as run:
        return run()


def dbt_arguments(folder: Path, command: str, *options: str) -> list[str]:
    """What dbt is told on its command line.

    Args:
        folder: the target goes there.
        command: `build`, `test`, `docs`, …
        options: what follows the command.
    """
    return [
        command, *options,
        "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        "--log-level-file", "none",  # a tenth of the time of a small build; `dbt-<command>.log` tells enough
        "--no-use-colors", "--no-version-check",
    ]  # fmt: skip


def lend_parsed_project(cache: Path, folder: Path) -> None:
    """Give dbt the project as an earlier build parsed it, if no file of the project has changed since.

    dbt would read only what has changed, but takes a description that moved from one file to another for two.
    """
    (folder / "target").mkdir(parents=True, exist_ok=True)
    if (parsed := cache / _parsed_name()).is_file():
        shutil.copyfile(parsed, folder / "target" / PARSED_PROJECT)


def keep_parsed_project(folder: Path, cache: Path) -> None:
    """Keep the parsed project for the next build; two builds at once leave the last whole one."""
    cache.mkdir(parents=True, exist_ok=True)
    if (parsed := folder / "target" / PARSED_PROJECT).is_file():
        own_copy = cache / f"{folder.name}.tmp"
        shutil.copyfile(parsed, own_copy)
        own_copy.replace(cache / _parsed_name())
    for older in cache.glob("*.msgpack"):
        if older.name != _parsed_name():
            older.unlink(missing_ok=True)


def _parsed_name() -> str:
    """A name for the parsed project that changes with the files it was parsed from."""
    digest = hashlib.sha256()
    for file in sorted(DBT_PROJECT_DIR.rglob("*")):
        if file.suffix in (".sql", ".yml", ".md") and file.relative_to(DBT_PROJECT_DIR).parts[0] != "target":
            digest.update(f"\n{file.relative_to(DBT_PROJECT_DIR)}\n".encode() + file.read_bytes())
    return f"{digest.hexdigest()[:16]}.msgpack"


def read_results(folder: Path) -> tuple[NodeResult, ...]:
    """The outcome of every model and test; empty when dbt ended before it ran any."""
    path = folder / "target" / "run_results.json"
    if not path.is_file():
        return ()
    results: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["results"]
    return tuple(
        NodeResult(
            name=result["unique_id"].split(".")[2],
            kind=result["unique_id"].split(".")[0],
            status=result["status"],
            seconds=round(result["execution_time"], 3),
            message=(result["message"] or "").strip(),
            sql=result["compiled_code"] if result["compiled"] else None,
        )
        for result in results
    )


def describe_failures(folder: Path, results: Sequence[NodeResult]) -> str:
    """What failed, in one text: each model with its error, each test with the first rows it found."""
    lines = []
    for result in results:
        if result.failed:
            lines.append(f"{result.kind} {result.name}: {result.message}")
            lines.extend(_failing_rows(folder / DUCKDB_FILE, result))
    return "\n".join(lines)


def _failing_rows(database: Path, result: NodeResult) -> list[str]:
    if result.kind != "test" or result.status != "fail" or result.sql is None:
        return []
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.sql(result.sql).limit(ROWS_SHOWN)
        return [f"    {dict(zip(rows.columns, row, strict=True))}" for row in rows.fetchall()]
