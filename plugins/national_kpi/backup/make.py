"""Making a backup while the platform runs.

The order is what makes it consistent. What leads to the ledger is copied before it: inboxes, files that are
being taken in, receipts. What the ledger names is there before the ledger names it, and is copied after it:
archive, lake, snapshots. So whatever the copied ledger speaks of is in the backup; what is newer, it does not
know.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from national_kpi.backup.contents import (
    DATABASES_FOLDER,
    HOME_FOLDER,
    LIST_NAME,
    BackedUpFile,
    Backup,
    copy_into,
    entry_of,
    read_backup,
)
from national_kpi.backup.databases import databases, dump
from national_kpi.errors import BackupError
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.publish import publishing_lock

BEFORE = ("SIMULATED.json", "contacts.csv", "drop", "sftp-keys")
WITH = ("published", "builds")
AFTER = ("archive", "lake", "open-data", "notices", "briefs", "letters")
SECRETS = "secrets"


@dataclass(frozen=True)
class Made:
    """A finished backup; `shared` counts the files it has in common with the one before."""

    folder: Path
    files: int
    shared: int
    size_bytes: int


def make_backup(settings: Settings, paths: Paths, into: Path, now: datetime, *, with_secrets: bool) -> Made:
    """Copy all that cannot be made again into a new folder.

    Args:
        settings: where the ledger is.
        paths: the home.
        into: where backups lie; the new one is named after the moment.
        now: the moment.
        with_secrets: whether keys and passwords are copied too.

    Raises:
        BackupError: a database cannot be read, or the folder cannot be written.
    """
    folder, unfinished = into / f"{now:%Y%m%dT%H%M%S}", into / f".{now:%Y%m%dT%H%M%S}.part"
    try:
        if folder.exists():
            raise BackupError("there is a backup of this moment already", where=str(folder))
        unfinished.mkdir(parents=True)
        unfinished.chmod(0o700)
        copier = _Copier(paths.home, unfinished, _newest_before(into))
        copier.copy((*BEFORE, *((SECRETS,) if with_secrets else ())))
        (unfinished / DATABASES_FOLDER).mkdir()
        with publishing_lock(paths):  # no snapshot comes or goes between ledger and snapshots
            dumps = [dump(one, unfinished / DATABASES_FOLDER) for one in databases(settings, paths)]
            copier.copy(WITH)
        copier.copy(AFTER)
        entries = [*copier.entries, *(entry_of(unfinished, file) for file in dumps if file)]
        Backup(
            format=1,
            begun_at=now,
            version=version("national-kpi"),
            files=tuple(entries),
            links=copier.links,
        ).write(unfinished)
        unfinished.rename(folder)
    except OSError as error:
        raise BackupError(f"the backup cannot be written: {error}", where=str(into)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Made(folder, len(entries), copier.shared, sum(entry.size for entry in entries))


class _Copier:
    """Copies parts of a home into a backup."""

    def __init__(self, home: Path, backup: Path, before: Path | None) -> None:
        self._home, self._backup, self._before = home, backup, before
        self._known = {entry.path: entry for entry in read_backup(before).files} if before else {}
        self.entries: list[BackedUpFile] = []
        self.links: dict[str, str] = {}
        self.shared = 0

    def copy(self, parts: Sequence[str]) -> None:
        """Copy files and folders of the home; those that go meanwhile are left out."""
        for file in (file for part in parts for file in _files(self._home / part)):
            path = f"{HOME_FOLDER}/{file.relative_to(self._home)}"
            if file.is_symlink():
                self.links[path] = os.readlink(file)  # noqa: PTH115 - as it is written
                continue
            known = self._known.get(path)
            earlier = (self._before, known) if self._before and known else None
            try:
                entry = copy_into(self._backup, path, file, earlier)
            except FileNotFoundError:
                continue
            self.shared += entry is known
            self.entries.append(entry)


def _files(place: Path) -> Iterator[Path]:
    """All files and links of a part, but those with a temporary name; claims begin with a dot and count."""
    if place.is_file():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".") or name == ".claims"]
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in (*links, *names) if not name.startswith("."))


def _newest_before(into: Path) -> Path | None:
    finished = sorted(file.parent for file in into.glob(f"[0-9]*/{LIST_NAME}"))
    return finished[-1] if finished else None
