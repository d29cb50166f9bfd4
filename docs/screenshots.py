"""Photographs every dashboard: `make screenshots`.

    docs/images/dashboards/cong-bo/<dashboard>.jpg     with the published figures
    docs/images/dashboards/mo-phong/<dashboard>.jpg    with a simulated nation's year

Each is a platform of its own in a temporary folder: files taken in, built, published, shown by a real
Superset, photographed whole by Chromium at 1366 pixels, and looked at by somebody before it is committed.
"""

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml
from playwright.sync_api import Page, sync_playwright

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI, now
from national_kpi.cycle.obligations import open_periods
from national_kpi.dashboards import (
    TASKFORCE_USER,
    agency_password_file,
    import_dashboards,
    open_account,
    serving,
)
from national_kpi.dashboards.browser import installed_chromium, log_in, wait_until_drawn
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.drop import prepare_folders
from national_kpi.intake.parallel import sweep_in_parallel
from national_kpi.ledger.session import ledger_url, migrate, one_at_a_time, open_ledger
from national_kpi.paths import CATALOGUE_DIR, SAMPLES_DIR, SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order, drop_submissions, received_at
from national_kpi.sources import pull_source
from national_kpi.sources.sample_server import sample_source
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish

IMAGES = PROJECT_ROOT / "docs" / "images" / "dashboards"
WIDTH = 1366
AGENCY = "G19"
MONTHS = months_from(date(2022, 1, 1), 10)
FORMS = ("F01", "F02", "F03", "F04", "F05", "F06")
SEED, SERVICES, ERROR_RATE = 7, 20, 0.02
SIMULATED_NOW = datetime(2022, 11, 20, 9, 0, tzinfo=HANOI)
"""A year of which most targets are: the nation is looked at when its tenth month has been reported."""


def main() -> None:
    """Photograph the dashboards with both sets of figures."""
    with tempfile.TemporaryDirectory(prefix="kpi-screenshots-") as name:
        photograph(published_figures(Path(name) / "published"), IMAGES / "cong-bo")
        photograph(simulated_nation(Path(name) / "simulated"), IMAGES / "mo-phong")


def published_figures(home: Path) -> Settings:
    """A platform that has taken in the samples, and what the sample HTTP source serves."""
    context = open_platform(home)
    prepare_folders(context.paths, context.catalogue, now().date())
    for file in SAMPLES_DIR.glob("[GH]*/*"):
        shutil.copy(file, context.paths.inbox(file.parent.name))
    with sample_source(SAMPLES_DIR / "http", "kpi_road_transport"):
        pull_source(context, "road_transport_public_services", now())
    rested = now() + timedelta(seconds=context.settings.quiet_seconds)  # files just written are left alone
    take_in(context, rested)
    publish_figures(context, rested)
    return context.settings


def simulated_nation(home: Path) -> Settings:
    """A platform to which every agency has reported for ten months, as if each form had been owed then."""
    paths = prepare_home(home, Paths.of(Settings()).home, {"seed": SEED})
    context = open_platform(home)
    nation = reporters_of(context.catalogue, MONTHS, SIMULATED_NOW.date(), SEED, SERVICES)
    monthly = {"period_kind": "month", "valid_from": MONTHS[0].start}
    owed = tuple(rule.model_copy(update=monthly) for rule in context.catalogue.reporting_obligations)
    context = replace(context, catalogue=replace(context.catalogue, reporting_obligations=owed))
    order = Order(MONTHS, FORMS, 0, ERROR_RATE, None)
    drop_submissions(context.catalogue, paths, nation, order, os.cpu_count() or 1)
    for file in list(paths.drop.glob("*/inbox/*")):
        file.rename(file.with_name(f".{file.name}"))  # not there for intake until its month is reported
    for month in MONTHS:
        moment = received_at(month) + timedelta(hours=1)
        hidden = sorted(paths.drop.glob("*/inbox/.*"))
        reported = [file for file in hidden if file.stat().st_mtime == received_at(month).timestamp()]
        if month == MONTHS[-1]:  # published with half of them first: what the others change is shown
            report(context, reported[::2], moment)
            publish_figures(context, moment)
            reported = reported[1::2]
        report(context, reported, moment)
    publish_figures(context, SIMULATED_NOW)
    return context.settings


def report(context: IntakeContext, hidden: list[Path], moment: datetime) -> None:
    """Show files to intake that were hidden from it."""
    for file in hidden:
        file.rename(file.with_name(file.name.removeprefix(".")))
    take_in(context, moment)


def open_platform(home: Path) -> IntakeContext:
    """The home with its ledger, at the present moment."""
    settings = Settings(_env_file=None, home=home, ledger_url="")
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    return IntakeContext(settings, paths, load_catalogue(CATALOGUE_DIR), engine)


def take_in(context: IntakeContext, moment: datetime) -> None:
    """What had come into the inboxes by that moment."""
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, moment)
    sweep_in_parallel(context, moment)


def publish_figures(context: IntakeContext, moment: datetime) -> None:
    """All that was taken in, as if it were that moment."""
    build(context.paths, context.engine, as_of=moment.date(), now=moment)
    publish(context.settings, context.paths, context.engine, now=moment)
    context.engine.dispose()


def photograph(settings: Settings, folder: Path) -> None:
    """Every dashboard, whole: the task force's, and that of an agency."""
    paths = Paths.of(settings)
    import_dashboards(paths)
    open_account(paths, load_catalogue(CATALOGUE_DIR), AGENCY, now().date())
    readers = {
        "task force": (TASKFORCE_USER, paths.secrets / "superset_taskforce_password"),
        "agency": (AGENCY, agency_password_file(paths, AGENCY)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted((SUPERSET_ASSETS_DIR / "dashboards").glob("*.yaml"))
    dashboards = [yaml.safe_load(file.read_text("utf-8")) for file in files]
    with serving(settings) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**installed_chromium())
        for audience, (user, password) in readers.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": 768}, locale="vi-VN")
            log_in(page, address, user, password.read_text())
            for dashboard in (one for one in dashboards if one["audience"] == audience):
                page.goto(f"{address}/superset/dashboard/{dashboard['slug']}/")
                show_whole(page, sum(len(row["charts"]) for row in dashboard["rows"]))
                picture = folder / f"{dashboard['slug']}.jpg"
                page.screenshot(path=picture, quality=80)
                print(picture)
            page.close()
        browser.close()


def show_whole(page: Page, charts: int) -> None:
    """Wait for every chart; the window then is as high as the dashboard."""
    page.set_viewport_size({"width": WIDTH, "height": 768})
    wait_until_drawn(page, charts)
    height = page.evaluate("document.querySelector('.dashboard').scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": height + 80})
    page.wait_for_timeout(1500)  # charts take the new height on


if __name__ == "__main__":
    main()
