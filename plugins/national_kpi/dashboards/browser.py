"""Reading the dashboards as a person does: a browser for tests, benchmarks and pictures."""

import os
import shutil
from typing import Any

from playwright.sync_api import Page, TimeoutError

from national_kpi.errors import DashboardError

READY_SECONDS = 120
# A chart can have its frame, and no sign of loading, before it has its picture: scripts come one by one.
UNDRAWN_TILES = """() => [...document.querySelectorAll("[data-test=chart-grid-component]")]
    .filter((tile) => {
        const content = tile.querySelector("[data-test=slice-container]");
        const filled = content && (content.querySelector("canvas, svg") || content.innerText.trim());
        return !filled || tile.querySelector(".loading");
    })
    .map((tile) => tile.dataset.testChartName)"""


def installed_chromium() -> dict[str, Any]:
    """What Playwright must know to launch this machine's Chromium.

    Raises:
        DashboardError: there is none.
    """
    executable = shutil.which("chromium")
    if not executable:
        raise DashboardError("Chromium is not installed — apt-get install chromium")
    # Chromium's sandbox refuses to work for root.
    return {"executable_path": executable, "args": [] if os.getuid() else ["--no-sandbox"]}


def log_in(page: Page, address: str, user: str, password: str) -> None:
    """Log in to the Superset at an address; its first dashboard follows."""
    page.goto(f"{address}/login/")
    page.fill("input#username", user)
    page.fill("input#password", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/superset/dashboard/**")


def wait_until_drawn(page: Page, charts: int, seconds: int = READY_SECONDS) -> None:
    """Wait until an open dashboard shows all its charts.

    Args:
        page: where it has been opened.
        charts: how many it has.
        seconds: for how long.

    Raises:
        DashboardError: some are not drawn in time; the message names them.
    """
    drawn = f"""charts => document.querySelectorAll("[data-test=chart-grid-component]").length === charts
        && !document.querySelector(".loading") && !({UNDRAWN_TILES})().length"""
    try:
        page.wait_for_function(drawn, arg=charts, timeout=1000 * seconds)
    except TimeoutError as error:
        undrawn = ", ".join(page.evaluate(UNDRAWN_TILES))
        raise DashboardError(
            f"{page.url}: after {seconds} seconds not all of {charts} charts are drawn: {undrawn}"
        ) from error
