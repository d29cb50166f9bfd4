"""The archive of publications: what was published of each value, and what that changed, for good.

It lies outside the warehouse, `archive/publications/<publication_id>/*.parquet`, so that builds can be
deleted and publications compared, replayed and proved. A folder the ledger does not name does not exist for
readers.
"""

import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue.arrow import DECIMAL
from national_kpi.catalogue.keep import kept_catalogue
from national_kpi.disk import sync_file, sync_folder
from national_kpi.ledger.models import Build, Publication
from national_kpi.paths import Paths
from national_kpi.warehouse.dbt import DUCKDB_FILE
from national_kpi.warehouse.sql import quoted

RESTATEMENTS_FILE = "restatements.parquet"
HISTORY_FILE = "detected_findings.parquet"
"""What a build knew of the findings of models; the ledger keeps only how they stand now."""
NEW_RESTATEMENTS = "select * from fct_restatement where publication_id is null"
EARLIER_RESTATEMENTS = 500_000
"""A build is handed the changes of the newest publications, whole, up to about as many rows."""

_KEY = (
    pa.field("agency_id", pa.string()),
    pa.field("kpi_code", pa.string()),
    pa.field("period_code", pa.string()),
    pa.field("period_start", pa.date32()),
    pa.field("period_end", pa.date32()),
    pa.field("period_known", pa.bool_()),
    pa.field("basis", pa.string()),
)
_STATED = (
    pa.field("source", pa.string()),
    pa.field("value", DECIMAL),
    pa.field("value_low", DECIMAL),
    pa.field("value_high", DECIMAL),
    pa.field("bound", pa.string()),
    pa.field("numerator", DECIMAL),
    pa.field("denominator", DECIMAL),
    pa.field("no_value_reason", pa.string()),
    pa.field("status", pa.string()),
    pa.field("target_id", pa.string()),
    pa.field("target_value", DECIMAL),
    pa.field("rank", pa.int64()),
    pa.field("formula_version", pa.string()),
    pa.field("submission_id", pa.string()),
)
VALUES = pa.schema([*_KEY, *_STATED])
"""What was published of one value: a headline value or its absence, with status, primary target and rank.

`value_low` and `value_high` are empty where the value is exact.
"""


def _before_and_after(name: str, kind: pa.DataType, ending: str = "") -> tuple[pa.Field, pa.Field]:
    return pa.field(f"{name}_before{ending}", kind), pa.field(f"{name}_after{ending}", kind)


RESTATEMENTS = pa.schema(
    [
        pa.field("publication_id", pa.string()),
        pa.field("previous_publication_id", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("previous_as_of", pa.date32()),
        *_KEY,
        pa.field("change_kind", pa.string()),
        *_before_and_after("value", DECIMAL),
        *_before_and_after("value_text", pa.string(), "_vi"),
        *_before_and_after("numerator", DECIMAL),
        *_before_and_after("denominator", DECIMAL),
        *_before_and_after("status", pa.string()),
        *_before_and_after("target_id", pa.string()),
        *_before_and_after("target_value", DECIMAL),
        *_before_and_after("rank", pa.int64()),
        *_before_and_after("submission_id", pa.string()),
        pa.field("cause", pa.string()),
        pa.field("submission_id", pa.string()),
        pa.field("submissions_count", pa.int64()),
        pa.field("catalogue_change_vi", pa.string()),
    ]
)
"""A value, status or rank that a publication changed. See the mart `fct_restatement`."""


@dataclass(frozen=True)
class Published:
    """A publication that another is compared with.

    Attributes:
        input_sequence: the newest decision of intake it knew.
        catalogue: the folder of the catalogue it used.
        values: the archived files that hold what it said.
        restatements: archived files with the changes it and those before it made, newest first.
    """

    publication_id: str
    as_of: date
    input_sequence: int
    catalogue_sha256: str
    catalogue: Path
    values: tuple[Path, ...]
    restatements: tuple[Path, ...]


def archive_folder(paths: Paths, publication_id: str) -> Path:
    """Where a publication is kept."""
    return paths.archive / "publications" / publication_id


def archive_publication(paths: Paths, build: Path, publication_id: str, previous_id: str | None) -> Path:
    """Keep what a build says of each value. Call it before the publication is committed.

    There is a file a year, named after what it holds, so that a year in which nothing has changed is the file
    of the publication before.

    Args:
        paths: the platform's folders.
        build: the build's folder.
        publication_id: the publication made from it.
        previous_id: the publication it was compared with.

    Raises:
        OSError: the disk refuses.
    """
    folder = archive_folder(paths, publication_id)
    previous = archive_folder(paths, previous_id) if previous_id else None
    unfinished = folder.with_name(f".{publication_id}")
    unfinished.mkdir(parents=True)
    try:
        with duckdb.connect(str(build / DUCKDB_FILE), read_only=True) as connection:
            _write_values(connection, unfinished, previous)
            _write_restatements(connection, unfinished, publication_id)
        _keep_history(build / "inputs" / HISTORY_FILE, unfinished, previous)
        for file in unfinished.iterdir():
            sync_file(file)
        sync_folder(unfinished)
        unfinished.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return folder


def _write_values(connection: duckdb.DuckDBPyConnection, folder: Path, previous: Path | None) -> None:
    columns = ", ".join(VALUES.names)
    years = connection.execute(
        f"""
        select year(period_end), count(*), sum(line), bit_xor(line)
        from (select period_end, hash({columns}) as line from int_publication_values)
        group by all
        order by all
        """  # noqa: S608 - names of ours
    ).fetchall()
    for year, *content in years:
        digest = hashlib.sha256(f"{duckdb.__version__} {columns} {content}".encode()).hexdigest()[:16]
        name = f"values-{year}-{digest}.parquet"
        if previous and (previous / name).is_file():
            os.link(previous / name, folder / name)
        else:
            rows = f"select {columns} from int_publication_values where year(period_end) = {year}"  # noqa: S608
            _copy(connection, f"{rows} order by kpi_code, basis, period_code, agency_id", folder / name)


def _keep_history(history: Path, folder: Path, previous: Path | None) -> None:
    if previous and _is_same(history, previous / HISTORY_FILE):
        os.link(previous / HISTORY_FILE, folder / HISTORY_FILE)
    else:
        shutil.copyfile(history, folder / HISTORY_FILE)


def _write_restatements(connection: duckdb.DuckDBPyConnection, folder: Path, publication_id: str) -> None:
    if connection.execute(f"{NEW_RESTATEMENTS} limit 1").fetchone():
        _copy(
            connection,
            f"""
            select {", ".join(RESTATEMENTS.names)}
            from (select * replace ('{publication_id}' as publication_id) from ({NEW_RESTATEMENTS}))
            order by kpi_code, basis, period_code, agency_id
            """,  # noqa: S608 - names of ours
            folder / RESTATEMENTS_FILE,
        )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"copy ({query}) to {quoted(file)} (format parquet, compression zstd)")


def _is_same(file: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(file, other, shallow=False)


def newest_before(session: Session, paths: Paths, as_of: date | None) -> str | None:
    """The newest archived publication, or the newest that looks from before a day.

    Args:
        session: a transaction on the ledger.
        paths: the platform's folders.
        as_of: the day; None for the newest of all.
    """
    chosen = select(Publication.publication_id).order_by(Publication.publication_id.desc())
    if as_of is not None:
        chosen = chosen.where(Publication.as_of < as_of)
    archived = (one for one in session.scalars(chosen) if archive_folder(paths, one).is_dir())
    return next(archived, None)


def read_published(session: Session, paths: Paths, publication_id: str) -> Published:
    """What is known of an archived publication."""
    publication = session.get_one(Publication, publication_id)
    build = session.get_one(Build, publication.build_id)
    return Published(
        publication_id=publication_id,
        as_of=publication.as_of,
        input_sequence=build.input_sequence,
        catalogue_sha256=publication.catalogue_sha256,
        catalogue=kept_catalogue(paths, publication.catalogue_sha256),
        values=tuple(sorted(archive_folder(paths, publication_id).glob("values-*.parquet"))),
        restatements=tuple(_earlier_restatements(session, paths, publication_id)),
    )


def _earlier_restatements(session: Session, paths: Paths, publication_id: str) -> Iterator[Path]:
    """Of this publication, the one it was compared with, and so on: as many whole files as are wanted."""
    chain = select(Publication.publication_id, Build.compared_with).join(Build)
    compared_with = {row.publication_id: row.compared_with for row in session.execute(chain)}
    rows = 0
    one: str | None = publication_id
    while one and rows < EARLIER_RESTATEMENTS:
        file = archive_folder(paths, one) / RESTATEMENTS_FILE
        if file.is_file():
            rows += pq.read_metadata(file).num_rows
            yield file
        one = compared_with.get(one)
