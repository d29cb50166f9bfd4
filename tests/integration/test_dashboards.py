"""A real Superset on a real publication: imported as the files say, checked, read-only, always up to date."""

import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import pytest
import yaml
from playwright.sync_api import Page

from national_kpi.clock import HANOI
from national_kpi.dashboards import (
    ADMIN_USER,
    TASKFORCE_USER,
    check_dashboards,
    import_dashboards,
    process,
    serving,
    superset_environment,
)
from national_kpi.dashboards.browser import READY_SECONDS, log_in
from national_kpi.errors import DashboardError
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import Settings
from tests.integration.dashboards import (
    browser,
    declared,
    known_to_superset,
    logged_in,
    password,
    published_platform,
    texts_not_in_vietnamese,
    tiles_of,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
MINISTRY = "Bộ Tài nguyên và Môi trường"
DASHBOARD = "/superset/dashboard/tong-quan-quoc-gia/"
RANKING = SUPERSET_ASSETS_DIR / "charts" / "ranking_ministries.yaml"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return published_platform(tmp_path_factory.mktemp("dashboards"), NOW)


@pytest.fixture(scope="module")
def paths(settings: Settings) -> Paths:
    return Paths.of(settings)


@pytest.fixture(scope="module")
def imported(paths: Paths) -> Paths:
    import_dashboards(paths)
    return paths


@pytest.fixture(scope="module")
def superset(settings: Settings, imported: Paths) -> Iterator[str]:
    """The address of the Superset that serves it."""
    with serving(settings) as address:
        yield address


def apply(paths: Paths, folder: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """Run `apply.py` of another folder of assets on the same Superset."""
    command = [str(process.SUPERSET_BIN / "python"), "-I", str(folder / "apply.py"), *steps]
    environ = {**os.environ, **superset_environment(paths)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_assets(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SUPERSET_ASSETS_DIR, tmp_path / "assets"))


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    asset = yaml.safe_load(file.read_text("utf-8"))
    change(asset)
    file.write_text(yaml.safe_dump(asset, allow_unicode=True), "utf-8")


def test_superset_holds_exactly_what_the_files_declare(imported: Paths) -> None:
    assert set(known_to_superset(imported, "dbs", "id")) == set(declared(SUPERSET_ASSETS_DIR, "databases"))
    assert set(known_to_superset(imported, "tables", "id")) == set(declared(SUPERSET_ASSETS_DIR, "datasets"))
    charts = {uuid: (chart["slice_name"],) for uuid, chart in declared(SUPERSET_ASSETS_DIR, "charts").items()}
    assert known_to_superset(imported, "slices", "slice_name") == charts
    slugs = {
        uuid: (dashboard["slug"],) for uuid, dashboard in declared(SUPERSET_ASSETS_DIR, "dashboards").items()
    }
    assert known_to_superset(imported, "dashboards", "slug") == slugs


def test_a_second_import_has_nothing_to_do(imported: Paths) -> None:
    log = imported.logs / "superset-import.log"
    written, started = log.stat().st_mtime_ns, time.monotonic()
    import_dashboards(imported)
    assert time.monotonic() - started < 1
    assert log.stat().st_mtime_ns == written


def test_keys_and_passwords_are_generated_and_nobody_elses(imported: Paths) -> None:
    secrets = [file for file in imported.secrets.iterdir() if file.name.startswith("superset_")]
    assert len({file.read_text() for file in secrets}) == len(secrets) == 4
    assert all(len(file.read_text()) >= 32 and file.stat().st_mode & 0o777 == 0o600 for file in secrets)


def refused(imported: Paths, assets: Path) -> str:
    """What an import that must fail says; Superset holds what it held before."""
    before = known_to_superset(imported, "slices", "slice_name", "params", "datasource_id")
    edit(assets / "charts" / "gap_table.yaml", lambda chart: chart.update(slice_name="Đổi tên"))
    outcome = apply(imported, assets, "import")
    assert outcome.returncode == 1
    (said,) = [line for line in outcome.stderr.splitlines() if line.startswith("apply: ")]
    assert known_to_superset(imported, "slices", "slice_name", "params", "datasource_id") == before
    return said


def test_an_import_names_each_chart_that_fails_or_is_empty_and_changes_nothing(
    imported: Paths, copy_of_assets: Path
) -> None:
    edit(
        copy_of_assets / "charts" / RANKING.name,
        lambda chart: chart["params"]["all_columns"].append("no_such_column"),
    )
    edit(
        copy_of_assets / "charts" / "ranking_provinces.yaml",
        lambda chart: chart["where"].append(["rank_group", "==", "nobody"]),
    )
    said = refused(imported, copy_of_assets)
    assert re.search("“Xếp hạng bộ, cơ quan ngang bộ”: .*no_such_column", said)
    assert "“Xếp hạng địa phương”: query 1 returns no row" in said


def test_an_import_names_a_chart_without_dataset_and_changes_nothing(
    imported: Paths, copy_of_assets: Path
) -> None:
    edit(copy_of_assets / "charts" / RANKING.name, lambda chart: chart.update(dataset="no_such_dataset"))
    assert "there is no dataset “no_such_dataset”" in refused(imported, copy_of_assets)


def test_without_a_publication_there_is_nothing_to_import(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="nothing is published yet"):
        check_dashboards(Paths(tmp_path))


def test_without_superset_installed_the_message_says_what_to_do(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SUPERSET_BIN", tmp_path)
    with pytest.raises(DashboardError, match=r"not installed — run `make up`"):
        check_dashboards(paths)


def ranking_query(paths: Paths) -> dict[str, Any]:
    """The ranking of ministries' query, with the page's filters, as the browser sends it."""
    chart = yaml.safe_load(RANKING.read_text("utf-8"))
    dataset = SUPERSET_ASSETS_DIR / "datasets" / f"{chart['dataset']}.yaml"
    uuid = yaml.safe_load(dataset.read_text("utf-8"))["uuid"]
    (dataset_id,) = known_to_superset(paths, "tables", "id")[uuid]
    fixed = [
        {"col": column, "op": operator, "val": value}
        for column, operator, value in [*chart["where"], ["basis", "==", "reported"]]
    ]
    kpi = {"col": "kpi_code", "op": "==", "val": "KPI_OPS_WITH_ONLINE_DOSSIER_RATE"}
    latest = {"col": "period_choice_vi", "op": "IN", "val": ["Kỳ mới nhất"]}
    query = {
        "columns": chart["params"]["all_columns"],
        "orderby": [],
        "filters": [*fixed, kpi, latest],
        "row_limit": 200,
    }
    return {"datasource": {"id": dataset_id, "type": "table"}, "queries": [query], "result_format": "json"}


def shown(client: httpx.Client, paths: Paths) -> tuple[str, bool]:
    """What the ranking shows for the ministry, and whether that came from the cache."""
    answer = client.post("/api/v1/chart/data", json=ranking_query(paths))
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["result"]
    (row,) = [row for row in result["data"] if row["agency_name_vi"] == MINISTRY]
    return row["value_text_vi"], bool(result["is_cached"])


def publish_with(paths: Paths, value: str) -> None:
    """Publish the current snapshot once more, with another figure for the ministry."""
    folder = paths.published / f"test-{value[:2]}"
    shutil.copytree(paths.current_snapshot.parent, folder)
    with duckdb.connect(str(folder / "kpi.duckdb")) as database:
        database.execute(
            "update fct_kpi_rank set value_text_vi = ? where agency_name_vi = ?", [value, MINISTRY]
        )
    link = paths.published / "current.next"
    link.symlink_to(folder.name)
    link.replace(paths.published / "current")


def test_a_publication_is_shown_at_once_and_cached_until_the_next(superset: str, imported: Paths) -> None:
    first = (imported.published / "current").readlink()
    with logged_in(superset, TASKFORCE_USER, password(imported, TASKFORCE_USER)) as client:
        assert shown(client, imported)[0] == "32,00 %"
        assert shown(client, imported) == ("32,00 %", True)
        publish_with(imported, "45,00 %")
        assert shown(client, imported) == ("45,00 %", False)
        assert shown(client, imported) == ("45,00 %", True)
        link = imported.published / "current.next"
        link.symlink_to(first)
        link.replace(imported.published / "current")
        assert shown(client, imported)[0] == "32,00 %"


def test_only_the_generated_passwords_open_superset(superset: str, imported: Paths) -> None:
    for user, secret in ((ADMIN_USER, "admin"), (ADMIN_USER, "general"), (TASKFORCE_USER, TASKFORCE_USER)):
        with logged_in(superset, user, secret) as client:
            assert client.get("/api/v1/me/").status_code == 401
    for user in (ADMIN_USER, TASKFORCE_USER):
        with logged_in(superset, user, password(imported, user)) as client:
            assert client.get("/api/v1/me/").json()["result"]["username"] == user


def test_open_data_are_given_to_everybody_and_nothing_beside_them(superset: str, imported: Paths) -> None:
    version = imported.open_data / "2026-M08" / "20260917T010000-000000"
    version.mkdir(parents=True)
    (version / "values.csv").write_text("agency_code,value\r\nH52,12.5\r\n")
    (version.parent / "latest").symlink_to(version.name)
    (version.parent / "values.csv").symlink_to("latest/values.csv")
    (imported.open_data / ".lock").write_text("hidden")
    for address in ("2026-M08/values.csv", f"2026-M08/{version.name}/values.csv"):
        answer = httpx.get(f"{superset}/open-data/{address}", trust_env=False)
        assert (answer.status_code, answer.text[-10:]) == (200, "H52,12.5\r\n"), address
        assert answer.headers["content-type"].startswith("text/csv")
    secret = f"{imported.secrets.name}/superset_admin_password"
    server = HTTPConnection(superset.removeprefix("http://"), timeout=30)
    for address in (f"../{secret}", f"%2e%2e/{secret}", f"2026-M08/../../{secret}", ".lock", str(version)):
        server.request("GET", f"/open-data/{address}")  # as it stands: a client would shorten the path
        answer = server.getresponse()
        content = answer.read()
        assert answer.status == 404 or answer.status in (301, 302), address
        assert b"hidden" not in content and password(imported, ADMIN_USER).encode() not in content
    httpx.put(f"{superset}/open-data/2026-M08/values.csv", content=b"x", trust_env=False)
    assert (version / "values.csv").read_text().startswith("agency_code"), "nobody can write there"


def test_a_chart_is_downloaded_for_a_spreadsheet(superset: str, imported: Paths) -> None:
    with logged_in(superset, TASKFORCE_USER, password(imported, TASKFORCE_USER)) as client:
        asked = ranking_query(imported)
        csv = client.post("/api/v1/chart/data", json={**asked, "result_format": "csv"})
        excel = client.post("/api/v1/chart/data", json={**asked, "result_format": "xlsx"})
    assert csv.content.startswith("\ufeffThứ hạng,".encode())
    sheet = openpyxl.load_workbook(io.BytesIO(excel.content)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    assert "Cơ quan" in header
    assert [row for row in rows if MINISTRY in row and "32,00 %" in row]


def test_viewers_can_read_dashboards_and_nothing_else(superset: str, imported: Paths) -> None:
    sql = {"database_id": 1, "sql": "select 1"}
    with logged_in(superset, TASKFORCE_USER, password(imported, TASKFORCE_USER)) as client:
        assert client.get(DASHBOARD).status_code == 200
        assert client.post("/api/v1/sqllab/execute/", json=sql).status_code == 403
        assert client.get("/api/v1/database/1").status_code in (403, 404)
        assert client.put("/api/v1/dashboard/1", json={"dashboard_title": "Đổi"}).status_code == 403
        assert client.get("/sqllab/", follow_redirects=False).status_code != 200


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('{file}')",
        "copy (select 1) to '{file}.copy'",
        "attach '{file}.db'",
        "update main.publication set submissions_count = 0",
        "set enable_external_access = true",
    ],
)
def test_not_even_an_administrator_gets_past_the_snapshot(
    superset: str, imported: Paths, tmp_path: Path, sql: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("nobody reads this")
    with logged_in(superset, ADMIN_USER, password(imported, ADMIN_USER)) as client:
        allowed = {"database_id": 1, "sql": "select count(*) from main.publication", "runAsync": False}
        assert client.post("/api/v1/sqllab/execute/", json=allowed).status_code == 200
        statement = {**allowed, "sql": sql.format(file=secret)}
        answer = client.post("/api/v1/sqllab/execute/", json=statement)
    assert answer.status_code >= 400, answer.text
    assert "nobody reads this" not in answer.text
    assert list(tmp_path.iterdir()) == [secret]


def test_nothing_from_outside_may_be_loaded(superset: str) -> None:
    policy = httpx.get(f"{superset}/login/", trust_env=False).headers["Content-Security-Policy"]
    sources = {word for part in policy.split(";") for word in part.split()[1:]}
    assert not [source for source in sources if "://" in source or "*" in source]
    assert "default-src 'self'" in policy


@pytest.fixture(scope="module")
def page(superset: str, imported: Paths) -> Iterator[Page]:
    """A browser in which the task force has logged in; it notes what it asked of other hosts."""
    with browser() as page:
        page.goto(f"{superset}/login/")
        page.wait_for_selector("input#password")
        assert texts_not_in_vietnamese(page) == []
        log_in(page, superset, TASKFORCE_USER, password(imported, TASKFORCE_USER))
        page.wait_for_url(f"**{DASHBOARD}**")
        yield page


SHOWN = {
    "tong_quan_quoc_gia": {
        "Chỉ tiêu quốc gia": r"≈ 40 %[\s\S]*Chưa có số liệu|Chưa có số liệu[\s\S]*≈ 40 %",
        "Cơ quan và chỉ số trọng tâm": rf"{MINISTRY}\s[\s\S]{{0,99}}?32,00 %",
    },
    "xep_hang_va_ban_do": {
        "Chênh lệch so với chỉ tiêu theo cơ quan": (
            rf"{MINISTRY}\s[\s\S]{{0,99}}?\s32,00\s[\s\S]{{0,99}}?\s-48,00\s"
        ),
        "Xếp hạng bộ, cơ quan ngang bộ": "trong số 6/22",
    },
    "tinh_hinh_co_quan": {"Số liệu đã gửi và nơi ghi trong tệp": "124/436 văn bản, đạt 28.5%"},
    "tien_do_bao_cao": {"Tình hình nộp báo cáo": "Quá hạn, chưa nộp"},
    "chat_luong_so_lieu": {"Phát hiện về chất lượng số liệu": "đạt 28.5%"},
    "nhiem_vu_va_he_thong": {"Nhiệm vụ, khó khăn và kiến nghị": "Thiếu kinh phí"},
}


@pytest.mark.needs_chromium
@pytest.mark.parametrize("name", SHOWN)
def test_a_dashboard_is_whole_and_reads_vietnamese_throughout(superset: str, page: Page, name: str) -> None:
    tiles = tiles_of(page, superset, name)
    for chart, text in SHOWN[name].items():
        assert re.search(text, tiles[chart]), tiles[chart]


@pytest.mark.needs_chromium
@pytest.mark.parametrize("width", [390, 768])
def test_a_dashboard_is_no_wider_than_a_phone_or_a_tablet(superset: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    try:
        page.goto(superset + DASHBOARD)
        page.locator("[data-test-chart-name='Chỉ tiêu quốc gia'] .kpi-card").first.wait_for(
            timeout=1000 * READY_SECONDS
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.needs_chromium
def test_a_cell_leads_to_the_agency_and_a_link_keeps_what_was_chosen(superset: str, page: Page) -> None:
    page.goto(superset + DASHBOARD)
    page.get_by_role("link", name="32,00 %").first.click()
    page.wait_for_url("**/tinh-hinh-co-quan/**native_filters_key=**", timeout=1000 * READY_SECONDS)
    profile = page.locator("[data-test-chart-name='Cơ quan']")
    profile.get_by_text(MINISTRY).first.wait_for(timeout=1000 * READY_SECONDS)
    rows = page.locator("[data-test-chart-name='Số liệu đã gửi và nơi ghi trong tệp'] tbody tr")
    rows.first.wait_for(timeout=1000 * READY_SECONDS)
    assert all("32%" in row and "F07-dich-vu-cong-truc-tuyen.xlsx" in row for row in rows.all_inner_texts())
    page.get_by_role("link", name="Chất lượng số liệu").click()
    page.wait_for_url("**/chat-luong-so-lieu/**native_filters_key=**", timeout=1000 * READY_SECONDS)
    page.locator("[data-test=filter-bar], .filter-bar").get_by_text(MINISTRY).first.wait_for(
        timeout=1000 * READY_SECONDS
    )


def test_what_leaves_the_files_leaves_superset(imported: Paths, copy_of_assets: Path) -> None:
    (copy_of_assets / "charts" / "coverage.yaml").unlink()
    (copy_of_assets / "datasets" / "coverage.yaml").unlink()

    def drop_row(dashboard: dict[str, Any]) -> None:
        dashboard["rows"] = [row for row in dashboard["rows"] if "coverage" not in row["charts"]]

    edit(copy_of_assets / "dashboards" / "tong_quan_quoc_gia.yaml", drop_row)
    assert apply(imported, copy_of_assets, "import").returncode == 0
    assert set(known_to_superset(imported, "slices", "id")) == set(declared(copy_of_assets, "charts"))
    assert set(known_to_superset(imported, "tables", "id")) == set(declared(copy_of_assets, "datasets"))
