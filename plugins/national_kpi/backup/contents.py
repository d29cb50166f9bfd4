"""What a backup holds: its list of files with checksums, and how files get into it."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from national_kpi.digests import file_sha256
from national_kpi.disk import sync_file, write_whole
from national_kpi.errors import BackupError

LIST_NAME = "backup.json"
HOME_FOLDER = "home"
DATABASES_FOLDER = "databases"
_CHUNK_BYTES = 1024 * 1024


class BackedUpFile(BaseModel):
    """A file of the backup; `path` is relative to it, `modified_ns` that of the original."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    size: int
    modified_ns: int
    sha256: str


class Backup(BaseModel):
    """The list of a backup; the ledger and every file are at least as new as `begun_at`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1]
    begun_at: datetime
    version: str
    files: tuple[BackedUpFile, ...]
    links: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write the list: with it the backup is whole."""
        write_whole(folder / LIST_NAME, self.model_dump_json(indent=1).encode())


def read_backup(folder: Path) -> Backup:
    """The list of a backup.

    Raises:
        BackupError: the folder holds none, or one that was not finished.
    """
    try:
        return Backup.model_validate_json((folder / LIST_NAME).read_bytes())
    except FileNotFoundError as error:
        raise BackupError("there is no backup here, or not a whole one", where=str(folder)) from error
    except ValidationError as error:
        raise BackupError(f"the list of the backup is damaged: {error}", where=str(folder)) from error


def damage(folder: Path, backup: Backup) -> Iterator[str]:
    """What of a backup is not as it was written, file by file."""
    for entry in backup.files:
        file = folder / entry.path
        if not file.is_file():
            yield f"{entry.path} is missing"
        elif file.stat().st_size != entry.size or file_sha256(file) != entry.sha256:
            yield f"{entry.path} was changed"


def copy_into(
    folder: Path, path: str, source: Path, earlier: tuple[Path, BackedUpFile] | None
) -> BackedUpFile:
    """Copy a file into a backup; one that an earlier backup has already is shared with it.

    Args:
        folder: the backup.
        path: where in it.
        source: the original.
        earlier: an earlier backup and what it has at this path.

    Raises:
        FileNotFoundError: the original is gone.
    """
    status, target = source.stat(), folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if earlier and (earlier[1].size, earlier[1].modified_ns) == (status.st_size, status.st_mtime_ns):
        os.link(earlier[0] / path, target)
        return earlier[1]
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as original, target.open("wb") as copy:
        while chunk := original.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += copy.write(chunk)
    os.utime(target, ns=(status.st_mtime_ns, status.st_mtime_ns))
    sync_file(target)
    return BackedUpFile(path=path, size=size, modified_ns=status.st_mtime_ns, sha256=digest.hexdigest())


def entry_of(folder: Path, file: Path) -> BackedUpFile:
    """The entry of a file that was written into the backup itself."""
    status = file.stat()
    return BackedUpFile(
        path=str(file.relative_to(folder)),
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        sha256=file_sha256(file),
    )
