"""Hashes of content, whatever way it is written down."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def canonical_sha256(content: Mapping[str, Any]) -> str:
    """The SHA-256 of an object, in one canonical spelling of its JSON."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_sha256(file: Path) -> str:
    """The SHA-256 of a file, whatever its size.

    Raises:
        OSError: the file cannot be read.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
