"""ZIP containers, which workbooks are too: looked over before any library trusts them."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from national_kpi.errors import UnreadableFileError
from national_kpi.limits import Limits

START = b"PK\x03\x04"
EMPTY = b"PK\x05\x06"
_LOCAL_HEADER_BYTES = 30
_IS_ENCRYPTED = 0x1
_COMPRESSIBLE_BYTES = 10 * 1024 * 1024  # small parts may shrink as far as they can
_MOST_ENTRIES = 10_000
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError, RuntimeError,
)  # fmt: skip


@contextmanager
def open_zip(content: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """A ZIP container without tricks: what it holds lies side by side, and is as large as it says.

    Whoever reads an entry meets an error if it is larger than the container's directory says.

    Raises:
        UnreadableFileError: it is damaged, encrypted or made to overwhelm; also in the block, when an entry
            turns out to be damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive, limits)
            yield archive
    except _DAMAGED as error:
        raise UnreadableFileError("READ-01") from error


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    if len(entries) > _MOST_ENTRIES:
        raise UnreadableFileError(
            "READ-09", found=f"{len(entries)} phần", expected=f"không quá {_MOST_ENTRIES}"
        )
    if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
        raise UnreadableFileError("READ-05")
    limits.check_unpacked(sum(entry.file_size for entry in entries))
    for entry in entries:
        ratio = entry.file_size // max(entry.compress_size, 1)
        if entry.file_size > _COMPRESSIBLE_BYTES and ratio > limits.compression_ratio:
            expected = f"không quá {limits.compression_ratio} lần"
            raise UnreadableFileError("READ-09", found=f"{ratio} lần", expected=expected)
    for entry, after in pairwise(entries):
        least = _LOCAL_HEADER_BYTES + len(entry.orig_filename.encode()) + entry.compress_size
        if entry.header_offset + least > after.header_offset:
            raise UnreadableFileError("READ-09", found="các phần chồng lên nhau")
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnreadableFileError("READ-13", found="hai phần trùng tên")
