"""Writing what must survive: files as received into the archive, accepted rows into the lake."""

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from national_kpi.disk import sync_file, sync_folder
from national_kpi.paths import Paths

_CHUNK_BYTES = 1024 * 1024


class ChangedWhileReadError(Exception):
    """The file was written to while it was copied: it is not complete yet."""


def archive_file(file: Path, paths: Paths, submission_id: str) -> tuple[str, int]:
    """Copy a file into the archive under its SHA-256. Doing it again changes nothing.

    Args:
        file: the file as received.
        paths: where the archive is.
        submission_id: names the unfinished copy.

    Returns:
        The SHA-256 in hexadecimal and the size in bytes.

    Raises:
        ChangedWhileReadError: somebody still writes to the file.
        OSError: the disk refuses.
    """
    paths.archive.mkdir(parents=True, exist_ok=True)
    unfinished = paths.archive / f".{submission_id}.part"
    digest, size = hashlib.sha256(), 0
    before = file.stat()
    with file.open("rb") as source, unfinished.open("wb") as copy:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    after = file.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        unfinished.unlink()
        raise ChangedWhileReadError(str(file))
    unfinished.chmod(0o440)
    unfinished.replace(paths.archive / digest.hexdigest())
    sync_folder(paths.archive)
    return digest.hexdigest(), size


def lake_file(paths: Paths, form_code: str, submission_id: str) -> Path:
    """Where the accepted rows of a submission lie."""
    return paths.lake / form_code / f"{submission_id}.parquet"


def write_lake(rows: pa.Table, file: Path) -> None:
    """Write rows so that a reader sees all of them or no file. Doing it again changes nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.part")
    pq.write_table(rows, unfinished, compression="zstd")
    sync_file(unfinished)
    unfinished.replace(file)
    sync_folder(file.parent)


def read_lake(file: Path, schema: pa.Schema) -> pa.Table:
    """Read rows in the present shape of their form; columns that it did not have then are empty."""
    rows = pq.read_table(file)
    columns = [
        rows[field.name] if field.name in rows.column_names else pa.nulls(rows.num_rows) for field in schema
    ]
    return pa.table(
        [column.cast(field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
