"""Publishing: copy a build's marts into a snapshot of their own and let readers follow the link to it."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.errors import PublishError
from national_kpi.ledger.models import Build, Publication
from national_kpi.ledger.pending import accepted_between, published_sequence
from national_kpi.ledger.period_states import kept_publications
from national_kpi.log_fields import log_scope, tell_submission
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.archive import archive_publication
from national_kpi.warehouse.build import new_id
from national_kpi.warehouse.dbt import DUCKDB_FILE
from national_kpi.warehouse.finding_history import keep_finding_history
from national_kpi.warehouse.fingerprint import fingerprint
from national_kpi.warehouse.marts import MARTS
from national_kpi.warehouse.sql import quoted

log = logging.getLogger(__name__)

LOCK_SECONDS = 300


@dataclass(frozen=True)
class PublicationResult:
    """A snapshot readers now see.

    Attributes:
        publication_id: its name, and its folder's.
        build_id: the build it was made from.
        as_of: the day it looks from.
        snapshot: its DuckDB file.
        fingerprint: rows and content hash per mart.
        newest_received_at: when the newest submission was received of those that readers see for the first
            time; None when there is none.
    """

    publication_id: str
    build_id: str
    as_of: date
    snapshot: Path
    fingerprint: dict[str, dict[str, Any]]
    newest_received_at: datetime | None = None


class OvertakenError(PublishError):
    """A newer build has been published already; nothing is wrong."""


def publish(
    settings: Settings, paths: Paths, engine: Engine, *, build_id: str | None = None, now: datetime
) -> PublicationResult:
    """Give readers a build: a new folder, then the link `published/current` swapped at once.

    Repeated for a build that is published, it changes nothing and says the same again.

    Args:
        settings: how many snapshots are kept.
        paths: the platform's folders.
        engine: the ledger.
        build_id: which build; None for the newest one that looks from the day it was made on.
        now: the present moment.

    Raises:
        OvertakenError: a build that knew more, or as much and later, is published.
        PublishError: there is no such build, it failed, or another publication takes too long.
    """
    with publishing_lock(paths):
        return _publish(settings, paths, engine, build_id, now)


@contextmanager
def publishing_lock(paths: Paths) -> Iterator[None]:
    """While this is held, no snapshot comes and none goes.

    Raises:
        PublishError: another process holds it for too long.
    """
    paths.published.mkdir(parents=True, exist_ok=True)
    lock = FileLock(paths.published / ".lock", timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise PublishError(
            f"another publication has not ended in {LOCK_SECONDS} seconds",
            where=str(paths.published),
            remedy="wait for it, or see whether it hangs",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _publish(
    settings: Settings, paths: Paths, engine: Engine, build_id: str | None, now: datetime
) -> PublicationResult:
    with Session(engine) as session, session.begin():
        build = _find_build(session, build_id)
        if done := session.scalar(select(Publication).where(Publication.build_id == build.build_id)):
            snapshot = paths.published / done.publication_id / DUCKDB_FILE
            return PublicationResult(
                done.publication_id, build.build_id, done.as_of, snapshot, done.fingerprint
            )
        overtaken_by = _overtaken_by(session, build)
        if overtaken_by:
            build.state = "overtaken"
        chosen_id, as_of, catalogue_sha256 = build.build_id, build.as_of, build.catalogue_sha256
        compared_with = build.compared_with
    if overtaken_by:
        raise OvertakenError(f"build {chosen_id} was overtaken by {overtaken_by}, which is published")

    publication_id = new_id(now)
    folder = _write_snapshot(paths, chosen_id, publication_id, as_of, now, catalogue_sha256)
    shown = fingerprint(folder / DUCKDB_FILE)
    archive_publication(paths, paths.builds / chosen_id, publication_id, compared_with)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        build = session.get_one(Build, chosen_id)
        new = accepted_between(session, published_sequence(session), build.input_sequence)
        session.add(
            Publication(
                publication_id=publication_id,
                build_id=chosen_id,
                published_at=now,
                as_of=as_of,
                catalogue_sha256=catalogue_sha256,
                fingerprint=shown,
            )
        )
        build.state = "published"
        session.flush()
        keep_finding_history(session, folder / DUCKDB_FILE, as_of)
        session.flush()
        _point_readers_to(paths, publication_id)
    for submission in new:
        with log_scope():
            tell_submission(submission.submission_id, submission.agency_code, submission.file_name)
            log.info("submission %s: is published in %s", submission.submission_id, publication_id)
    prune(settings, paths, engine)
    newest = max((submission.received_at for submission in new), default=None)
    return PublicationResult(publication_id, chosen_id, as_of, folder / DUCKDB_FILE, shown, newest)


def _find_build(session: Session, build_id: str | None) -> Build:
    if build_id is None:
        built = session.scalars(select(Build).where(Build.state == "built").order_by(Build.build_id.desc()))
        todays = (row for row in built if row.as_of == in_hanoi(row.started_at).date())
        if (newest := next(todays, None)) is None:
            raise PublishError("there is no build to publish", remedy="run `kpi build` first")
        return newest
    build = session.get(Build, build_id)
    if build is None:
        raise PublishError(f"there is no build {build_id}", remedy="run `kpi build`, which prints its id")
    if build.state not in ("built", "overtaken", "published"):
        raise PublishError(
            f"build {build_id} is {build.state}" + (f": {build.failure}" if build.failure else ""),
            remedy="run `kpi build` again" if build.state == "failed" else "",
        )
    return build


def _overtaken_by(session: Session, build: Build) -> str | None:
    """The published build that knows more than this one, or as much and is newer."""
    published = session.scalars(select(Build).join(Publication, Publication.build_id == Build.build_id))
    own = (build.input_sequence, build.build_id)
    newer = [row.build_id for row in published if (row.input_sequence, row.build_id) > own]
    return max(newer, default=None)


def _write_snapshot(
    paths: Paths, build_id: str, publication_id: str, as_of: date, now: datetime, catalogue_sha256: str
) -> Path:
    source = paths.builds / build_id / DUCKDB_FILE
    if not source.is_file():
        raise PublishError(f"the file of build {build_id} is gone", where=str(source), remedy="build again")
    unfinished = paths.published / f".{publication_id}"
    unfinished.mkdir()
    try:
        with duckdb.connect(str(unfinished / DUCKDB_FILE)) as connection:
            connection.execute(f"attach {quoted(source)} as build (read_only)")
            # Two at once, as the end of each table is one processor's work.
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(partial(_copy_mart, connection), MARTS, MARTS.values()))
            connection.execute(
                """
                create table publication as
                select
                    cast(? as varchar) as publication_id,
                    cast(? as date) as as_of,
                    cast(? as timestamp) as published_at,
                    cast(? as varchar) as catalogue_sha256,
                    (select max(period_end) from fct_kpi_value where period_known) as data_until,
                    (select count(*) from fct_submission) as submissions_count,
                    (select count(*) from fct_kpi_value where basis = 'reported') as values_count
                """,
                [publication_id, as_of, in_hanoi(now).replace(tzinfo=None), catalogue_sha256],
            )
            connection.execute("detach build")
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return unfinished.rename(paths.published / publication_id)


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: str, grain: Sequence[str]) -> None:
    connection.cursor().execute(
        f"create table {mart} as select * from build.main.{mart} order by {', '.join(grain)}"  # noqa: S608 - names of ours
    )


def _point_readers_to(paths: Paths, publication_id: str) -> None:
    """Swap the link in one step: readers see the old snapshot or the new one, never neither."""
    link = paths.published / f".current-{publication_id}"
    link.symlink_to(publication_id)
    link.rename(paths.published / "current")


def prune(settings: Settings, paths: Paths, engine: Engine) -> None:
    """Remove snapshots and builds beyond those kept, and what a crash left unfinished.

    The newest are kept, and of any age those that were certified or wait for it.
    """
    with Session(engine) as session:
        newest_first = select(Publication).order_by(Publication.publication_id.desc())
        named = kept_publications(session)
        kept_rows = [
            *session.scalars(newest_first.limit(settings.snapshots_kept)),
            *session.scalars(newest_first.where(Publication.publication_id.in_(named))),
        ]
        kept_builds = {row.build_id for row in kept_rows} | set(
            session.scalars(select(Build.build_id).where(Build.state == "running"))
        )
        newest = session.scalars(select(Build.build_id).order_by(Build.build_id.desc()))
        kept_builds |= set(newest.fetchmany(settings.snapshots_kept))
    current = (paths.published / "current").resolve().name
    kept = {row.publication_id for row in kept_rows} | {current}
    for entry in paths.published.iterdir():
        if entry.is_symlink():
            if entry.name != "current":
                entry.unlink()
        elif entry.is_dir() and entry.name not in kept:
            shutil.rmtree(entry)
    for folder in paths.builds.iterdir():
        if folder.name.startswith(".") or folder.name in kept_builds:
            continue
        if folder.is_symlink():
            folder.unlink()  # what it leads to is not ours to remove
        elif folder.is_dir():
            shutil.rmtree(folder)
