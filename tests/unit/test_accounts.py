"""Passwords of Superset lie in files only their owner reads; whoever cannot have an account is told why."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from national_kpi.dashboards.secret_files import agencies_with_account, agency_password_file, provide
from national_kpi.paths import Paths


def test_a_secret_is_generated_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "superset_admin_password"
    provide(file)
    generated = file.read_text()
    assert len(generated) >= 32 and file.stat().st_mode & 0o777 == 0o600
    provide(file)
    assert file.read_text() == generated
    assert list(tmp_path.iterdir()) == [file]


def test_a_secret_put_there_beforehand_stays_and_is_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "superset_admin_password"
    file.write_text("chosen")
    file.chmod(0o644)
    provide(file)
    assert file.read_text() == "chosen" and file.stat().st_mode & 0o777 == 0o600


def test_a_secret_in_the_environment_has_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "superset_admin_password"
    file.write_text("old")
    monkeypatch.setenv("KPI_SUPERSET_ADMIN_PASSWORD", "given")
    provide(file)
    assert file.read_text() == "given" and file.stat().st_mode & 0o777 == 0o600


def test_accounts_of_agencies_are_told_by_their_password_files(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.secrets.mkdir()
    for code in ("G10", "G04.X-VPB"):
        agency_password_file(paths, code).write_text("x")
    (paths.secrets / "superset_admin_password").write_text("x")
    assert agencies_with_account(paths) == ["G04.X-VPB", "G10"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["G99"], "there is no agency with the code “G99”"),
        (["G04"], "has been dissolved — its successor is G17, Bộ Xây dựng"),
        (["VN-BO"], "stands for many agencies"),
        (["H01", "--remove"], "“H01” has no account"),
        (["--remove"], "say whose account"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_a_reason(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    command = [Path(sys.executable).with_name("kpi"), "account", *arguments]
    environ = {**os.environ, "KPI_HOME": str(tmp_path)}
    answer = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert not list(tmp_path.rglob("superset_*"))
    assert said in re.sub(r"[\s│]+", " ", answer.stderr)
