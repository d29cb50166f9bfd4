"""Accounts of a real Superset: an agency has its own rows in no way but one, and each role its own limits."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from national_kpi.agencies import may_speak_for
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.dashboards import (
    ADMIN_USER,
    ENGINEER_USER,
    TASKFORCE_USER,
    agency_password_file,
    import_dashboards,
    process,
    serving,
    superset_environment,
)
from national_kpi.dashboards.browser import log_in
from national_kpi.paths import SUPERSET_ASSETS_DIR, Paths
from national_kpi.settings import Settings
from tests.integration.building import select
from tests.integration.dashboard_attacks import (
    ADDRESSES,
    COLUMN,
    ESCAPES,
    PAST_THE_RULE,
    ask,
    foreign,
    rows,
)
from tests.integration.dashboards import (
    browser,
    logged_in,
    login_token,
    password,
    published_platform,
    tiles_of,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
BANK, TRADE = "G19", "G02"
KPI = Path(sys.executable).with_name("kpi")
OWN_DASHBOARD = "/superset/dashboard/co-quan-toi/"
EVENTS = "/superset/log/?explode=events"
Ask = Callable[..., httpx.Response]
Client = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return published_platform(tmp_path_factory.mktemp("accounts"), NOW)


@pytest.fixture(scope="module")
def paths(settings: Settings) -> Paths:
    """A home whose dashboards are imported, with the accounts of two agencies."""
    paths = Paths.of(settings)
    for code in (BANK, TRADE):
        file = agency_password_file(paths, code)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_text(f"chosen for {code} beforehand")
    import_dashboards(paths)
    return paths


@pytest.fixture(scope="module")
def superset(settings: Settings, paths: Paths) -> Iterator[str]:
    with serving(settings) as address:
        yield address


@pytest.fixture(scope="module")
def as_user(superset: str, paths: Paths) -> Iterator[Client]:
    """Clients by user; each logs in once."""
    clients: dict[str, httpx.Client] = {}
    with ExitStack() as stack:

        def client(user: str) -> httpx.Client:
            if user not in clients:
                clients[user] = stack.enter_context(logged_in(superset, user, password(paths, user)))
            return clients[user]

        yield client


@pytest.fixture(scope="module")
def datasets(paths: Paths) -> dict[str, int]:
    """Superset's numbers of the datasets."""
    with sqlite3.connect(paths.superset / "superset.db") as database:
        return dict(database.execute("select table_name, id from tables").fetchall())


@pytest.fixture(scope="module")
def others(as_user: Client, paths: Paths, datasets: dict[str, int]) -> dict[str, set[str]]:
    """Names of agencies that no answer to an account may hold: those its own rows do not mention."""
    agencies = select(paths.current_snapshot, "select distinct agency_name_vi from dim_agency")
    names = {row["agency_name_vi"] for row in agencies}
    own = dict.fromkeys((BANK, TRADE), "")
    for code in own:
        rule = [{"col": "account_code", "op": "==", "val": code}]
        for name, number in datasets.items():
            if name.startswith("agency_"):
                asked = partial(
                    ask, as_user(ADMIN_USER), number, filters=rule, columns=[], result_type="samples"
                )
                own[code] += asked().text
    return {code: names - foreign(text, names) for code, text in own.items()}


def test_an_account_may_see_those_its_agency_may_speak_for(paths: Paths, catalogue: Catalogue) -> None:
    sql = (SUPERSET_ASSETS_DIR / "accounts.sql").read_text("utf-8")
    seen = {(row["account_code"], row["agency_id"]) for row in select(paths.current_snapshot, sql)}
    agencies = [one for one in catalogue.agencies if one.kind != "collective"]
    expected = {
        (holder.agency_code, agency.agency_id)
        for holder in agencies
        if holder.valid_on(NOW.date())
        for agency in agencies
        if may_speak_for(catalogue, holder, agency)
    }
    assert seen == expected
    assert {agency for code, agency in seen if code == "G17"} >= {"G04@0001-01-01", "G04.X-VPB@0001-01-01"}


@pytest.mark.parametrize("code", [BANK, TRADE])
def test_an_account_has_its_own_rows_only_and_no_other_dataset(
    as_user: Client, datasets: dict[str, int], others: dict[str, set[str]], code: str
) -> None:
    client, own = as_user(code), [name for name in datasets if name.startswith("agency_")]
    assert len(own) == 7
    for name, number in datasets.items():
        answer = ask(client, number, columns=["account_code"] if name in own else ["agency_name_vi"])
        if name in own:
            assert {row["account_code"] for row in rows(answer)} == {code}, name
            assert not foreign(ask(client, number, columns=[], result_type="samples").text, others[code])
        else:
            assert answer.status_code == 403, name
    everything = ask(as_user(ADMIN_USER), datasets["agency_values"])
    assert foreign(everything.text, others[code]), "the names would be seen if they were there"


@pytest.mark.parametrize("query", PAST_THE_RULE, ids=lambda query: json.dumps(query)[:60])
def test_no_request_for_rows_reaches_past_the_rule(
    as_user: Client, datasets: dict[str, int], others: dict[str, set[str]], query: dict[str, Any]
) -> None:
    answer = ask(as_user(BANK), datasets["agency_values"], **query)
    assert foreign(answer.text, others[BANK]) == set()
    sends_sql = re.search("sqlExpression|where|having|select|version|annotation", json.dumps(query))
    assert answer.status_code in ((400, 403) if sends_sql else (200,)), answer.text


def test_accounts_are_asked_for_columns_by_name_not_for_sql_that_happens_to_be_harmless(
    as_user: Client, datasets: dict[str, int]
) -> None:
    """The engineer may send what an agency may not: so it is the rule on agencies that refuses it."""
    query = {"columns": [{**COLUMN, "sqlExpression": "upper(agency_name_vi)"}]}
    assert ask(as_user(ENGINEER_USER), datasets["agency_values"], **query).status_code == 200
    assert ask(as_user(BANK), datasets["agency_values"], **query).status_code == 403
    axis = {"columns": [{**COLUMN, "sqlExpression": "period_end", "columnType": "BASE_AXIS"}]}
    assert ask(as_user(BANK), datasets["agency_values"], **axis).status_code == 200


@pytest.mark.parametrize(("method", "address", "content"), ADDRESSES)
def test_no_other_address_gives_an_agency_rows_of_others(
    as_user: Client,
    paths: Paths,
    datasets: dict[str, int],
    others: dict[str, set[str]],
    method: str,
    address: str,
    content: dict[str, Any] | None,
) -> None:
    with sqlite3.connect(paths.superset / "superset.db") as database:
        ((chart,),) = database.execute(
            "select min(id) from slices where datasource_id = ?", [datasets["gaps"]]
        )
    numbers = {"values": datasets["agency_values"], "gaps": datasets["gaps"], "foreign_chart": chart}
    answer = as_user(BANK).request(method, address.format(**numbers), json=content)
    assert foreign(answer.text, others[BANK]) == set()
    assert "Tổng quan quốc gia" not in answer.text
    if (
        not address.startswith(("/api/v1/chart/", "/api/v1/dashboard/"))
        or "{" in address
        or "tong-" in address
    ):
        assert answer.status_code != 200, answer.text[:500]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_downloads_hold_own_rows_only(
    as_user: Client, datasets: dict[str, int], others: dict[str, set[str]], form: str
) -> None:
    answer = ask(as_user(TRADE), datasets["agency_milestones"], form)
    assert answer.status_code == 200
    if form == "csv":
        assert "Bộ Công Thương" in answer.text and not foreign(answer.text, others[TRADE])
    assert ask(as_user(TRADE), datasets["milestones"], form).status_code == 403


def test_a_cached_answer_is_given_to_the_account_it_was_made_for_only(
    as_user: Client, datasets: dict[str, int]
) -> None:
    asked = partial(ask, dataset=datasets["agency_values"], columns=["account_code", "kpi_name_vi"])
    for code, cached in ((BANK, False), (TRADE, False), (BANK, True), (TRADE, True)):
        answer = asked(as_user(code))
        assert {row["account_code"] for row in rows(answer)} == {code}
        assert bool(answer.json()["result"][0]["is_cached"]) == cached
    assert len({row["account_code"] for row in rows(asked(as_user(ADMIN_USER)))}) > 2


@pytest.mark.needs_chromium
def test_an_agency_lands_on_its_dashboard_and_finds_itself_only(
    superset: str, paths: Paths, others: dict[str, set[str]]
) -> None:
    with browser() as page:
        log_in(page, superset, BANK, password(paths, BANK))
        assert page.url.startswith(superset + OWN_DASHBOARD)
        tiles = tiles_of(page, superset, "co_quan_toi")
        assert "2/4 bộ" in tiles["Chỉ số của cơ quan so với chỉ tiêu, hạng trong nhóm"]
        assert "đạt 28.5%" in tiles["Phát hiện và cách khắc phục"]
        assert foreign(page.inner_text("body"), others[BANK]) == set()
        links = page.eval_on_selector_all("a[href*='/superset/dashboard/']", "all => all.map(a => a.href)")
        assert [link for link in links if OWN_DASHBOARD not in link] == []
        page.goto(f"{superset}/")
        assert page.url.startswith(superset + OWN_DASHBOARD)


def test_the_task_force_downloads_and_changes_nothing(as_user: Client, datasets: dict[str, int]) -> None:
    client = as_user(TASKFORCE_USER)
    for name, number in datasets.items():
        answer = ask(client, number, "csv", columns=["agency_name_vi"])
        assert (answer.status_code == 403) == name.startswith("agency_"), name
    assert client.get("/", follow_redirects=False).headers["location"].endswith("/tong-quan-quoc-gia/")
    for method, address, content in (
        ("POST", "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "select 1"}),
        ("PUT", "/api/v1/chart/1", {"slice_name": "Đổi"}),
        ("PUT", "/api/v1/dashboard/1", {"dashboard_title": "Đổi"}),
        ("PUT", f"/api/v1/dataset/{datasets['gaps']}", {"sql": "select 1"}),
        ("DELETE", "/api/v1/chart/1", None),
        ("POST", "/api/v1/dataset/", {"database": 1, "schema": "main", "table_name": "dim_agency"}),
        ("GET", "/api/v1/security/users/", None),
        ("GET", "/api/v1/rowlevelsecurity/", None),
    ):
        assert client.request(method, address, json=content).status_code in (403, 404), address
    assert client.get("/sqllab/", follow_redirects=False).status_code != 200


def test_the_engineer_may_do_everything_but_administer_users(
    as_user: Client, datasets: dict[str, int]
) -> None:
    client = as_user(ENGINEER_USER)
    sql = {"database_id": 1, "sql": "select count(*) from main.dim_agency", "runAsync": False}
    assert client.post("/api/v1/sqllab/execute/", json=sql).status_code == 200
    assert len(rows(ask(client, datasets["agency_values"], columns=["account_code"]))) > 2
    chart = {
        "slice_name": "Thử",
        "viz_type": "table",
        "datasource_id": datasets["gaps"],
        "datasource_type": "table",
        "params": "{}",
    }
    made = client.post("/api/v1/chart/", json=chart)
    assert made.status_code == 201, made.text
    assert client.delete(f"/api/v1/chart/{made.json()['id']}").status_code == 200
    user = {"username": "x", "first_name": "x", "last_name": "x", "email": "x@x", "password": "Aa1!aaaaaaaa"}
    for method, address, content in (
        ("GET", "/api/v1/security/users/", None),
        ("POST", "/api/v1/security/users/", {**user, "active": True, "roles": [1]}),
        ("GET", "/api/v1/security/roles/", None),
        ("POST", "/api/v1/security/roles/", {"name": "x"}),
        ("GET", "/api/v1/security/permissions/", None),
        ("GET", "/api/v1/rowlevelsecurity/", None),
        ("POST", "/api/v1/rowlevelsecurity/", {"name": "x", "clause": "1=1"}),
        ("POST", "/api/v1/security/guest_token/", {}),
    ):
        assert client.request(method, address, json=content).status_code in (403, 404), address
    for address in ("/users/list/", "/roles/list/", "/users/", "/list_groups/"):
        assert client.get(address, follow_redirects=False).status_code != 200, address


@pytest.mark.parametrize("sql", ESCAPES)
def test_sql_of_the_engineer_stays_inside_the_snapshot(
    as_user: Client, paths: Paths, tmp_path: Path, sql: str
) -> None:
    before = paths.current_snapshot.read_bytes()
    statement = {"database_id": 1, "sql": sql.format(folder=tmp_path), "runAsync": False}
    answer = as_user(ENGINEER_USER).post("/api/v1/sqllab/execute/", json=statement)
    assert answer.status_code >= 400, answer.text
    assert "root:" not in answer.text
    assert list(tmp_path.iterdir()) == []
    assert paths.current_snapshot.read_bytes() == before


def test_superset_keeps_hashes_of_passwords_only(paths: Paths) -> None:
    with sqlite3.connect(paths.superset / "superset.db") as database:
        stored = dict(database.execute("select username, password from ab_user").fetchall())
    assert set(stored) == {ADMIN_USER, TASKFORCE_USER, ENGINEER_USER, BANK, TRADE}
    assert all(re.match(r"(scrypt|pbkdf2):.+\$.+\$[0-9a-f]{64,}$", kept) for kept in stored.values())
    content = (paths.superset / "superset.db").read_bytes()
    assert not [user for user in stored if password(paths, user).encode() in content]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in paths.secrets.glob("superset_*"))


def kpi_account(paths: Paths, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "KPI_HOME": str(paths.home)}
    return subprocess.run(
        [KPI, "account", *arguments], env=environ, capture_output=True, text=True, check=False
    )


def test_an_account_is_opened_closed_and_listed_by_command(
    superset: str, as_user: Client, paths: Paths, datasets: dict[str, int]
) -> None:
    asked = partial(ask, as_user(TRADE), datasets["agency_values"], columns=["account_code", "unit"])
    with sqlite3.connect(paths.superset / "superset.db") as database:
        database.execute(
            "delete from rls_filter_roles where role_id in (select id from ab_role where name like '% G02')"
        )
    assert rows(asked()) == [], "without its rule an account sees nothing"
    opened = kpi_account(paths, "H49", "--json")
    assert opened.returncode == 0, opened.stderr
    assert {row["account_code"] for row in rows(asked())} == {TRADE}, "every account is put right"
    file = agency_password_file(paths, "H49")
    (row,) = json.loads(opened.stdout)
    assert row == {"user": "H49", "agency_name": "UBND tỉnh Quảng Ninh", "password_file": str(file)}
    secret = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600 and secret not in opened.stdout + opened.stderr
    listed = {one["user"] for one in json.loads(kpi_account(paths, "--json").stdout)}
    assert listed == {BANK, TRADE, "H49"}
    with logged_in(superset, "H49", secret) as client:
        assert client.get("/api/v1/me/").json()["result"]["first_name"] == "UBND tỉnh Quảng Ninh"
        assert kpi_account(paths, "H49", "--remove").returncode == 0
        assert client.get("/api/v1/me/").status_code == 401, "the session ends with the account"
    assert not file.exists()
    with logged_in(superset, "H49", secret) as client:
        assert client.get("/api/v1/me/").status_code == 401


def test_sessions_and_requests_are_guarded(superset: str, paths: Paths, as_user: Client) -> None:
    with httpx.Client(base_url=superset, trust_env=False) as client:
        answer = client.get("/login/")
        cookie, policy = answer.headers["set-cookie"], answer.headers["content-security-policy"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert "frame-ancestors 'self'" in policy
        assert "'unsafe-inline'" not in re.findall(r"script-src[^;]*", policy)[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
        client.post("/login/", data={"username": BANK, "password": password(paths, BANK)})
        assert client.get("/api/v1/me/").status_code == 401, "logged in without the form's token"
    unsigned = httpx.Client(base_url=superset, cookies=as_user(BANK).cookies, trust_env=False)
    assert unsigned.post("/api/v1/dashboard/1/filter_state", json={"value": "{}"}).status_code == 400


def test_a_late_answer_to_the_login_page_does_not_undo_the_login(superset: str, as_user: Client) -> None:
    with httpx.Client(base_url=superset, trust_env=False, headers={"Referer": superset}) as client:
        event = {"events": '[{"event_name": "spa_navigation"}]', "csrf_token": login_token(client)}
        answer = client.post(EVENTS, data=event)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)
    assert as_user(BANK).post(EVENTS, data={"events": "[]"}).status_code == 200


def test_behind_a_proxy_cookies_are_for_https_only(paths: Paths) -> None:
    program = (
        "from superset.app import create_app\n"
        "answer = create_app().test_client().get('/login/', headers={'X-Forwarded-Proto': 'https'})\n"
        "print('ANSWER', answer.headers['Set-Cookie'], answer.headers['Strict-Transport-Security'])"
    )
    environ = {**os.environ, **superset_environment(paths), "KPI_SUPERSET_HTTPS": "True"}
    said = subprocess.run(
        [process.SUPERSET_BIN / "python", "-c", program],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = [line for line in said.splitlines() if line.startswith("ANSWER")]
    assert "; Secure" in line and "max-age=" in line


def test_guessing_passwords_is_slowed_down(superset: str) -> None:
    with httpx.Client(base_url=superset, trust_env=False, headers={"Referer": superset}) as client:
        form = {"username": BANK, "password": "wrong", "csrf_token": login_token(client)}
        answers = [client.post("/login/", data=form).status_code for _ in range(45)]
        assert 429 in answers
        wanted = {"username": BANK, "password": "wrong", "provider": "db"}
        answers = [client.post("/api/v1/security/login", json=wanted).status_code for _ in range(45)]
        assert 429 in answers
