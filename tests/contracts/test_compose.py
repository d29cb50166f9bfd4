"""The deployment, checked without a container engine: format, safety, and what it shares with `make up`."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import retrieve_configuration_description
from compose_spec import PyCompose

from national_kpi.paths import Paths
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.stack.credentials import Credentials
from national_kpi.stack.services import airflow_environment, services

FILE = PROJECT_ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
ONLY_LOCAL = {"sample-source"}
ONLY_DEPLOYED = {"postgres", "prepare"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    filled_in = VARIABLE.sub(lambda match: match["default"] or "set", FILE.read_text())
    document: dict[str, Any] = yaml.safe_load(filled_in)
    return document


def test_it_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    PyCompose.from_yaml(yaml.safe_dump(compose)).validate()


def test_the_format_check_notices_a_mistake(compose: dict[str, Any]) -> None:
    postgres = {**compose["services"]["postgres"], "depends_on": {"prepare": {"condition": "service_helthy"}}}
    with pytest.raises(ValueError, match="service_helthy"):
        PyCompose.from_yaml(yaml.safe_dump({**compose, "services": {"postgres": postgres}}))


def test_the_linter_finds_nothing_but_tags_without_a_digest() -> None:
    linter = Path(sys.executable).with_name("compose-lint")
    outcome = subprocess.run(
        [linter, "check", "--fail-on", "low", "--no-env", "--format", "json", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    rules = set(re.findall(r"CL-\d{4}", outcome.stdout))
    assert rules == {"CL-0019"}, outcome.stdout + outcome.stderr


def test_every_service_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert without == {"prepare"}, "a job that ends needs no check"


def test_ports_are_open_on_loopback_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_no_service_runs_as_root_or_from_a_moving_tag(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert str(service["user"]).split(":")[0] not in ("0", "root"), name
        assert re.search(r":\d[\w.-]*$", service["image"]), name


def test_the_same_services_run_on_one_machine_and_deployed(compose: dict[str, Any], tmp_path: Path) -> None:
    local = {service.name for service in services(Settings(_env_file=None), Paths(tmp_path))}
    assert local - ONLY_LOCAL == set(compose["services"]) - ONLY_DEPLOYED


def test_secrets_are_files_that_make_secrets_generates(compose: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_text((PROJECT_ROOT / "docker" / "make-secrets").read_text())
    for _ in range(2):  # the second run must keep what the first has made
        subprocess.run(["bash", script], check=True, capture_output=True)
        made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    declared = {name: Path(secret["file"]).name for name, secret in compose["secrets"].items()}
    assert set(made) == set(declared) == set(declared.values())
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}
    assert used == set(declared)
    assert made["ledger_database_password"] in made["KPI_LEDGER_URL"]
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_settings_for_airflow_are_options_airflow_knows(compose: dict[str, Any], tmp_path: Path) -> None:
    known = {
        f"AIRFLOW__{section}__{option}".upper()
        for section, content in retrieve_configuration_description(include_providers=False).items()
        for option in content["options"]
    }
    credentials = Credentials("", "", "", "", tmp_path)
    local = airflow_environment(Settings(_env_file=None), Paths(tmp_path), credentials)
    deployed = [name for service in compose["services"].values() for name in service.get("environment", {})]
    given = {name for name in [*local, *deployed, *compose["secrets"]] if name.startswith("AIRFLOW__")}
    assert given
    assert given - known == set()


def test_the_image_installs_only_what_the_locks_name() -> None:
    installs = re.findall(r"pip (?:install|sync)[^\n]*", (PROJECT_ROOT / "docker" / "Dockerfile").read_text())
    assert len(installs) == 4
    unlocked = [line for line in installs if "--require-hashes" not in line]
    assert unlocked == [line for line in installs if line.endswith("-e .")], "the project itself has no hash"
