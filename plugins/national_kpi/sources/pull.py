"""Pulling a source: bring what is new into its agency's inbox, and note how the source was found."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import Source
from national_kpi.errors import SourceError, SourceRefusedError, SourceShapeError
from national_kpi.ledger.models import Pull
from national_kpi.sources.connection import Answer, Fetch, http_fetch
from national_kpi.sources.context import PullContext
from national_kpi.sources.delivery import Delivery, pulls_folder
from national_kpi.sources.files import pull_files
from national_kpi.sources.freshness import State, note_state
from national_kpi.sources.pace import Pace
from national_kpi.sources.pages import Pages
from national_kpi.sources.records import file_stem, report_file, reports_of


@dataclass(frozen=True)
class PullResult:
    """What a pull brought.

    Attributes:
        source_id: from where.
        items_count: records or files the source has.
        files: what was put into the inbox; nothing when nothing is new.
        trouble: how the source has changed its shape; None when it has not.
    """

    source_id: str
    items_count: int
    files: tuple[Path, ...]
    trouble: str | None = None


def pull_source(ctx: PullContext, source_id: str, now: datetime) -> PullResult:
    """Bring what is new or corrected at a source into its agency's inbox.

    What one pull has delivered stays delivered, however it ends; the next goes on from there.

    Args:
        ctx: settings, folders, catalogue and ledger.
        source_id: a row of `sources.csv`.
        now: the moment of the pull.

    Raises:
        SourceRefusedError: the source refuses the account of its connection.
        SourceError: the source is unknown, out of reach, or being pulled already.
    """
    source = next((row for row in ctx.catalogue.sources if row.source_id == source_id), None)
    if source is None:
        known = ", ".join(row.source_id for row in ctx.catalogue.sources)
        raise SourceError(f"there is no source {source_id!r}", where="sources.csv", remedy=f"known: {known}")
    folder = pulls_folder(ctx.paths)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{source_id}.lock", timeout=0):
            return _pull(ctx, source, now)
    except Timeout as error:
        raise SourceError("is being pulled already", where=source_id, remedy="wait for that pull") from error


def _pull(ctx: PullContext, source: Source, now: datetime) -> PullResult:
    delivery = Delivery(ctx.paths, ctx.engine, source, now)
    pull = pull_records if source.kind == "http_json" else pull_files
    error: SourceError | None = None
    state, count = State.GOOD, 0
    try:
        delivery.finish()
        count = pull(ctx, source, delivery)
    except SourceShapeError as raised:
        state, error = State.CHANGED, raised
    except SourceRefusedError as raised:
        state, error = State.REFUSED, raised
    except SourceError as raised:
        state, error = State.UNREACHABLE, raised
    note_state(ctx.engine, source.source_id, state, error, now)
    if error and state != State.CHANGED:
        raise error
    return PullResult(source.source_id, count, tuple(delivery.files), str(error) if error else None)


def pull_records(ctx: PullContext, source: Source, delivery: Delivery) -> int:
    """Deliver the records of an API: a file for each period, where they differ from those delivered last.

    Each period, or day of publication, is one reporting occasion, so that a figure the source corrects later
    becomes a revision of that occasion.

    Returns:
        How many records the source has.

    Raises:
        SourceError: the source is out of reach or refuses us, or has changed its shape.
    """
    fetch = _paced(http_fetch(source.connection_id, ctx.settings.max_file_mb << 20), source)
    pages = Pages(ctx.engine, source, fetch, delivery.now).read()
    reports = reports_of(ctx.catalogue, source, pages)
    for period, rows in reports:
        content = report_file(ctx.catalogue, source, period, rows, delivery.now.date())
        stem, sha256 = file_stem(source, period), hashlib.sha256(content).hexdigest()
        if _last_delivered(ctx, source, stem) != sha256:
            unfinished = delivery.unfinished()
            unfinished.write_bytes(content)
            delivery.deliver(unfinished, f"{stem}{sha256[:8]}.csv", sha256)
    return sum(len(rows) for _, rows in reports)


def _paced(fetch: Fetch, source: Source) -> Fetch:
    pace = Pace(source.requests_per_minute)

    def paced(address: str, headers: Mapping[str, str]) -> Answer:
        pace.wait()
        return fetch(address, headers)

    return paced


def _last_delivered(ctx: PullContext, source: Source, stem: str) -> str | None:
    """The hash of the newest file of an occasion."""
    with Session(ctx.engine) as session:
        return session.scalar(
            select(Pull.sha256)
            .where(Pull.source_id == source.source_id, Pull.file_name.startswith(stem, autoescape=True))
            .order_by(Pull.pull_id.desc())
            .limit(1)
        )
