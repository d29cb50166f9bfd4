import json
from pathlib import Path

import pytest

from national_kpi.errors import StackError
from national_kpi.paths import Paths
from national_kpi.stack.credentials import airflow_credentials


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


def test_secrets_are_generated_once_and_for_their_owner_only(paths: Paths) -> None:
    first = airflow_credentials(paths)
    assert airflow_credentials(paths) == first
    assert {oct(file.stat().st_mode & 0o777) for file in paths.secrets.iterdir()} == {"0o600"}
    assert paths.secrets.stat().st_mode & 0o777 == 0o700
    keys = {first.fernet_key, first.jwt_secret, first.api_secret_key, first.airflow_password}
    assert len(keys) == 4
    assert min(len(key) for key in keys) >= 24


def test_the_password_file_is_in_airflows_format(paths: Paths) -> None:
    credentials = airflow_credentials(paths)
    content = json.loads(credentials.airflow_passwords_file.read_text())
    assert content == {"admin": credentials.airflow_password}


def test_a_secret_others_can_read_is_refused(paths: Paths) -> None:
    airflow_credentials(paths)
    (paths.secrets / "airflow_jwt_secret").chmod(0o644)
    with pytest.raises(StackError, match="others can read") as raised:
        airflow_credentials(paths)
    assert "chmod 600" in raised.value.remedy


def test_a_damaged_password_file_is_named(paths: Paths) -> None:
    airflow_credentials(paths)
    (paths.secrets / "airflow_passwords.json").write_text("{}")
    with pytest.raises(StackError, match=r"airflow_passwords\.json"):
        airflow_credentials(paths)
