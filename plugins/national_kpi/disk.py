"""Making sure that what was written survives a power cut."""

import os
from pathlib import Path


def sync_file(file: Path) -> None:
    """Wait until a file's content is on the disk."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that what was created, renamed or removed in a folder survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
