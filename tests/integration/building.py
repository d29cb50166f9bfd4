"""Help for tests that build: taking in the samples, and rows put into the lake by hand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.clock import in_hanoi
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import take_in
from national_kpi.lake import lake_schema
from national_kpi.ledger.models import Submission
from national_kpi.ledger.queries import decisions_count
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, SAMPLES_DIR, Paths
from national_kpi.periods import parse_period
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.sources import pull_source
from national_kpi.sources.sample_server import sample_source

PARSED = PROJECT_ROOT / ".pytest_cache" / "dbt"


def share_parsed_project(paths: Paths) -> None:
    """Let all homes have the dbt project parsed once: a home keeps it beside its builds, for as long as no
    file of the project changes."""
    PARSED.mkdir(parents=True, exist_ok=True)
    paths.builds.mkdir(parents=True, exist_ok=True)
    if not (paths.builds / ".dbt").exists():
        (paths.builds / ".dbt").symlink_to(PARSED)


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first test process to need it makes; the others copy from it.

    Args:
        temporary: gives the folder of this run of the tests.
        name: the folder's name.
        make: fills the folder, which is not there yet.
    """
    base = temporary.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    is_made = folder.with_suffix(".made")
    with FileLock(folder.with_suffix(".lock")):
        if not is_made.exists():
            make(folder)
            is_made.touch()
    return folder


def new_platform(home: Path) -> IntakeContext:
    """An empty platform home with a migrated ledger."""
    settings = Settings(_env_file=None, home=home, ledger_url="")
    paths = Paths.of(settings)
    share_parsed_project(paths)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    return IntakeContext(settings, paths, load_catalogue(CATALOGUE_DIR), engine)


def drop(context: IntakeContext, file: Path, agency_code: str, now: datetime) -> str:
    """Put a copy of a file into an inbox and take it in; returns the outcome."""
    inbox = context.paths.inbox(agency_code)
    inbox.mkdir(parents=True, exist_ok=True)
    taken = take_in(context, Path(shutil.copy(file, inbox)), now)
    assert taken is not None
    return taken.outcome


def take_in_samples(context: IntakeContext, now: datetime) -> None:
    """Take in every sample file, and what the sample HTTP source serves."""
    for file in sorted(SAMPLES_DIR.glob("[GH]*/*")):
        assert drop(context, file, file.parent.name, now).startswith("accepted"), file
    with sample_source(SAMPLES_DIR / "http", "kpi_road_transport"):
        pulled = pull_source(context, "road_transport_public_services", now)
    for file in pulled.files:
        taken = take_in(context, file, now)
        assert taken is not None and taken.outcome.startswith("accepted")


def put_into_lake(
    paths: Paths,
    engine: Engine,
    catalogue: Catalogue,
    submission_id: str,
    *,
    form_code: str,
    reported_by: str,
    period_code: str,
    now: datetime,
    rows: Sequence[Mapping[str, Any]],
    revision: int = 1,
) -> None:
    """Store rows as intake would: a lake file, then the ledger's word that it was accepted."""
    period, day = parse_period(period_code), in_hanoi(now).date()
    envelope = {
        "submission_id": submission_id,
        "sheet": "Sheet1",
        "agency_id": reported_by,
        "reported_by": reported_by,
        "period_code": period.code,
        "period_start": period.start,
        "period_end": period.end,
        "period_known": period.known,
        "known_from": day,
    }
    file = paths.lake / form_code / f"{submission_id}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    filled = [{**envelope, "row_number": number, **row} for number, row in enumerate(rows, start=5)]
    pq.write_table(pa.Table.from_pylist(filled, schema=lake_schema(catalogue, form_code)), file)
    with Session(engine) as session, session.begin():
        session.add(
            Submission(
                submission_id=submission_id,
                agency_code=reported_by.partition("@")[0],
                agency_id=reported_by,
                file_name=f"{submission_id}.xlsx",
                sha256=submission_id,
                size_bytes=1,
                received_at=now,
                origin="drop",
                state="decided",
                decision_number=decisions_count(session) + 1,
                outcome="accepted",
                form_code=form_code,
                reported_by=reported_by,
                period_code=period.code,
                known_from=day,
                revision=revision,
                lake_path=str(file.relative_to(paths.home)),
            )
        )


def select(database: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query on a build or a snapshot."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


def select_one(database: Path, query: str) -> dict[str, Any]:
    """The only row of a query."""
    (row,) = select(database, query)
    return row


def kpi(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the `kpi` command on a platform home."""
    return subprocess.run(
        [sys.executable, "-c", "from national_kpi.cli import main; main()", *arguments],
        env=os.environ | {"KPI_HOME": str(home), "KPI_LEDGER_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
