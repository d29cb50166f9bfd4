"""The deployment, checked without a container engine: format, safety, and what it shares with `make up`."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import retrieve_configuration_description
from compose_spec import PyCompose
from cryptography.x509 import DNSName, SubjectAlternativeName, load_pem_x509_certificate

from national_kpi.paths import Paths
from national_kpi.settings import PROJECT_ROOT, Settings
from national_kpi.stack.credentials import Credentials
from national_kpi.stack.services import airflow_environment, services
from tests.deployment.compose import FILE, read_compose

ONLY_LOCAL = {"sample-source"}
ONLY_DEPLOYED = {"postgres", "redis", "prepare", "tools", "airflow-worker", "proxy", "sftp"}
ENDS_BY_ITSELF = {"prepare", "tools"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose({})


def test_it_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    PyCompose.from_yaml(yaml.safe_dump(compose)).validate()


def test_the_format_check_notices_a_mistake(compose: dict[str, Any]) -> None:
    postgres = {**compose["services"]["postgres"], "depends_on": {"prepare": {"condition": "service_helthy"}}}
    with pytest.raises(ValueError, match="service_helthy"):
        PyCompose.from_yaml(yaml.safe_dump({**compose, "services": {"postgres": postgres}}))


def test_the_linter_finds_nothing_but_tags_without_a_digest_and_the_root_of_sshd() -> None:
    linter = Path(sys.executable).with_name("compose-lint")
    outcome = subprocess.run(
        [linter, "check", "--fail-on", "low", "--no-env", "--format", "json", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    findings = json.loads(outcome.stdout)["findings"]
    assert {one["rule_id"] for one in findings} == {"CL-0018", "CL-0019"}, outcome.stdout
    assert [one["service"] for one in findings if one["rule_id"] == "CL-0018"] == ["sftp"]


def test_every_service_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert without == ENDS_BY_ITSELF, "a job that ends needs no check"


def test_people_reach_the_proxy_and_sftp_only_and_at_first_from_this_machine(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert set(ports) == {"proxy", "sftp"}
    assert [port for listed in ports.values() for port in listed if not port.startswith("127.0.0.1:")] == []


def test_networks_hold_only_who_must_talk_to_each_other(compose: dict[str, Any]) -> None:
    assert [name for name, network in compose["networks"].items() if not network] == ["outside"]
    members = {
        network: {name for name, service in compose["services"].items() if network in service["networks"]}
        for network in compose["networks"]
    }
    assert members["outside"] == {"proxy", "sftp", "airflow-worker"}
    assert members["web"] == {"proxy", "superset", "airflow-api-server"}
    assert not members["inside"] & {"proxy", "sftp"}, "whoever breaks into these finds no database"


def test_no_service_runs_as_root_or_from_a_moving_tag(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        is_root = str(service["user"]).split(":")[0] in ("0", "root")
        assert is_root == (name == "sftp"), "sshd needs root to lock accounts into their folders"
        assert re.search(r":\d[\w.-]*$", service["image"]), name


def test_every_service_has_limits_and_restarts_unless_it_ends_by_itself(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus"}, name
        assert service["restart"] == ("no" if name in ENDS_BY_ITSELF else "unless-stopped"), name
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name


def test_each_service_is_given_the_secrets_it_needs(compose: dict[str, Any]) -> None:
    given = {name: set(service.get("secrets", ())) for name, service in compose["services"].items()}
    assert given["sftp"] == {"sftp_host_key"} and given["proxy"] == {"tls_certificate", "tls_key"}
    assert all(name.startswith("KPI_SUPERSET_") for name in given["superset"])


def test_the_same_services_run_on_one_machine_and_deployed(compose: dict[str, Any], tmp_path: Path) -> None:
    local = {service.name for service in services(Settings(_env_file=None), Paths(tmp_path))}
    assert local - ONLY_LOCAL == set(compose["services"]) - ONLY_DEPLOYED


def test_secrets_are_files_that_make_secrets_generates(compose: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "docker" / "make-secrets"
    script.parent.mkdir()
    script.write_text((PROJECT_ROOT / "docker" / "make-secrets").read_text())
    (tmp_path / ".env").write_text("KPI_SUPERSET_HOST=bang.example\n")
    for _ in range(2):  # the second run must keep what the first has made
        subprocess.run(["bash", script], check=True, capture_output=True)
        made = {file.name: file.read_text() for file in (script.parent / "secrets").iterdir()}
    declared = {name: Path(secret["file"]).name for name, secret in compose["secrets"].items()}
    assert set(made) == set(declared) == set(declared.values())
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}
    assert used == set(declared)
    assert made["ledger_database_password"] in made["KPI_LEDGER_URL"]
    assert len(set(made.values())) == len(made)
    assert (script.parent / "secrets").stat().st_mode & 0o077 == 0
    certificate = load_pem_x509_certificate(made["tls_certificate"].encode())
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert names.get_values_for_type(DNSName) == ["bang.example", "airflow.kpi.localhost"]


def test_settings_for_airflow_are_options_airflow_knows(compose: dict[str, Any], tmp_path: Path) -> None:
    known = {
        f"AIRFLOW__{section}__{option}".upper()
        for section, content in retrieve_configuration_description(include_providers=True).items()
        for option in content["options"]
    }
    known.add(
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"
    )  # handed on to the broker's client
    credentials = Credentials("", "", "", "", tmp_path)
    local = airflow_environment(Settings(_env_file=None), Paths(tmp_path), credentials)
    deployed = [name for service in compose["services"].values() for name in service.get("environment", {})]
    given = {name for name in [*local, *deployed, *compose["secrets"]] if name.startswith("AIRFLOW__")}
    assert given
    assert given - known == set()


def test_images_are_built_from_the_locks_and_by_the_scripts_that_are_tested() -> None:
    installer = (PROJECT_ROOT / "docker" / "install-environment").read_text()
    installs = re.findall(r"pip (?:install|sync)[^\n]*", installer.replace("\\\n", ""))
    unlocked = [line for line in installs if "--require-hashes" not in line]
    assert len(installs) == 3
    assert unlocked == [line for line in installs if line.endswith("-e .")], "the project itself has no hash"
    for file in PROJECT_ROOT.glob("docker/*/Dockerfile"):
        runs = re.findall(r"^RUN (.*)$", file.read_text(), re.MULTILINE)
        commands = [command for run in runs for command in run.split(" && ")]
        assert commands and all(
            (PROJECT_ROOT / command.split()[0]).stat().st_mode & 0o100 for command in commands
        )
    assert "docker/install-environment platform" in (PROJECT_ROOT / "Makefile").read_text()
