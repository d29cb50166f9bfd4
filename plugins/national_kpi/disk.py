"""Files whole or not at all: writing ours, through a power cut, and telling the unfinished ones of others."""

import os
from pathlib import Path

_TEMPORARY_STARTS = (".", "~$", "~")
_TEMPORARY_ENDS = (".part", ".tmp", ".temp", ".filepart", ".crdownload", ".partial", ".download", ".swp", "~")


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


def has_temporary_name(name: str) -> bool:
    """Whether programs give such a name to files they have not finished."""
    return name.startswith(_TEMPORARY_STARTS) or name.casefold().endswith(_TEMPORARY_ENDS)
