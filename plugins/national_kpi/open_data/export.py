"""Writing open data packages: a folder a certified publication, a link to the newest, and a list of all.

    open-data/index.json                           all packages
    open-data/<period code>/<publication id>/…     one certified publication; never changes
    open-data/<period code>/latest                 link to the newest
    open-data/<period code>/<file>                 the newest's files, through that link

What lies there follows from the ledger and the certified snapshots. Each step is whole or not there, and a
step that is there is not repeated.
"""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from filelock import FileLock
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.disk import sync_file, sync_folder, write_whole
from national_kpi.errors import OpenDataError
from national_kpi.open_data.descriptor import SERIES, File, Licence, descriptor, licence_text, readme
from national_kpi.open_data.packages import Package, index, newest_certified, notices_count, packages
from national_kpi.open_data.series import series_csv
from national_kpi.open_data.tables import OpenTable, read_tables, texts
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.certified import snapshot_of

LATEST, INDEX, SUMS = "latest", "index.json", "SHA256SUMS"


def export_open_data(settings: Settings, paths: Paths, engine: Engine) -> list[Path]:
    """Write every package that the ledger's certifications ask for and that is not there yet.

    Args:
        settings: the licence.
        paths: the platform's folders.
        engine: the ledger.

    Returns:
        The folders written now.

    Raises:
        OpenDataError: a certified snapshot is gone.
        OSError: the disk refuses.
    """
    licence = Licence(settings.open_data_licence, settings.open_data_licence_url)
    paths.open_data.mkdir(parents=True, exist_ok=True)
    with FileLock(paths.open_data / ".lock"):
        with Session(engine) as session:
            wanted = list(packages(session, paths))
            newest, notices = newest_certified(session), notices_count(session)
        written = [folder for one in wanted if (folder := _write_package(paths, licence, one))]
        for code, publication_id in newest.items():
            _point_to(paths.open_data / code, publication_id)
        listed = _json(index(licence, [one.certified for one in wanted], newest, notices))
        _replace(paths.open_data / INDEX, listed)
    return written


def _write_package(paths: Paths, licence: Licence, package: Package) -> Path | None:
    certified = package.certified
    folder = paths.open_data / certified.period_code / certified.publication_id
    if folder.is_dir():
        return None
    snapshot = snapshot_of(paths, certified.publication_id)
    if not snapshot.is_file():
        raise OpenDataError(
            f"the certified snapshot of period {certified.period_code} is gone",
            where=str(snapshot),
            remedy="restore it from a backup; `kpi period verify` lists what is missing",
        )
    unfinished = paths.open_data.with_name(".open-data")  # not where readers look
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _write_files(unfinished, licence, package, read_tables(snapshot, certified.period_code, package.earlier))
    for file in unfinished.iterdir():
        sync_file(file)
        file.chmod(0o444)
    sync_folder(unfinished)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished.rename(folder)
    sync_folder(folder.parent)
    return folder


def _write_files(folder: Path, licence: Licence, package: Package, tables: tuple[OpenTable, ...]) -> None:
    certified = package.certified
    for table in tables:
        (folder / f"{table.name}.csv").write_bytes(_csv(table))
        pq.write_table(table.rows, folder / f"{table.name}.parquet", compression="zstd")
    (folder / f"{SERIES}.csv").write_bytes(series_csv(tables[0].rows).encode())
    (folder / "README.md").write_text(readme(certified, licence, tables), encoding="utf-8")
    (folder / "LICENSE.md").write_text(licence_text(licence), encoding="utf-8")
    described = descriptor(certified, licence, tables, {file.name: file for file in _files(folder)})
    (folder / "datapackage.json").write_bytes(_json(described))
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in _files(folder))
    (folder / SUMS).write_text(sums, encoding="utf-8")


def _point_to(folder: Path, publication_id: str) -> None:
    """Let the stable address lead to this version, in one step."""
    latest = folder / LATEST
    if not latest.is_symlink() or latest.readlink() != Path(publication_id):
        link = folder / f".{LATEST}"
        link.unlink(missing_ok=True)
        link.symlink_to(publication_id)
        link.rename(latest)
    for file in sorted((folder / publication_id).iterdir()):
        stable = folder / file.name
        if not stable.is_symlink():
            stable.symlink_to(Path(LATEST) / file.name)


def _csv(table: OpenTable) -> bytes:
    """A table as RFC 4180 has it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.rows.column_names)
    writer.writerows(texts(table.rows))
    return text.getvalue().encode()


def _files(folder: Path) -> list[File]:
    contents = [(file.name, file.read_bytes()) for file in sorted(folder.iterdir())]
    return [File(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in contents]


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _replace(file: Path, content: bytes) -> None:
    if not file.is_file() or file.read_bytes() != content:
        write_whole(file, content)
