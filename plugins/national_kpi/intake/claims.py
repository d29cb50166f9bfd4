"""Claims: a file being taken in lies in a folder of its own that one process holds at a time.

The folder `drop/.claims/<agency code>~<submission id>` exists from the moment a file leaves its inbox until
its receipt and its marked workbook are written, so that whatever a crash leaves behind can be found and
finished. A lock on it, which the system releases when the process dies, tells the living from the dead.
"""

import fcntl
import logging
import os
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from national_kpi.disk import sync_folder
from national_kpi.intake.drop import is_regular
from national_kpi.paths import Paths

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A file that is being taken in, held by this process until the block it is used in ends."""

    folder: Path
    descriptor: int

    @property
    def agency_code(self) -> str:
        """The code of the folder the file was dropped into."""
        return self.folder.name.rpartition("~")[0]

    @property
    def submission_id(self) -> str:
        """The identity the submission has from the start."""
        return self.folder.name.rpartition("~")[2]

    @property
    def file(self) -> Path | None:
        """The file as dropped; None once it is archived and in the ledger."""
        return next((Path(entry.path) for entry in os.scandir(self.folder)), None)

    def held_on(self) -> "Claim":
        """The same claim for another block: it is held until both blocks have ended."""
        return Claim(self.folder, os.dup(self.descriptor))

    def forget(self) -> None:
        """Remove the claim: nothing is left to do."""
        self.folder.rmdir()

    def __enter__(self) -> "Claim":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def claims_folder(paths: Paths) -> Path:
    """Where claims lie: beside the inboxes, so that moving a file there is one atomic step."""
    return paths.drop / ".claims"


def claim_file(paths: Paths, file: Path, now: datetime) -> Claim | None:
    """Take a file out of its inbox, for this process alone; None when it is gone or no regular file."""
    submission_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
    claim = None
    while claim is None:  # a sweep may take the folder for a dead one while it is still empty
        folder = claim_folder(paths, file.parent.parent.name, submission_id)
        folder.mkdir(parents=True, exist_ok=True)
        claim = hold_claim(folder)
    moved = claim.folder / file.name
    try:
        file.rename(moved)
        if is_regular(moved):
            sync_folder(claim.folder)
            sync_folder(file.parent)
            return claim
        log.warning("%s is no regular file and is left where it is", file)
        moved.rename(file)
    except FileNotFoundError:
        log.info("%s has been taken by another process", file)
    with claim:
        claim.forget()
    return None


def hold_claim(folder: Path) -> Claim | None:
    """Hold an existing claim; None when a living process holds it or it is done."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):
            return Claim(folder, descriptor)
    except (BlockingIOError, FileNotFoundError):
        pass  # held by another, or done between our opening and our locking
    os.close(descriptor)
    return None


def claim_folder(paths: Paths, agency_code: str, submission_id: str) -> Path:
    """Where the claim of a submission lies as long as it is not finished."""
    return claims_folder(paths) / f"{agency_code}~{submission_id}"


def unfinished_claims(paths: Paths) -> list[Path]:
    """Folders of files whose receipt is not written yet, oldest first."""
    root = claims_folder(paths)
    folders = (Path(entry.path) for entry in os.scandir(root)) if root.is_dir() else ()
    return sorted(folders, key=lambda folder: folder.name.rpartition("~")[2])
