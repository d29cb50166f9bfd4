"""Pages are read in every style, once, and on from where a reading broke off."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from national_kpi.clock import HANOI
from national_kpi.errors import SourceError, SourceGoneError, SourceShapeError
from national_kpi.sources.pages import READINGS, Pages
from tests.unit.sources.api import SOURCE, Api

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=HANOI)
LINKS = SOURCE.model_copy(update={"page_style": "next_link", "page_path": "next"})
NUMBERS = SOURCE.model_copy(update={"page_style": "page_number", "page_parameter": "page"})
CURSOR = SOURCE.model_copy(
    update={"page_style": "cursor", "page_path": "meta.cursor", "page_parameter": "after"}
)
DOWN = SourceError("answered 500")


def linked(*pages: list[Any]) -> dict[str, Any]:
    """Pages that link to each other: `/api`, `/api?page=2`, …"""
    addresses = ["/api", *(f"/api?page={number}" for number in range(2, len(pages) + 1)), None]
    return {
        str(address): {"items": items, "next": following}
        for address, items, following in zip(addresses, pages, addresses[1:], strict=False)
    }


def numbered(*pages: list[Any]) -> dict[str, Any]:
    return {f"/api?page={number}": {"items": items} for number, items in enumerate([*pages, []], start=1)}


def fed(*pages: tuple[str, list[Any], str | None]) -> dict[str, Any]:
    """Pages by cursor: the one asked with, the records, and the one to ask with next."""
    return {
        f"/api?after={own}" if own else "/api": {"items": items, "meta": {"cursor": following}}
        for own, items, following in pages
    }


def read(engine: Engine, api: Api, source: Any = LINKS, *, later: int = 0) -> list[Any]:
    """All records of a reading so many hours later."""
    pages = Pages(engine, source, api, NOW + timedelta(hours=later)).read()
    return [record for page in pages for record in page.records]


def test_one_page_is_asked_for_once(engine: Engine) -> None:
    api = Api({"/api": {"items": [1, 2]}})
    assert read(engine, api, SOURCE) == [1, 2]
    assert api.asked == ["/api"]


def test_the_answer_itself_may_be_the_list(engine: Engine) -> None:
    source = SOURCE.model_copy(update={"records_path": None})
    assert read(engine, Api({"/api": [1, 2]}), source) == [1, 2]


def test_links_are_followed_on_our_own_connection(engine: Engine) -> None:
    api = Api(linked([1], [2], [3]))
    api.pages["/api"]["next"] = "https://elsewhere.example/api?page=2"
    api.pages["/api?page=2"]["next"] = "?page=3"
    assert read(engine, api) == [1, 2, 3]
    assert api.asked == ["/api", "/api?page=2", "/api?page=3", "/api"]


def test_pages_are_counted_up_to_the_first_empty_one(engine: Engine) -> None:
    api = Api(numbered([1], [2]))
    assert read(engine, api, NUMBERS) == [1, 2]
    assert api.asked == ["/api?page=1", "/api?page=2", "/api?page=3", "/api?page=1"]


def test_counting_begins_at_the_number_in_the_path(engine: Engine) -> None:
    source = NUMBERS.model_copy(update={"path": "/api?size=1&page=0"})
    api = Api({"/api?size=1&page=0": {"items": [1]}, "/api?size=1&page=1": {"items": []}})
    assert read(engine, api, source) == [1]


def test_a_cursor_is_given_back_and_what_came_before_it_is_not_asked_for_again(engine: Engine) -> None:
    api = Api(fed(("", [1], "a"), ("a", [2], "b"), ("b", [], "b")))
    assert read(engine, api, CURSOR) == [1, 2]
    api.pages |= fed(("b", [3], "c"), ("c", [], "c"))
    api.asked.clear()
    assert read(engine, api, CURSOR, later=1) == [1, 2, 3]
    assert api.asked == ["/api?after=b", "/api?after=c"]


def test_the_last_page_before_the_end_of_a_feed_may_grow(engine: Engine) -> None:
    api = Api(fed(("", [1], "a"), ("a", [2], None)))
    assert read(engine, api, CURSOR) == [1, 2]
    api.pages |= fed(("a", [2, 3], "b"), ("b", [4], None))
    assert read(engine, api, CURSOR, later=1) == [1, 2, 3, 4]


def test_a_feed_whose_cursor_has_expired_is_read_from_its_start(engine: Engine) -> None:
    api = Api(fed(("", [1], "a"), ("a", [2], None)))
    read(engine, api, CURSOR)
    api.pages = {**fed(("", [1, 2], "x"), ("x", [3], None)), "/api?after=a": SourceGoneError("answered 410")}
    assert read(engine, api, CURSOR, later=1) == [1, 2, 3]


def test_what_is_gone_at_the_start_is_an_error(engine: Engine) -> None:
    with pytest.raises(SourceGoneError):
        read(engine, Api({"/api": SourceGoneError("answered 404")}), CURSOR)


@pytest.mark.parametrize(
    ("source", "pages", "broken"),
    [
        (LINKS, linked([1], [2], [3]), "/api?page=3"),
        (NUMBERS, numbered([1], [2], [3]), "/api?page=3"),
        (CURSOR, fed(("", [1], "a"), ("a", [2], "b"), ("b", [3], None)), "/api?after=b"),
    ],
)
def test_a_reading_that_broke_off_goes_on_at_the_page_it_lacks(
    engine: Engine, source: Any, pages: dict[str, Any], broken: str
) -> None:
    api = Api({**pages, broken: DOWN})
    with pytest.raises(SourceError, match="500"):
        read(engine, api, source)
    api.pages = pages
    api.asked.clear()
    assert read(engine, api, source, later=1) == [1, 2, 3]
    assert api.asked[0] == broken
    assert len(set(api.asked) - {broken}) <= 2, "the first page again, and an empty last one"


def test_a_list_that_changed_meanwhile_is_read_anew(engine: Engine) -> None:
    api = Api({**linked([1, 2], [3, 4]), "/api?page=2": DOWN})
    with pytest.raises(SourceError):
        read(engine, api)
    api.pages = linked([0, 1], [2, 3], [4])
    assert read(engine, api, later=1) == [0, 1, 2, 3, 4]


def test_a_list_that_changes_while_it_is_read_is_read_until_it_fits_together(engine: Engine) -> None:
    api = Api(linked([1, 2], [3, 4]))

    def insert(address: str) -> None:
        if address == "/api?page=2" and len(api.asked) == 2:
            api.pages = linked([0, 1], [2, 3], [4])

    api.on_ask = insert
    assert read(engine, api) == [0, 1, 2, 3, 4]


def test_a_list_that_never_stands_still_is_told(engine: Engine) -> None:
    api = Api(linked([1], [2]))

    def change(address: str) -> None:
        api.pages["/api"]["items"] = [len(api.asked)]

    api.on_ask = change
    with pytest.raises(SourceError, match=f"changed in each of {READINGS} readings"):
        read(engine, api)


def test_a_page_that_is_what_it_was_is_not_sent_again(engine: Engine) -> None:
    api = Api(linked([1], [2], [3]), has_tags=True)
    read(engine, api)
    api.unsent = 0
    api.pages["/api?page=2"] = {"items": [2.5], "next": "/api?page=3"}
    assert read(engine, api, later=1) == [1, "2.5", 3]
    assert (len(api.asked), api.unsent) == (8, 3)


def test_pages_read_as_declared_otherwise_are_not_gone_by(engine: Engine) -> None:
    read(engine, Api(fed(("", [1], "a"), ("a", [2], "b"), ("b", [], "b"))), CURSOR)
    pages = {address: {"rows": page["items"], **page} for address, page in linked([5], [6]).items()}
    assert read(engine, Api(pages), LINKS.model_copy(update={"records_path": "rows"})) == [5, 6]


def test_pages_that_run_in_a_circle_end_and_are_read_anew_when_mended(engine: Engine) -> None:
    pages = linked([1], [2], [3])
    api = Api({**pages, "/api?page=3": {"items": [3], "next": "/api?page=2"}})
    for hours in (0, 1):
        with pytest.raises(SourceShapeError, match="circle"):
            read(engine, api, later=hours)
    api.pages = pages
    assert read(engine, api, later=2) == [1, 2, 3]


def test_pages_that_are_gone_are_forgotten(engine: Engine) -> None:
    api = Api(linked([1], [2], [3]))
    read(engine, api)
    api.pages = linked([1], [2])
    assert read(engine, api, later=1) == [1, 2]
    assert read(engine, api, later=2) == [1, 2]


@pytest.mark.parametrize(
    ("source", "pages", "place"),
    [
        (SOURCE, {"/api": {"rows": []}}, "/api: items: is missing"),
        (SOURCE, {"/api": {"items": {}}}, "/api: items: is no list"),
        (SOURCE, {"/api": []}, "/api: items: is missing"),
        (LINKS, {"/api": {"items": []}}, "/api: next: is missing"),
        (SOURCE, {"/api": b"<html>"}, "/api: the answer is no JSON"),
        (LINKS, {"/api": {"items": [], "next": "/api"}}, "run in a circle"),
        (
            NUMBERS,
            {f"/api?page={number}": {"items": [1]} for number in (1, 2)},
            "page=2: says what the page before says",
        ),
    ],
)
def test_a_changed_shape_is_told_with_its_place(
    engine: Engine, source: Any, pages: dict[str, Any], place: str
) -> None:
    with pytest.raises(SourceShapeError) as raised:
        read(engine, Api(pages), source)
    assert place in str(raised.value)


def test_an_answer_that_breaks_off_is_no_changed_shape(engine: Engine) -> None:
    with pytest.raises(SourceError, match="breaks off") as raised:
        read(engine, Api({"/api": b'{"items": [1, 2'}), SOURCE)
    assert not isinstance(raised.value, SourceShapeError)
