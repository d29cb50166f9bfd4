"""Sources of records for tests, and the answers of one."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from national_kpi.catalogue.tables import Source
from national_kpi.sources.connection import Answer

SOURCE = Source(
    source_id="road",
    kind="http_json",
    name_vi="Đường bộ",
    agency_code="G17",
    connection_id="kpi_road",
    path="/api",
    pattern=None,
    form_code="F07",
    records_path="items",
    page_style=None,
    page_path=None,
    page_parameter=None,
    expected_days=None,
    requests_per_minute=60_000,
    note=None,
)


class Api:
    """Answers addresses with pages, and tells what it was asked. With `has_tags` it answers 304 where it may.

    Args:
        pages: what is said at each address; an error is raised instead.
    """

    def __init__(self, pages: Mapping[str, Any], *, has_tags: bool = False) -> None:
        self.pages = dict(pages)
        self.has_tags = has_tags
        self.asked: list[str] = []
        self.unsent = 0
        self.on_ask: Callable[[str], None] = lambda _: None

    def __call__(self, address: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append(address)
        self.on_ask(address)
        page = self.pages[address]
        if isinstance(page, Exception):
            raise page
        body = page if isinstance(page, bytes) else json.dumps(page).encode()
        tag = str(hash(body)) if self.has_tags else None
        if tag and headers.get("If-None-Match") == tag:
            self.unsent += 1
            return Answer(HTTPStatus.NOT_MODIFIED, b"", tag)
        return Answer(HTTPStatus.OK, body, tag)
