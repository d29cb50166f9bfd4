"""Keeping every state of the catalogue by which something was accepted or published."""

import secrets
import shutil
from pathlib import Path

from national_kpi.catalogue.load import Catalogue
from national_kpi.disk import sync_file, sync_folder
from national_kpi.paths import Paths


def kept_catalogue(paths: Paths, sha256: str) -> Path:
    """Where the catalogue of that hash is kept."""
    return paths.archive / "catalogue" / sha256


def keep_catalogue(paths: Paths, catalogue: Catalogue) -> Path:
    """Keep the files of a catalogue as they were when it was loaded. Doing it again changes nothing.

    Returns:
        The folder: `archive/catalogue/<sha256>`.

    Raises:
        OSError: the disk refuses.
    """
    kept = kept_catalogue(paths, catalogue.sha256)
    if kept.is_dir():
        return kept
    unfinished = kept.with_name(f".{kept.name}.{secrets.token_hex(3)}")
    unfinished.mkdir(parents=True)
    for name, content in catalogue.files.items():
        (unfinished / name).write_bytes(content)
        sync_file(unfinished / name)
    sync_folder(unfinished)
    try:
        unfinished.rename(kept)
    except OSError:
        shutil.rmtree(unfinished)
        if not kept.is_dir():  # else another process has just kept the same catalogue
            raise
    sync_folder(kept.parent)
    return kept
