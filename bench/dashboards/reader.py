"""A reader of the dashboards, by Superset's own API and by a browser."""

import json
import re
import sys
import time
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from national_kpi.dashboards import TASKFORCE_USER, browser
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths

sys.path.append(str(SUPERSET_ASSETS_DIR))
from apply import queries

RANKINGS = "xep-hang-va-ban-do"


@dataclass(frozen=True)
class Question:
    """What a browser asks for one chart."""

    dataset_id: int
    queries: list[dict[str, Any]]


@dataclass(frozen=True)
class Reader:
    """One person who has logged in."""

    client: httpx.Client

    def ask(self, question: Question, *, force: bool) -> list[dict[str, Any]]:
        """The rows of a chart.

        Args:
            question: which chart, with its filters.
            force: compute it anew.

        Raises:
            httpx.HTTPStatusError: Superset refuses or fails.
        """
        rows: list[dict[str, Any]] = []
        for result in self._post(question, "full", force):
            rows += result["data"]
        return rows

    def sql(self, question: Question) -> str:
        """The SQL of the chart's first query."""
        statement: str = self._post(question, "query", False)[0]["query"]
        return statement

    def _post(self, question: Question, result_type: str, force: bool) -> list[dict[str, Any]]:
        answer = self.client.post(
            "/api/v1/chart/data",
            json={
                "datasource": {"id": question.dataset_id, "type": "table"},
                "queries": question.queries,
                "force": force,
                "result_format": "json",
                "result_type": result_type,
            },
        )
        results: list[dict[str, Any]] = answer.raise_for_status().json()["result"]
        return results


def log_in(address: str, paths: Paths) -> Reader:
    """A member of the task force with a session of their own."""
    client = httpx.Client(base_url=address, timeout=120, trust_env=False)
    token = re.search(r'id="csrf_token"\s+value="([^"]+)"', client.get("/login/").text)
    client.headers.update({"X-CSRFToken": token[1] if token else "", "Referer": address})
    known = {"username": TASKFORCE_USER, "password": _password(paths), "csrf_token": token[1]}
    client.post("/login/", data=known)
    return Reader(client)


def _password(paths: Paths) -> str:
    return (paths.secrets / "superset_taskforce_password").read_text()


def questions_of(reader: Reader, slug: str) -> list[Question]:
    """What a browser asks when it opens a dashboard: every chart with the filters' first values."""
    dashboard = reader.client.get(f"/api/v1/dashboard/{slug}").raise_for_status().json()["result"]
    charts = reader.client.get(f"/api/v1/dashboard/{slug}/charts").raise_for_status().json()["result"]
    filters = json.loads(dashboard["json_metadata"])["native_filter_configuration"]
    questions = []
    for chart in charts:
        chosen = [
            condition
            for one in filters
            if chart["id"] not in one["scope"]["excluded"]
            for condition in one["defaultDataMask"]["extraFormData"].get("filters", [])
        ]
        asked = list(queries(chart["form_data"]))
        for query in asked:
            query["filters"] += chosen
        questions.append(Question(int(chart["form_data"]["datasource"].split("__")[0]), asked))
    return questions


def rankings(reader: Reader, column: str) -> Question:
    """A column of the rankings, of some hundred rows."""
    asked = (one for one in questions_of(reader, RANKINGS) if column in one.queries[0]["columns"])
    query = {"columns": [column, "rank_key"], "orderby": [], "filters": [], "row_limit": 500}
    return Question(next(asked).dataset_id, [query])


def opened_in_browser(address: str, paths: Paths, slug: str, charts: int) -> float:
    """Seconds from asking for a dashboard until its last chart is drawn, in a browser that knows it.

    The browser has a profile, as a reader's has: without one it compiles Superset's scripts anew each time.
    """
    with TemporaryDirectory(prefix="kpi-browser-") as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, **browser.installed_chromium(), viewport={"width": 1366, "height": 768}, locale="vi-VN"
        )
        page = context.new_page()
        browser.log_in(page, address, TASKFORCE_USER, _password(paths))
        seconds = [_opened(page, f"{address}/superset/dashboard/{slug}/", charts) for _ in range(6)]
        context.close()
    return median(seconds[1:])


def _opened(page: Page, address: str, charts: int) -> float:
    started = time.perf_counter()
    page.goto(address)
    browser.wait_until_drawn(page, charts)
    return time.perf_counter() - started
