"""One platform for all end-to-end tests, and a browser that leaves a picture behind when a test fails."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from national_kpi.dashboards import TASKFORCE_USER
from national_kpi.dashboards.browser import installed_chromium, log_in
from national_kpi.settings import PROJECT_ROOT
from tests.e2e.running import RunningPlatform

FAILURES = PROJECT_ROOT / ".failures"
SECONDS_PER_TEST = 900
VIEWPORT = {"width": 1600, "height": 4000}  # Superset draws only what is in view
REPORT = pytest.StashKey[pytest.TestReport]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.timeout(SECONDS_PER_TEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture(scope="session")
def platform() -> Iterator[RunningPlatform]:
    """The platform after a first `up`, whose output is kept."""
    running = RunningPlatform(Path(tempfile.mkdtemp(prefix="kpi-e2e-")))
    try:
        outcome = running.stack("up")
        assert outcome.returncode == 0, outcome.stdout
        running.first_output = outcome.stdout
        yield running
    finally:
        shutil.rmtree(FAILURES / "log", ignore_errors=True)
        if (running.home / "log").exists():
            shutil.copytree(running.home / "log", FAILURES / "log", dirs_exist_ok=True)
        running.stack("down")
        shutil.rmtree(running.home)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**installed_chromium())
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, platform: RunningPlatform, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page logged in to Superset as the task force."""
    context = browser.new_context(viewport=VIEWPORT, locale="vi-VN")
    page = context.new_page()
    log_in(page, platform.superset, TASKFORCE_USER, platform.secret("superset_taskforce_password"))
    yield page
    if REPORT not in request.node.stash or request.node.stash[REPORT].failed:
        FAILURES.mkdir(exist_ok=True)
        page.screenshot(path=FAILURES / f"{request.node.name}.png", full_page=True)
    context.close()
