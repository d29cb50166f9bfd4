"""Restoring a backup into an empty deployment: checked whole before anything is written."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.backup.contents import (
    DATABASES_FOLDER,
    HOME_FOLDER,
    Backup,
    damage,
    read_backup,
)
from national_kpi.backup.databases import databases, is_empty, load
from national_kpi.backup.make import AFTER, BEFORE, WITH
from national_kpi.digests import file_sha256
from national_kpi.errors import BackupError
from national_kpi.intake.receipts import receipt_folder, render
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings


@dataclass(frozen=True)
class Restored:
    """What was restored; files that were both in an inbox and in the ledger are in the ledger only."""

    files: int
    databases: int
    already_received: int
    receipts_rendered: int


def check_backup(folder: Path) -> Backup:
    """Make sure that every file of a backup is as it was written.

    Raises:
        BackupError: naming the first that is not, and how many.
    """
    backup = read_backup(folder)
    if damaged := list(damage(folder, backup)):
        raise BackupError(
            f"{len(damaged)} of {len(backup.files)} files are damaged: {damaged[0]}",
            where=str(folder),
            remedy="restore an earlier backup",
        )
    return backup


def restore_backup(settings: Settings, paths: Paths, folder: Path) -> Restored:
    """Fill an empty home and empty databases from a backup.

    Args:
        settings: where the ledger is.
        paths: the home.
        folder: the backup.

    Raises:
        BackupError: the backup is damaged, or there is something here already.
    """
    backup = check_backup(folder)
    dumps = [(one, folder / DATABASES_FOLDER / one.dump_name) for one in databases(settings, paths)]
    _require_empty(settings, paths)
    for database, file in dumps:
        other = [found.name for found in file.parent.glob(f"{database.name}.*") if found != file]
        if other:
            raise BackupError(
                f"{other[0]} cannot be loaded into {database.url.get_backend_name()}",
                where=str(folder),
                remedy="restore into a deployment of the same kind",
            )
    in_home = [entry for entry in backup.files if entry.path.startswith(f"{HOME_FOLDER}/")]
    for entry in in_home:
        target = paths.home / Path(entry.path).relative_to(HOME_FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / entry.path, target)
    for path, points_to in backup.links.items():
        link = paths.home / Path(path).relative_to(HOME_FOLDER)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(points_to)
    if paths.secrets.exists():
        paths.secrets.chmod(0o700)
    present = [(database, file) for database, file in dumps if file.exists()]
    for database, file in present:
        load(database, file)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    return Restored(
        files=len(in_home),
        databases=len(present),
        already_received=_remove_received(paths, engine, backup),
        receipts_rendered=_render_missing(paths, engine),
    )


def _require_empty(settings: Settings, paths: Paths) -> None:
    for part in (*BEFORE, *WITH, *AFTER):
        place = paths.home / part
        if place.is_file() or any(found.is_file() for found in place.rglob("*")):
            raise BackupError(
                "there is something here already",
                where=str(place),
                remedy="restore into an empty home, before anything is started",
            )
    for database in databases(settings, paths):
        if not is_empty(database):
            raise BackupError(
                f"the database of {database.name} is not empty",
                where=database.url.render_as_string(hide_password=True),
                remedy="restore into empty databases, before anything is started",
            )


def _remove_received(paths: Paths, engine: Engine, backup: Backup) -> int:
    """Take away files that were copied from an inbox and then received before the ledger was copied."""
    received = select(Submission.agency_code, Submission.sha256).where(
        Submission.received_at >= backup.begun_at
    )
    with Session(engine) as session:
        known = {(code, sha256) for code, sha256 in session.execute(received)}
    removed = 0
    for file in [file for file in paths.drop.glob("*/inbox/*") if file.is_file()]:
        if (file.parents[1].name, file_sha256(file)) in known:
            file.unlink()
            removed += 1
    return removed


def _render_missing(paths: Paths, engine: Engine) -> int:
    """Write the receipts that were issued after their folder was copied."""
    with Session(engine) as session:
        missing = [
            receipt
            for receipt in session.scalars(select(Receipt))
            if not receipt_folder(paths, receipt).is_dir()
        ]
        for receipt in missing:
            render(paths, receipt)
    return len(missing)
