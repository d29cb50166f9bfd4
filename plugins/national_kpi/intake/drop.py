"""The drop folder: agencies' inboxes, and which files in them are complete."""

import errno
import fcntl
import filecmp
import logging
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from national_kpi.catalogue import Catalogue
from national_kpi.disk import has_temporary_name
from national_kpi.paths import RECEIPT_SCHEMA_FILE, Paths
from national_kpi.settings import Settings

log = logging.getLogger(__name__)


def prepare_folders(paths: Paths, catalogue: Catalogue, day: date) -> None:
    """Make an inbox and a receipts folder for every agency of that day; collectives report nothing.

    Beside them lies the schema of `receipt.json`, for programs of the agency.
    """
    for agency in catalogue.agencies:
        if agency.kind != "collective" and agency.valid_on(day):
            paths.inbox(agency.agency_code).mkdir(parents=True, exist_ok=True)
            paths.receipts(agency.agency_code).mkdir(parents=True, exist_ok=True)
            schema = paths.receipts(agency.agency_code).with_name(RECEIPT_SCHEMA_FILE.name)
            if not schema.exists() or not filecmp.cmp(RECEIPT_SCHEMA_FILE, schema, shallow=False):
                shutil.copyfile(RECEIPT_SCHEMA_FILE, schema)


def ready_files(paths: Paths, settings: Settings, now: datetime) -> list[Path]:
    """Files in the inboxes that are complete, oldest first.

    A file is left alone while it has a temporary name, was changed less than `quiet_seconds` ago or is open
    for writing. Links, folders and devices are never followed.
    """
    found = ((file, _status(file)) for file in _files(paths))
    candidates = [(file, status) for file, status in found if status]
    if any(_age(status, now) < 0 for _, status in candidates):
        # A modification time ahead of the clock tells nothing: watch such files for a while instead.
        time.sleep(settings.quiet_seconds)
    ready = []
    for file, status in candidates:
        age = _age(status, now)
        is_quiet = age >= settings.quiet_seconds or (age < 0 and _same(file, status))
        if is_quiet and not is_open_for_writing(file):
            ready.append((status.st_mtime_ns, file))
    return [file for _, file in sorted(ready)]


def in_batches(files: Sequence[Path], size: int) -> list[list[Path]]:
    """Share files among workers, so that the files of an inbox stay together and in their order.

    Two workers on one inbox could take a corrected file before the one it corrects.

    Args:
        files: files of inboxes, oldest first.
        size: files after which a batch is full; one inbox alone may exceed it.
    """
    inboxes: dict[Path, list[Path]] = {}
    for file in files:
        inboxes.setdefault(file.parent, []).append(file)
    batches: list[list[Path]] = []
    for waiting in inboxes.values():
        if not batches or len(batches[-1]) >= size:
            batches.append([])
        batches[-1] += waiting
    return batches


def _age(status: os.stat_result, now: datetime) -> float:
    return now.timestamp() - status.st_mtime


def _status(file: Path) -> os.stat_result | None:
    """What the file system says of a file; None when another process has taken it."""
    try:
        return os.lstat(file)
    except FileNotFoundError:
        return None


def _same(file: Path, status: os.stat_result) -> bool:
    again = _status(file)
    return again is not None and (again.st_ino, again.st_size, again.st_mtime_ns) == (
        status.st_ino, status.st_size, status.st_mtime_ns
    )  # fmt: skip


def _files(paths: Paths) -> Iterator[Path]:
    """Regular files with a final name in `drop/*/inbox`."""
    for inbox in sorted(paths.drop.glob("*/inbox")):
        if inbox.is_symlink() or inbox.parent.is_symlink() or not inbox.is_dir():
            log.warning("%s is not a folder of its own and is not read", inbox)
            continue
        for entry in os.scandir(inbox):
            if has_temporary_name(entry.name):
                continue
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            else:
                log.warning("%s is no regular file and is left where it is", entry.path)


def is_regular(file: Path) -> bool:
    """Whether this is a file itself, not a link to one."""
    return stat.S_ISREG(os.lstat(file).st_mode)


def is_open_for_writing(file: Path) -> bool:
    """Whether some process has the file open for writing, or keeps it to itself until it is complete.

    False where the system cannot tell.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        return True
    except OSError:
        return False
    try:
        # A read lease is granted only while nobody writes. Whoever opens the file meanwhile has the kernel
        # send us a signal: make it one that is ignored by default.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # others mean: not our file, or a file system without leases
    finally:
        os.close(descriptor)
    return False
