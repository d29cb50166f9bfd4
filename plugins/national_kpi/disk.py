"""Writing files whole or not at all, so that they survive a power cut."""

import os
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Write a file under a temporary name first: others see all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_bytes(content)
    sync_file(temporary)
    temporary.rename(file)
    sync_folder(file.parent)


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
