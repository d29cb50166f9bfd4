"""Building: export what the ledger knows, run dbt on it, keep how it went."""

import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue.keep import keep_catalogue
from national_kpi.catalogue.load import load_catalogue
from national_kpi.clock import in_hanoi
from national_kpi.errors import BuildError, KpiPlatformError
from national_kpi.ledger.models import Build
from national_kpi.ledger.pending import accepted_between, published_sequence
from national_kpi.ledger.queries import decisions_count
from national_kpi.ledger.session import one_state
from national_kpi.log_fields import log_scope, tell_submission
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import Period
from national_kpi.warehouse.carry import carry_over, models_key, seal
from national_kpi.warehouse.dbt import (
    DUCKDB_FILE,
    LINES_SHOWN,
    dbt_at_hand,
    describe_failures,
    keep_parsed_project,
    lend_parsed_project,
    read_results,
)
from national_kpi.warehouse.fingerprint import fingerprint
from national_kpi.warehouse.inputs import LedgerState, newest_ids, present_reach, read_ledger, write_inputs
from national_kpi.warehouse.running import fail_abandoned, held
from national_kpi.warehouse.spark import build_on_spark

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildResult:
    """A build that passed all its tests.

    Attributes:
        build_id: its name, and its folder's, which sorts by time.
        as_of: the day it looks from.
        duckdb_path: its DuckDB file.
        input_sequence: the number of the newest decision of intake it saw.
        seconds: how long each model and test took, and the steps `inputs` and `dbt`.
    """

    build_id: str
    as_of: date
    duckdb_path: Path
    input_sequence: int
    seconds: dict[str, float]

    @cached_property
    def fingerprint(self) -> dict[str, dict[str, Any]]:
        """Rows and content hash per mart."""
        return fingerprint(self.duckdb_path)


def new_id(now: datetime) -> str:
    """A name that sorts by time: `20261122T184100-3fa9c1`."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def build(
    paths: Paths,
    engine: Engine,
    *,
    as_of: date,
    now: datetime,
    catalogue_dir: Path = CATALOGUE_DIR,
    windows: Collection[Period] = (),
    spark_master: str = "",
) -> BuildResult:
    """Compute everything readers see, from what was known by the end of a day, and test it.

    Nothing is published: readers see a build only after `publish`.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        as_of: the day to look from.
        now: the present moment; it names the build and enters no result.
        catalogue_dir: the catalogue to use; a kept one to replay an old publication.
        windows: periods to be made from shorter ones besides the usual ones; such a build answers a question
            and is never published.
        spark_master: a Spark cluster that makes the tables instead of DuckDB; empty for none.

    Raises:
        BuildError: a model or a structural test failed, or an input is missing.
        CatalogueError: the catalogue cannot be read.
    """
    started = time.monotonic()
    catalogue = load_catalogue(catalogue_dir)
    keep_catalogue(paths, catalogue)
    fail_abandoned(paths, engine, now)
    build_id = new_id(now)
    folder = paths.builds / build_id
    folder.mkdir(parents=True)
    command = ("test" if spark_master else "build", "--exclude-resource-type", "unit_test")
    with held(folder), dbt_at_hand(folder, *command) as run_dbt:
        state = _read_ledger(paths, engine, as_of, in_hanoi(now).date())
        catalogue = state.with_tasks(catalogue, as_of)
        row = Build(
            build_id=build_id,
            as_of=as_of,
            started_at=now,
            state="running",
            input_sequence=state.reach.input_sequence,
            newest_ids=dict(state.reach.newest_ids),
            compared_with=state.reach.compared_with,
            catalogue_sha256=catalogue.sha256,
        )
        with _recorded(engine, row, started, "asked" if windows else "built") as seconds:
            key = models_key(catalogue)
            carried = () if spark_master else carry_over(paths.builds, folder, key, state)
            write_inputs(folder / "inputs", catalogue, state, as_of, carried, windows)
            _tell_new(engine, build_id, state.reach.input_sequence)
            seconds["inputs"] = round(time.monotonic() - started, 3)
            seconds |= _run_models(paths, folder, run_dbt, spark_master)
            if not spark_master:
                seal(folder, key)
    return BuildResult(
        build_id=build_id,
        as_of=as_of,
        duckdb_path=folder / DUCKDB_FILE,
        input_sequence=state.reach.input_sequence,
        seconds=seconds,
    )


def build_for(
    paths: Paths, engine: Engine, *, as_of: date, now: datetime, windows: Collection[Period] = ()
) -> Path:
    """The DuckDB file of a build that looks from a day: one that knows all there is now, else a new one.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        as_of: the day to look from.
        now: the present moment.
        windows: periods to be made from shorter ones besides the usual ones; what has them is always new.

    Raises:
        BuildError: a new build was needed and failed.
        CatalogueError: the catalogue cannot be read.
    """
    if windows:
        return build(paths, engine, as_of=as_of, now=now, windows=windows).duckdb_path
    with Session(engine) as session:
        usable = session.scalars(
            select(Build)
            .where(
                Build.as_of == as_of,
                Build.state.in_(("built", "published", "overtaken")),
                Build.input_sequence == decisions_count(session),
                Build.catalogue_sha256 == load_catalogue(CATALOGUE_DIR).sha256,
            )
            .order_by(Build.build_id.desc())
        )
        present = newest_ids(session)
        files = (paths.builds / row.build_id / DUCKDB_FILE for row in usable if row.newest_ids == present)
        existing = next((file for file in files if file.is_file()), None)
    return existing or build(paths, engine, as_of=as_of, now=now).duckdb_path


def _read_ledger(paths: Paths, engine: Engine, as_of: date, today: date) -> LedgerState:
    with one_state(engine) as session:
        return read_ledger(session, paths, present_reach(session, paths, as_of, today))


def _tell_new(engine: Engine, build_id: str, input_sequence: int) -> None:
    """Log which submissions are built that readers have not seen yet."""
    with Session(engine) as session:
        new = accepted_between(session, published_sequence(session), input_sequence)
    for submission in new:
        with log_scope():
            tell_submission(submission.submission_id, submission.agency_code, submission.file_name)
            log.info("submission %s: goes into build %s", submission.submission_id, build_id)


def _run_models(
    paths: Paths, folder: Path, run_dbt: Callable[[], CompletedProcess[str]], spark_master: str
) -> dict[str, float]:
    started = time.monotonic()
    cache = paths.builds / ".dbt"
    lend_parsed_project(cache, folder)
    made = build_on_spark(folder, spark_master) if spark_master else ()
    run = run_dbt()
    results = read_results(folder)
    if run.returncode != 0:
        failures = describe_failures(folder, results) or "\n".join(run.stdout.splitlines()[-LINES_SHOWN:])
        raise BuildError(
            f"dbt did not build:\n{failures}",
            where=str(folder),
            remedy="mend the model or the catalogue and build again; readers keep the snapshot they have",
            tests_failed=sum(result.kind == "test" and result.failed for result in results),
        )
    keep_parsed_project(folder, cache)
    seconds = {f"{result.kind}.{result.name}": result.seconds for result in (*made, *results)}
    return {"dbt": round(time.monotonic() - started, 3)} | seconds


@contextmanager
def _recorded(engine: Engine, build: Build, started: float, outcome: str) -> Iterator[dict[str, float]]:
    """Write into the ledger that a build runs and how it ended, whatever ended it."""
    build_id, now = build.build_id, build.started_at
    with Session(engine) as session, session.begin():
        session.add(build)
    seconds: dict[str, float] = {}
    failure = None
    try:
        yield seconds
    except BaseException as error:
        failure = str(error) if isinstance(error, KpiPlatformError) else repr(error)
        raise
    finally:
        with Session(engine) as session, session.begin():
            row = session.get_one(Build, build_id)
            row.state = "failed" if failure else outcome
            row.failure = failure
            row.timings = dict(seconds)
            row.finished_at = now + timedelta(seconds=time.monotonic() - started)
