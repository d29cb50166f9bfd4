"""The dashboards as the task force sees them, in a real browser."""

import re
import shutil
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from playwright.sync_api import Locator, Page

from national_kpi.dashboards.browser import wait_until_drawn
from national_kpi.paths import SAMPLES_DIR, SUPERSET_ASSETS_DIR
from tests.e2e.running import RunningPlatform, eventually

OVERVIEW, RANKINGS = "tong_quan_quoc_gia", "xep_hang_va_ban_do"
ONLINE_SERVICES = SAMPLES_DIR / "G06" / "F07-dich-vu-cong-truc-tuyen.xlsx"
MINISTRY = "Bộ Tài nguyên và Môi trường"
RANKING = "Xếp hạng bộ, cơ quan ngang bộ"
CHANGES = "Thay đổi so với bản công bố trước"
FRESH_WITHIN_SECONDS = 60
DRAWN_WITHIN_SECONDS = 60

pytestmark = pytest.mark.needs_chromium


def read(kind: str, name: str) -> dict[str, Any]:
    """One of the files of the dashboards."""
    file = SUPERSET_ASSETS_DIR / kind / f"{name}.yaml"
    asset: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return asset


def address(platform: RunningPlatform, dashboard: str) -> str:
    return f"{platform.superset}/superset/dashboard/{read('dashboards', dashboard)['slug']}/"


def charts(page: Page, dashboard: str) -> dict[str, Locator]:
    """Every chart of the open dashboard by its name, once all have been drawn."""
    rows = read("dashboards", dashboard)["rows"]
    declared = {read("charts", chart)["slice_name"] for row in rows for chart in row["charts"]}
    wait_until_drawn(page, len(declared), DRAWN_WITHIN_SECONDS)
    tiles = page.locator("[data-test=chart-grid-component]").all()
    found = {str(tile.get_attribute("data-test-chart-name")): tile for tile in tiles}
    assert set(found) == declared
    return found


def value_of(page: Page, agency: str) -> str:
    """What the ranking of ministries shows for an agency."""
    text = charts(page, RANKINGS)[RANKING].inner_text()
    match = re.search(rf"{re.escape(agency)}\s+(\S+ %)", text)
    assert match, text
    return match[1]


def test_every_chart_is_filled_and_no_tile_shows_an_error(page: Page, platform: RunningPlatform) -> None:
    page.goto(address(platform, OVERVIEW))
    for name, tile in charts(page, OVERVIEW).items():
        content = tile.locator("[data-test=slice-container]")
        pictures = content.locator("canvas, svg").count()
        assert pictures or re.search(r"\d", content.inner_text()), f"{name} shows nothing"
    assert page.locator("[role=alert], .ant-alert-error, .ant-empty").count() == 0
    assert "không có kết quả" not in page.inner_text("body").casefold()


def test_the_ministry_of_natural_resources_is_read_as_printed(page: Page, platform: RunningPlatform) -> None:
    page.goto(address(platform, RANKINGS))
    assert value_of(page, MINISTRY) == "32,00 %"


def test_a_corrected_file_changes_the_dashboard_within_the_time_promised(
    page: Page, platform: RunningPlatform, tmp_path: Path
) -> None:
    corrected = tmp_path / "F07-dich-vu-cong-truc-tuyen-da-sua.xlsx"
    workbook = openpyxl.load_workbook(ONLINE_SERVICES)
    cells = [
        row[3]
        for row in workbook.worksheets[0].iter_rows()
        if row[1].value == "Bộ TN&MT" and row[2].value == "KPI_OPS_WITH_ONLINE_DOSSIER_RATE"
    ]
    assert [cell.value for cell in cells] == ["32%"]
    cells[0].value = "45%"
    workbook.save(corrected)
    again = tmp_path / "F07-dich-vu-cong-truc-tuyen-nhu-cu.xlsx"
    shutil.copyfile(ONLINE_SERVICES, again)

    page.goto(address(platform, RANKINGS))
    assert value_of(page, MINISTRY) == "32,00 %"
    try:
        assert seconds_until_shown(page, platform, corrected, "45,00 %") < FRESH_WITHIN_SECONDS
        page.goto(address(platform, OVERVIEW))
        changes = charts(page, OVERVIEW)[CHANGES].inner_text()
        assert re.search(rf"{MINISTRY}\s[\s\S]*Giá trị từ 32,00 % thành 45,00 %", changes), changes
        page.goto(address(platform, RANKINGS))
    finally:  # A, B, A: a correction can be taken back
        assert seconds_until_shown(page, platform, again, "32,00 %") < FRESH_WITHIN_SECONDS


def seconds_until_shown(page: Page, platform: RunningPlatform, file: Path, value: str) -> float:
    """Drop a file and look at the dashboard until it shows a value for the ministry."""
    before, dropped = platform.publication(), time.monotonic()
    platform.drop("G06", file)
    eventually(lambda: platform.publication() != before, seconds=3 * FRESH_WITHIN_SECONDS)

    def shown() -> bool:
        page.reload()
        return value_of(page, MINISTRY) == value

    eventually(shown, seconds=FRESH_WITHIN_SECONDS)
    return time.monotonic() - dropped
