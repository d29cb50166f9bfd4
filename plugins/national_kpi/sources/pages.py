"""Reading the pages of an API: only what is new, and on from where an earlier reading broke off.

Every page is kept in the ledger as soon as it is read. It is asked for again with its tag, so that a server
which knows tags need not send it again. A list may change while it is read, and then its pages do not fit
together: a reading counts only if the first page is at its end what it was at its beginning.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import Source
from national_kpi.digests import canonical_sha256
from national_kpi.errors import SourceError, SourceGoneError, SourceShapeError
from national_kpi.ledger.models import SourcePage
from national_kpi.sources.connection import CHECK_SHAPE, Answer, Fetch

_DECLARED = {"path", "records_path", "page_style", "page_path", "page_parameter"}
READINGS = 3
"""How often a list that changes while it is read is begun anew."""


class Pages:
    """The pages of a source.

    Args:
        engine: the ledger.
        source: a source of kind `http_json`.
        fetch: asks it.
        now: the moment of the pull.
    """

    def __init__(self, engine: Engine, source: Source, fetch: Fetch, now: datetime) -> None:
        self._engine, self._source, self._fetch, self._now = engine, source, fetch, now
        self._start = source.path
        self._declared = canonical_sha256(source.model_dump(include=_DECLARED))
        if source.page_style == "page_number":
            self._start = self._with_parameter(self._page_number(source.path))

    def read(self) -> list[SourcePage]:
        """All pages in their order, as the source has them now.

        Raises:
            SourceError: the source is out of reach, or its list does not stand still.
            SourceShapeError: an answer is not of the declared shape.
        """
        if self._source.page_style == "cursor":
            return self._read_on()
        for _ in range(READINGS):
            pages = self._read_through()
            if len(pages) == 1 or self._begins_with(pages[0]):
                self._forget_all_but(pages)
                return pages
        raise SourceError(
            f"the list changed in each of {READINGS} readings",
            where=self._start,
            remedy="ask the source's owner for pages by cursor, or at which hours it stands still",
        )

    def _read_through(self) -> list[SourcePage]:
        """A list from its first page, or from where its last reading broke off."""
        kept = self._kept()
        first = kept.get(self._start)
        pages, address = self._chain(kept, first.reading if first else None)
        reading = first.reading if first else self._now
        if address is None:
            pages, address, reading = [], self._start, self._now
        return self._read_from(address, pages, kept, reading)

    def _read_on(self) -> list[SourcePage]:
        """What comes after the last cursor. The last page is asked for again: it may have grown."""
        kept = self._kept()
        pages, address = self._chain(kept, None)
        if address is None:
            address = pages.pop().address
        try:
            return self._read_from(address, pages, kept, self._now)
        except SourceGoneError:
            if address == self._start:
                raise
            self._forget_all_but([])  # the server no longer knows the cursor
            return self._read_from(self._start, [], {}, self._now)

    def _chain(
        self, kept: Mapping[str, SourcePage], reading: datetime | None
    ) -> tuple[list[SourcePage], str | None]:
        """The kept pages of a reading, or of any, and the address after them; None when they are all."""
        pages: list[SourcePage] = []
        address: str | None = self._start
        left = dict(kept)  # no page is taken twice, whatever they say of each other
        while address is not None:
            page = left.pop(address, None)
            if page is None or (reading is not None and page.reading != reading):
                break
            pages.append(page)
            address = page.following
        return pages, address

    def _read_from(
        self, address: str | None, pages: list[SourcePage], kept: Mapping[str, SourcePage], reading: datetime
    ) -> list[SourcePage]:
        while address is not None:
            page = self._read_page(address, kept.get(address), reading)
            if page.following in {address, *(earlier.address for earlier in pages)}:
                raise SourceShapeError("the pages run in a circle", where=address, remedy=CHECK_SHAPE)
            if pages and page.records and pages[-1].records == page.records:
                raise SourceShapeError("says what the page before says", where=address, remedy=CHECK_SHAPE)
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                page = session.merge(page)
            pages.append(page)
            address = page.following
        return pages

    def _read_page(self, address: str, known: SourcePage | None, reading: datetime) -> SourcePage:
        answer = self._ask(address, known)
        page = SourcePage(
            source_id=self._source.source_id, address=address, declared=self._declared, reading=reading
        )
        if answer is None and known is not None:
            page.etag, page.modified = known.etag, known.modified
            page.following, page.records = known.following, known.records
        elif answer is not None:
            said = _json(answer.body, address)
            page.etag, page.modified = answer.etag, answer.modified
            page.records = self._records(said, address)
            page.following = self._following(said, address)
            if self._source.page_style == "page_number" and page.records:
                page.following = self._with_parameter(self._page_number(address) + 1)
        return page

    def _ask(self, address: str, known: SourcePage | None) -> Answer | None:
        """The answer; None when the page is what it was."""
        headers = {"If-None-Match": known and known.etag, "If-Modified-Since": known and known.modified}
        given = {name: value for name, value in headers.items() if value}
        answer = self._fetch(address, given)
        return None if answer.status == HTTPStatus.NOT_MODIFIED else answer

    def _begins_with(self, first: SourcePage) -> bool:
        answer = self._ask(self._start, first)
        return answer is None or self._records(_json(answer.body, self._start), self._start) == first.records

    def _records(self, page: Any, address: str) -> list[Any]:
        path = self._source.records_path
        records = value_at(page, path, address) if path else page
        if not isinstance(records, list):
            raise SourceShapeError(
                "is no list of records", where=f"{address}: {path or ''}", remedy=CHECK_SHAPE
            )
        return records

    def _following(self, page: Any, address: str) -> str | None:
        """The address of the next page, below the connection's: whatever host a link names, we stay."""
        path = self._source.page_path
        told = value_at(page, path, address) if path else None
        if not told:
            return None
        if self._source.page_style == "cursor":
            following = self._with_parameter(told)
            return None if following == address else following
        parts = urlsplit(urljoin(address, str(told)))
        return urlunsplit(("", "", parts.path, parts.query, ""))

    def _with_parameter(self, value: object) -> str:
        """The source's path with its page parameter set."""
        parts, name = urlsplit(self._source.path), str(self._source.page_parameter)
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {name: str(value)}
        return urlunsplit(("", "", parts.path, urlencode(query), ""))

    def _page_number(self, address: str) -> int:
        """The number in an address; 1 where there is none."""
        told = dict(parse_qsl(urlsplit(address).query)).get(str(self._source.page_parameter), "1")
        return int(told) if told.isdecimal() else 1

    def _kept(self) -> dict[str, SourcePage]:
        with Session(self._engine) as session:
            own = select(SourcePage).where(
                SourcePage.source_id == self._source.source_id, SourcePage.declared == self._declared
            )
            return {page.address: page for page in session.scalars(own)}

    def _forget_all_but(self, pages: list[SourcePage]) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(
                delete(SourcePage).where(
                    SourcePage.source_id == self._source.source_id,
                    SourcePage.address.not_in([page.address for page in pages]),
                )
            )


def value_at(value: Any, path: str, place: str) -> Any:
    """The value at a dotted path.

    Args:
        value: a record or an answer.
        path: keys with dots between them.
        place: where it was found, for the error.

    Raises:
        SourceShapeError: there is nothing at the path.
    """
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            raise SourceShapeError("is missing", where=f"{place}: {path}", remedy=CHECK_SHAPE)
        value = value[key]
    return value


def _json(body: bytes, address: str) -> Any:
    """The answer. Numbers with a point stay as they are written."""
    try:
        return json.loads(body, parse_float=str)
    except ValueError as error:
        if body.lstrip()[:1] in (b"{", b"["):
            what = f"the answer breaks off: {error}"
            raise SourceError(what, where=address, remedy="the next pull asks again") from error
        what = f"the answer is no JSON: {error}"
        raise SourceShapeError(what, where=address, remedy=CHECK_SHAPE) from error
