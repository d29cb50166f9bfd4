"""Pulling whole report files: those that are new or changed at a source, oldest first."""

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import Source
from national_kpi.disk import has_temporary_name
from national_kpi.errors import SourceError, SourceRefusedError, SourceShapeError
from national_kpi.ledger.models import SourceFile
from national_kpi.sources.connection import CHECK_SHAPE, reaching, storage
from national_kpi.sources.context import PullContext
from national_kpi.sources.delivery import Delivery
from national_kpi.sources.pace import Pace

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_LONGEST_STEM = 150


@dataclass(frozen=True)
class Found:
    """A file at a source.

    Attributes:
        path: below the source's folder.
        mark: changes when the file does.
        order: when it was written, as far as files of one source can be compared by it.
        size: bytes.
    """

    path: str
    mark: str
    order: float
    size: int


def pull_files(ctx: PullContext, source: Source, delivery: Delivery) -> int:
    """Deliver what is new or changed in the folder of a source; each file counts as done by itself.

    A file that still grows is left for the next pull.

    Returns:
        How many files the source has.

    Raises:
        SourceError: the source is out of reach, in the middle perhaps.
        SourceRefusedError: it refuses us, or some of the files.
        SourceShapeError: the folder is gone, or its files are called otherwise.
    """
    root, pace = storage(source), Pace(source.requests_per_minute)
    found = _look(root, source)
    known = _known(ctx, source)
    news = [one for one in found if one.path not in known or known[one.path].mark != one.mark]
    if news and source.kind != "s3":  # objects appear whole, files grow
        time.sleep(ctx.settings.quiet_seconds)
    refused = []
    for one in sorted(news, key=lambda file: (file.order, file.path)):
        pace.wait()
        try:
            _pull_file(root, one, source, delivery, known.get(one.path))
        except FileNotFoundError:
            log.info("%s: %s is gone again", source.source_id, one.path)
        except SourceRefusedError:
            refused.append(one.path)
    if refused:
        raise SourceRefusedError(
            f"{len(refused)} files may not be read, among them {refused[0]}",
            where=source.path,
            remedy="ask the source's owner to let the account read them",
        )
    return len(found)


def _look(root: "ObjectStoragePath", source: Source) -> list[Found]:
    """The source's report files.

    Raises:
        SourceShapeError: the folder is gone, or no file in it is called as declared.
    """
    pattern = str(source.pattern)
    depth = pattern.count("/")
    found, others = [], []
    try:
        for path, info in _walk(root, depth + 1):
            if path.count("/") == depth and PurePosixPath(path.casefold()).match(pattern.casefold()):
                found.append(_found(path, info))
            else:
                others.append(path)
    except FileNotFoundError as error:
        raise SourceShapeError("the folder is gone", where=source.path, remedy=CHECK_SHAPE) from error
    if others and not found:
        raise SourceShapeError(
            f"no file is called {pattern}, but {len(others)} otherwise, such as {others[0]}",
            where=f"{source.path}: {pattern}",
            remedy=CHECK_SHAPE,
        )
    return found


def _walk(root: "ObjectStoragePath", depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Finished files down to a depth, with what the file system tells of them; links are not followed."""
    with reaching(str(root.path)):
        root.fs.invalidate_cache()
        folders = root.fs.walk(root.path, maxdepth=depth, detail=True, on_error="raise")
        for folder, _, files in folders:
            below = PurePosixPath(folder).relative_to(PurePosixPath(root.path.rstrip("/")))
            for name, info in files.items():
                is_plain = info["type"] == "file" and not info.get("islink")
                if name and is_plain and not has_temporary_name(name):
                    yield str(below / name), info


def _found(path: str, info: Mapping[str, Any]) -> Found:
    written = info.get("mtime") or info.get("LastModified") or 0.0
    order = written.timestamp() if isinstance(written, datetime) else float(written)
    return Found(path, str(info.get("ETag") or f"{order}/{info['size']}"), order, info["size"])


def _known(ctx: PullContext, source: Source) -> dict[str, SourceFile]:
    with Session(ctx.engine) as session:
        own = select(SourceFile).where(SourceFile.source_id == source.source_id)
        return {file.path: file for file in session.scalars(own)}


def _pull_file(
    root: "ObjectStoragePath", one: Found, source: Source, delivery: Delivery, known: SourceFile | None
) -> None:
    place, unfinished = root / one.path, delivery.unfinished()
    try:
        with reaching(one.path):
            sha256 = _copy(place, unfinished, one.size) if _is_still(one, place) else None
            if sha256 is None or not _is_still(one, place):
                log.info("%s: %s still grows and is left for the next pull", source.source_id, one.path)
                return
        pulled = SourceFile(source_id=source.source_id, path=one.path, mark=one.mark, sha256=sha256)
        if known and known.sha256 == sha256:
            delivery.remember(pulled)
        else:
            delivery.deliver(unfinished, _name(one.path, sha256), sha256, pulled)
    finally:
        unfinished.unlink(missing_ok=True)


def _is_still(one: Found, place: "ObjectStoragePath") -> bool:
    """Whether a file is as it was found."""
    place.fs.invalidate_cache()
    info = place.fs.info(place.path)
    return not info.get("islink") and _found(one.path, info) == one


def _copy(place: "ObjectStoragePath", file: Path, expected: int) -> str:
    """Fetch a file of so many bytes; gives their hash."""
    digest, size = hashlib.sha256(), 0
    with place.open("rb") as stream, file.open("wb") as copy:
        while chunk := stream.read(_CHUNK):
            copy.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    if size < expected:
        raise SourceError(f"broke off after {size} of {expected} bytes", where=str(place))
    return digest.hexdigest()


def _name(path: str, sha256: str) -> str:
    """The file's name with its content's: two contents never meet under one name in an inbox."""
    name = PurePosixPath(path)
    stem = name.stem.encode(errors="replace")[:_LONGEST_STEM].decode(errors="ignore")
    return f"{stem}_{sha256[:8]}{name.suffix}"
