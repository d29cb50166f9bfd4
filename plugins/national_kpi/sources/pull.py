"""Pulling a source: fetch its pages, check their shape, drop what is new as a file of the form."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit, urlunsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.tables import Source
from national_kpi.clock import in_hanoi
from national_kpi.errors import SourceError
from national_kpi.ledger.models import Pull, Submission
from national_kpi.paths import Paths

Fetch = Callable[[str], bytes | str]
"""One GET of an address below the connection's; gives the body, raises when the answer is no success."""

_CHECK_SOURCE = "ask the source's owner what has changed, then mend sources.csv or source_fields.csv"
_TRY_LATER = "check the connection's address and account; the next scheduled pull tries again"


class PullContext(Protocol):
    """What a pull works with: folders, catalogue and ledger of one platform home."""

    @property
    def paths(self) -> Paths:
        """The folders."""

    @property
    def catalogue(self) -> Catalogue:
        """Which sources there are, and which of their fields fill which column."""

    @property
    def engine(self) -> Engine:
        """The ledger."""


@dataclass(frozen=True)
class PullResult:
    """What a pull brought: records read at the source, and the files dropped (none when nothing changed)."""

    source_id: str
    records_count: int
    files: tuple[Path, ...]


def pull_source(ctx: PullContext, source_id: str, fetch: Fetch, now: datetime) -> PullResult:
    """Bring what a source publishes into its agency's inbox, one file per day of publication.

    Each day of publication is one reporting occasion, so that a figure the source corrects later becomes a
    revision of that occasion. An occasion whose records are unchanged since the last pull writes nothing.

    Args:
        ctx: folders, catalogue and ledger.
        source_id: a row of `sources.csv`.
        fetch: does one GET on the source's connection.
        now: the moment of the pull.

    Raises:
        SourceError: the source is unknown or out of reach, or its answer has not the declared shape.
    """
    source = next((row for row in ctx.catalogue.sources if row.source_id == source_id), None)
    if source is None:
        known = ", ".join(row.source_id for row in ctx.catalogue.sources)
        raise SourceError(f"there is no source {source_id!r}", where="sources.csv", remedy=f"known: {known}")
    occasions: dict[date, list[dict[str, str]]] = {}
    for place, record in _records(source, fetch):
        cells = _cells(ctx.catalogue, source, record, place)
        occasions.setdefault(_published_on(cells, place), []).append(cells)
    dropped = (
        _drop(ctx, source, published_on, cells, now) for published_on, cells in sorted(occasions.items())
    )
    return PullResult(
        source_id=source_id,
        records_count=sum(len(cells) for cells in occasions.values()),
        files=tuple(file for file in dropped if file is not None),
    )


def _records(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Every record of every page, with its place for error messages."""
    address: str | None = source.endpoint
    seen: set[str] = set()
    while address is not None:
        if address in seen:
            raise SourceError("the pages run in a circle", where=address, remedy=_CHECK_SOURCE)
        seen.add(address)
        page = _page(address, fetch)
        records = _at(page, source.records_path, address)
        if not isinstance(records, list):
            raise SourceError("is no list of records", where=f"{address}: {source.records_path}")
        for position, record in enumerate(records):
            yield f"{address}: {source.records_path}[{position}]", record
        following = _at(page, source.next_page_path, address) if source.next_page_path else None
        address = _below_the_connection(address, following) if following else None


def _page(address: str, fetch: Fetch) -> Any:
    try:
        return json.loads(fetch(address), parse_float=Decimal)
    except OSError as error:
        raise SourceError(f"cannot be fetched: {error}", where=address, remedy=_TRY_LATER) from error
    except ValueError as error:
        raise SourceError(f"the answer is no JSON: {error}", where=address, remedy=_CHECK_SOURCE) from error


def _below_the_connection(address: str, following: object) -> str:
    """The next page as path and query: whatever host it names, we ask only the one we are connected to."""
    parts = urlsplit(urljoin(address, str(following)))
    return urlunsplit(("", "", parts.path, parts.query, ""))


def _at(value: Any, path: str, place: str) -> Any:
    """The value at a dotted path."""
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            raise SourceError("is missing", where=f"{place}: {path}", remedy=_CHECK_SOURCE)
        value = value[key]
    return value


def _cells(catalogue: Catalogue, source: Source, record: Any, place: str) -> dict[str, str]:
    """One record as cells of the form."""
    cells = {}
    for field in catalogue.source_fields:
        if field.source_id != source.source_id:
            continue
        value = field.constant if field.field_path is None else _at(record, field.field_path, place)
        if isinstance(value, list | dict):
            raise SourceError(
                "is no single value", where=f"{place}: {field.field_path}", remedy=_CHECK_SOURCE
            )
        cells[field.column_name] = "" if value is None else str(value)
    return cells


def _published_on(cells: Mapping[str, str], place: str) -> date:
    found = cells.get("published_on", "")
    try:
        moment = datetime.fromisoformat(found)
    except ValueError as error:
        raise SourceError(
            f"published_on must be a day such as 2022-09-08, found {found!r}",
            where=place,
            remedy=_CHECK_SOURCE,
        ) from error
    return (in_hanoi(moment) if moment.tzinfo else moment).date()


def _drop(
    ctx: PullContext, source: Source, published_on: date, rows: list[dict[str, str]], now: datetime
) -> Path | None:
    """Write one occasion's file into the inbox; None when the source delivered the same before."""
    content = _report(ctx.catalogue, source, published_on, rows, now)
    sha256 = hashlib.sha256(content).hexdigest()
    occasion = f"{source.form_code}-{source.source_id}-{published_on:%Y%m%d}-"
    file = ctx.paths.inbox(source.agency_code) / f"{occasion}{sha256[:8]}.csv"
    with Session(ctx.engine) as session, session.begin():
        last = session.scalar(
            select(Pull)
            .where(Pull.source_id == source.source_id, Pull.file_name.startswith(occasion, autoescape=True))
            .order_by(Pull.pull_id.desc())
            .limit(1)
        )
        if last and last.sha256 == sha256 and (file.exists() or _received(session, source, sha256)):
            return None
        # Intake learns from this row where the file came from, so it must be there first.
        session.add(Pull(source_id=source.source_id, pulled_at=now, sha256=sha256, file_name=file.name))
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.parent.parent / f".{file.name}.part"
    with unfinished.open("wb") as stream:
        stream.write(content)
        os.fsync(stream.fileno())
    unfinished.replace(file)
    return file


def _received(session: Session, source: Source, sha256: str) -> bool:
    """Whether the file got as far as intake: a pull that broke off half-way is made good by the next."""
    query = select(Submission.submission_id).where(
        Submission.sha256 == sha256, Submission.agency_code == source.agency_code
    )
    return session.scalar(query.limit(1)) is not None


def _report(
    catalogue: Catalogue, source: Source, published_on: date, rows: list[dict[str, str]], now: datetime
) -> bytes:
    """A file of the form, as an agency would send it. The same records always give the same bytes."""
    holder = catalogue.holder(source.agency_code, now.date())
    if holder is None:
        raise SourceError(f"nobody holds the code {source.agency_code} on {now.date()}", where="sources.csv")
    form, columns = catalogue.form(source.form_code), catalogue.columns_of(source.form_code)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([form.name_vi])
    writer.writerow([f"Biểu mẫu: {form.form_code}"])
    writer.writerow([f"Cơ quan báo cáo: {holder.name_vi}"])
    writer.writerow([f"Đến ngày {published_on:%d/%m/%Y}"])
    writer.writerow([column.header_vi for column in columns])
    for number, cells in enumerate(rows, start=1):
        writer.writerow(
            cells.get(column.column_name, number if column.column_name == "stt" else "") for column in columns
        )
    return text.getvalue().encode("utf-8-sig")
