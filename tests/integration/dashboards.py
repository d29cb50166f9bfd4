"""Help for tests of a running Superset: log in, look into its database, read a page as a person does."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response, sync_playwright

from national_kpi.catalogue import load_catalogue
from national_kpi.cycle.obligations import open_periods
from national_kpi.dashboards import (
    ADMIN_USER,
    ENGINEER_USER,
    TASKFORCE_USER,
    agency_password_file,
)
from national_kpi.dashboards.browser import installed_chromium, wait_until_drawn
from national_kpi.ledger.session import one_at_a_time
from national_kpi.paths import CATALOGUE_DIR, SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish
from tests.integration.building import new_platform, take_in_samples

VIETNAMESE = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)


def published_platform(folder: Path, now: datetime) -> Settings:
    """A platform with the samples published, and reports owed."""
    context = new_platform(folder)
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, now)
    take_in_samples(context, now)
    build(context.paths, context.engine, as_of=now.date(), now=now)
    publish(context.settings, context.paths, context.engine, now=now)
    context.engine.dispose()
    return context.settings


def password(paths: Paths, user: str) -> str:
    files = {
        ADMIN_USER: paths.secrets / "superset_admin_password",
        TASKFORCE_USER: paths.secrets / "superset_taskforce_password",
        ENGINEER_USER: paths.secrets / "superset_engineer_password",
    }
    return files.get(user, agency_password_file(paths, user)).read_text()


def login_token(client: httpx.Client) -> str:
    """The token the log-in page gives, with the cookie that goes with it."""
    token = re.search(r'id="csrf_token"\s+value="([^"]+)"', client.get("/login/").text)
    assert token
    return token[1]


@contextmanager
def logged_in(address: str, user: str, secret: str) -> Iterator[httpx.Client]:
    """A client with the user's session, and the token Superset wants back."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        token = login_token(client)
        client.headers.update({"X-CSRFToken": token, "Referer": address})
        client.post("/login/", data={"username": user, "password": secret, "csrf_token": token})
        yield client


def known_to_superset(paths: Paths, table: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    """Rows of Superset's own database by uuid."""
    with sqlite3.connect(paths.superset / "superset.db") as database:
        rows = database.execute(f"select uuid, {', '.join(columns)} from {table}").fetchall()
    return {str(UUID(bytes=uuid)): tuple(values) for uuid, *values in rows}


def declared(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The assets of a kind in a folder of assets, by uuid."""
    assets = (yaml.safe_load(file.read_text("utf-8")) for file in (folder / kind).rglob("*.yaml"))
    return {asset["uuid"]: asset for asset in assets}


@contextmanager
def browser() -> Iterator[Page]:
    """A page of a browser."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**installed_chromium())
        yield running.new_page(viewport={"width": 1366, "height": 768}, locale="vi-VN")
        running.close()


def tiles_of(page: Page, address: str, name: str) -> dict[str, str]:
    """The texts of a dashboard's charts by name, once it is whole, no wider than the page and Vietnamese."""
    dashboard = yaml.safe_load((SUPERSET_ASSETS_DIR / "dashboards" / f"{name}.yaml").read_text("utf-8"))
    charts = {
        yaml.safe_load((SUPERSET_ASSETS_DIR / "charts" / f"{chart}.yaml").read_text("utf-8"))["slice_name"]
        for row in dashboard["rows"]
        for chart in row["charts"]
    }
    wrong: list[str] = []

    def note_response(response: Response) -> None:
        own = response.url.startswith((address, "data:", "blob:"))
        if not own or response.status >= 400:
            wrong.append(f"{response.status} {response.url}")

    def note_message(message: ConsoleMessage) -> None:
        # Superset asks for a picture of its makers, which the content security policy does not let it load.
        if message.type == "error" and "scarf.sh" not in message.text:
            wrong.append(message.text)

    page.on("response", note_response)
    page.on("console", note_message)
    page.goto(f"{address}/superset/dashboard/{dashboard['slug']}/")
    wait_until_drawn(page, len(charts))
    page.remove_listener("response", note_response)
    page.remove_listener("console", note_message)
    tiles = {
        str(tile.get_attribute("data-test-chart-name")): tile.inner_text()
        for tile in page.locator("[data-test=chart-grid-component]").all()
    }
    assert set(tiles) == charts
    assert texts_not_in_vietnamese(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.locator("[role=alert], .ant-empty, .ant-alert-error").count() == 0
    assert wrong == []
    assert serious_violations(page) == []
    return tiles


def serious_violations(page: Page) -> list[str]:
    """What people with impairments could not use of our own markup: the Handlebars charts and the links."""
    found = Axe().run(page, context={"include": [[".handlebars"], [".kpi-links"]]}).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def texts_not_in_vietnamese(page: Page) -> list[str]:
    """What a person can read on the page that is words, and not Vietnamese ones."""
    texts = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
            for (let node; (node = walker.nextNode());) {
                const box = node.parentElement, unseen = getComputedStyle(box).fontSize === "0px";
                if (box.checkVisibility() && !unseen) texts.push(node.textContent.trim());
            }
            document.querySelectorAll("[placeholder]").forEach((box) => texts.push(box.placeholder));
            return texts;
        }"""
    )
    words = (text for text in texts if re.search("[A-Za-z]{3}", text))
    codes = re.compile(r"F0\d\S*\.\w+|[A-Z]+-\d+")
    # The names of some provinces, such as Gia Lai, have no letter that only Vietnamese has.
    agencies = " ".join(agency.name_vi for agency in load_catalogue(CATALOGUE_DIR).agencies)
    return [
        text
        for text in words
        if not VIETNAMESE.search(text) and not codes.fullmatch(text) and text not in agencies
    ]
