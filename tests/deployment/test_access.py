"""What people can reach from outside: agencies their own folder, everybody else the proxy, with TLS."""

import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from national_kpi.paths import Paths
from national_kpi.sftp_keys import add_key, parse_key, remove_keys
from national_kpi.stack.credentials import AIRFLOW_USER, airflow_credentials
from tests.deployment.engine import Engine
from tests.deployment.people import (
    AIRFLOW,
    HTTPS_PORT,
    SUPERSET,
    Agency,
    airflow_token,
    browser,
)
from tests.e2e.running import eventually

CERTIFY = "certify_period"


@pytest.fixture(scope="module")
def agency(deployment: Engine, tmp_path_factory: pytest.TempPathFactory) -> Agency:
    """An agency that takes no part in the round."""
    found = Agency.of(deployment, "G02", tmp_path_factory.mktemp("agency"))
    add_key(Paths(deployment.home), found.code, parse_key(found.public_key))
    return found


@pytest.fixture(scope="module")
def neighbour(deployment: Engine, tmp_path_factory: pytest.TempPathFactory) -> Agency:
    found = Agency.of(deployment, "G03", tmp_path_factory.mktemp("neighbour"))
    add_key(Paths(deployment.home), found.code, parse_key(found.public_key))
    return found


def test_an_agency_sees_its_own_folder_and_nothing_else(agency: Agency) -> None:
    shown = agency.sftp("ls -1a /")
    assert shown.returncode == 0, shown.stderr
    assert set(shown.stdout.splitlines()[1:]) == {
        "/.", "/..", "/inbox", "/receipts", "/reminders", "/receipt.schema.json",
    }  # fmt: skip
    for path in ("/../G03", "../../G03", "/srv", "/etc/passwd", "/../../etc/passwd", "/proc/1/root"):
        assert agency.sftp(f"ls {path}").returncode != 0, path


def test_an_agency_cannot_put_links_or_touch_its_receipts(
    agency: Agency, deployment: Engine, tmp_path: Path
) -> None:
    receipts = deployment.home / "drop" / agency.code / "receipts"
    folder = receipts / "00001"
    folder.mkdir()
    (folder / "receipt.json").write_text("{}")
    for command in (
        "ln -s /receipts /inbox/link", "symlink /etc /inbox/link", "ln /receipts/00001/receipt.json /inbox/x",
        "mkdir /inbox/folder", "mkdir /receipts/new", "rm /receipts/00001/receipt.json",
        "rename /receipts/00001 /inbox/00001", "rename /inbox /receipts", "rm /receipt.schema.json",
        f"put {__file__} /receipts/00001/receipt.json", f"put {__file__} /receipts/x", f"put {__file__} /x",
        "chmod 777 /receipts", "chown 1000 /receipts",
    ):  # fmt: skip
        assert agency.sftp(command).returncode != 0, command
    assert [file.name for file in receipts.iterdir()] == ["00001"]
    assert agency.sftp(f"get /receipts/00001/receipt.json {tmp_path / 'copy'}").returncode == 0
    (folder / "receipt.json").unlink()
    folder.rmdir()


def test_an_agency_gets_no_shell_and_no_way_through(agency: Agency) -> None:
    shell = agency.ssh("id")
    assert shell.returncode != 0 and "uid=" not in shell.stdout
    terminal = agency.ssh(options=["-tt"])
    assert terminal.returncode != 0 and "$" not in terminal.stdout
    through = agency.ssh(options=["-W", "postgres:5432"])
    assert through.returncode != 0


def test_nobody_logs_in_without_a_key_that_was_let_in(
    agency: Agency, neighbour: Agency, deployment: Engine
) -> None:
    stranger = Agency(neighbour.code, agency.folder, agency.server)
    assert stranger.sftp("ls").returncode != 0, "one agency's key opens another's folder"
    for user in ("root", "kpi", "nobody"):
        assert Agency(user, agency.folder, agency.server).sftp("ls").returncode != 0, user
    remove_keys(Paths(deployment.home), neighbour.code, None)
    assert neighbour.sftp("ls").returncode != 0, "a key that was taken away"


def test_an_upload_under_way_is_not_the_platforms_yet(
    agency: Agency, deployment: Engine, tmp_path: Path
) -> None:
    inbox = deployment.home / "drop" / agency.code / "inbox"
    large = tmp_path / "bao-cao-lon.csv"
    large.write_text("Không phải biểu mẫu nào\n" * 12_000)
    slowly = [*agency.command("sftp", "-l", "400"), "-b", "-", agency.login]
    with subprocess.Popen(slowly, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as upload:
        assert upload.stdin
        upload.stdin.write(f"put {large}\n")
        upload.stdin.close()
        file = inbox / large.name
        eventually(file.exists, seconds=20, pause=0.1)
        while upload.poll() is None:
            assert file.exists(), "taken while it was being sent"
            assert file.stat().st_uid != 1000 or upload.poll() is not None, (
                "handed over while it was being sent"
            )
    assert upload.returncode == 0
    eventually(lambda: agency.receipts(), seconds=120, pause=1)
    (receipt,) = agency.receipts()
    assert (receipt["file_name"], receipt["size_bytes"]) == (large.name, large.stat().st_size)


def test_only_the_proxy_and_sftp_can_be_reached(deployment: Engine) -> None:
    for service, port in (
        ("superset", 8088),
        ("airflow-api-server", 8080),
        ("postgres", 5432),
        ("redis", 6379),
    ):
        for address in deployment.addresses(service):
            with pytest.raises(OSError), socket.create_connection((address, port), timeout=3):
                pass
    plain = httpx.get(f"http://{deployment.address('proxy')}:8080/login/", headers={"Host": SUPERSET})
    assert (plain.status_code, plain.headers["Location"]) == (308, f"https://{SUPERSET}:{HTTPS_PORT}/login/")


def test_dashboards_and_airflow_answer_over_tls_each_by_its_name(deployment: Engine) -> None:
    with browser(deployment, SUPERSET) as people:
        page = people.get("/login/")
        assert page.status_code == 200 and "max-age" in page.headers["Strict-Transport-Security"]
        assert all("Secure" in cookie for cookie in page.headers.get_list("Set-Cookie")) and page.cookies
    with browser(deployment, AIRFLOW) as people:
        assert people.get("/api/v2/version").status_code == 200
        assert people.get("/execution/health").status_code == 404, "what tasks talk to is inside"
    with browser(deployment, "anything.example") as people, pytest.raises(httpx.ConnectError):
        people.get("/")


def test_log_ins_are_counted_by_all_workers_together(deployment: Engine) -> None:
    with browser(deployment, SUPERSET) as people:
        guess = {"username": "admin", "password": "guess", "provider": "db"}
        answers = [people.post("/api/v1/security/login", json=guess).status_code for _ in range(24)]
    assert set(answers[:20]) == {401} and set(answers[20:]) == {429}


def test_roles_of_airflow_are_the_platforms(deployment: Engine) -> None:
    password = airflow_credentials(Paths(deployment.home)).airflow_password
    with browser(deployment, AIRFLOW) as people:
        assert airflow_token(people, AIRFLOW_USER, "guess").status_code == 401
        administrator = airflow_token(people, AIRFLOW_USER, password).json()["access_token"]
        for name, role in (("nguoiduyet", "Tổ công tác"), ("kysu", "Kỹ sư dữ liệu")):
            account = {
                "username": name, "first_name": name, "last_name": name, "email": f"{name}@kpi.example",
                "roles": [{"name": role}], "password": password,
            }  # fmt: skip
            made = people.post(
                "/auth/fab/v1/users", json=account, headers={"Authorization": f"Bearer {administrator}"}
            )
            assert made.status_code in (200, 201), made.text
            token = airflow_token(people, name, password).json()["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            shown = {dag["dag_id"] for dag in people.get("/api/v2/dags", headers=bearer).json()["dags"]}
            questions = people.get("/api/v2/dags/~/dagRuns/~/hitlDetails", headers=bearer)
            connections = people.get("/api/v2/connections", headers=bearer)
            answer = people.patch(
                f"/api/v2/dags/{CERTIFY}/dagRuns/none/taskInstances/ask/-1/hitlDetails",
                headers=bearer, json={"chosen_options": ["Chứng nhận"], "params_input": {}},
            )  # fmt: skip
            if role == "Tổ công tác":
                assert shown == {CERTIFY}
                assert (questions.status_code, connections.status_code, answer.status_code) == (200, 403, 404)
            else:
                assert {CERTIFY, "intake", "build"} <= shown
                assert (questions.status_code, connections.status_code, answer.status_code) == (200, 200, 403)
