"""The page of a receipt in a real browser: on a phone, on paper, and with what strangers wrote in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from national_kpi.dashboards.browser import installed_chromium
from national_kpi.intake.receipt_page import page_of
from tests.unit.intake.receipts import HOSTILE, LONG, placed, whole_receipt

pytestmark = pytest.mark.needs_chromium

A4 = (595, 842)
"""Width and height in points."""
PHONE = 360
"""The narrowest screen in use, in pixels."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**installed_chromium())
        yield browser.new_page(viewport={"width": PHONE, "height": 740})
        browser.close()


def show(page: Page, folder: Path, **more: object) -> None:
    file = folder / "bien-nhan.html"
    file.write_text(page_of(whole_receipt(**more)), encoding="utf-8")
    page.goto(file.as_uri())


def long_receipt() -> dict[str, object]:
    findings = [placed("block", f"E{row}", found=LONG, expected=LONG, sheet=LONG) for row in range(5, 205)]
    totals = [{"column_name": "x", "header": LONG, "total": "9" * 38}]
    return {
        "findings": findings,
        "totals": totals,
        "file_name": LONG,
        "marked_workbook": f"{LONG}-danh-dau.xlsx",
    }


@pytest.mark.parametrize("more", [{}, long_receipt()], ids=["ordinary", "long"])
def test_a_phone_shows_it_without_scrolling_sideways(
    page: Page, tmp_path: Path, more: dict[str, object]
) -> None:
    show(page, tmp_path, **more)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    widest = "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
    assert page.evaluate(widest) <= PHONE


@pytest.mark.parametrize(("more", "pages"), [({}, range(1, 4)), (long_receipt(), range(5, 200))])
def test_it_prints_on_a4(page: Page, tmp_path: Path, more: dict[str, object], pages: range) -> None:
    show(page, tmp_path, **more)
    printed = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {A4}
    assert len(boxes) in pages


def test_no_text_of_strangers_runs_or_reaches_out(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    attack = HOSTILE + '<img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a>'
    show(
        page,
        tmp_path,
        file_name=attack,
        findings=[placed("block", found=attack, message=attack, sheet=attack)],
    )
    assert asked == [(tmp_path / "bien-nhan.html").as_uri()]
    assert page.locator("img, script").count() == 0
    assert page.locator("a").evaluate_all("links => links.map(one => one.getAttribute('href'))") == [
        "bao%20c%C3%A1o-danh-dau.xlsx"
    ]
