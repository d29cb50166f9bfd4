"""What a newcomer gets from one command, and what the same command does the second time."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.running import PORT_SETTINGS, RunningPlatform

FROM_JANUARY_TO_AUGUST_2022 = "2022-01-01..2022-08-22"
SECOND_UP_SECONDS = 120


def files_with_times(platform: RunningPlatform) -> dict[str, float]:
    folders = ("archive", "lake", "drop", "builds", "published", "secrets")
    files = (file for folder in folders for file in (platform.home / folder).rglob("*") if file.is_file())
    return {str(file): file.stat().st_mtime for file in files}


def test_up_says_what_it_did_and_where_to_look(platform: RunningPlatform) -> None:
    said = platform.first_output
    assert "FAILED" not in said
    assert "Bộ Tài nguyên và Môi trường" in said
    assert platform.superset in said
    assert platform.airflow in said
    assert str(platform.home / "secrets") in said
    assert platform.secret("superset_taskforce_password") not in said, "where, not what"


@pytest.mark.parametrize(
    ("kpi_code", "agency", "expected"),
    [
        (
            "KPI_OPS_WITH_ONLINE_DOSSIER_RATE",
            "Bộ Tài nguyên và Môi trường",
            {"value": 32, "target_value": 80, "gap_pp": -48, "status": "behind", "bound": "="},
        ),
        ("KPI_DOSSIER_ONLINE_RATE", "Sơn La", {"value": 0.31, "target_value": 50, "bound": "="}),
        ("KPI_DOSSIER_ONLINE_RATE", "Toàn quốc", {"value": 40, "bound": "≈"}),
    ],
)
def test_the_published_figures_are_measured_against_their_targets(
    platform: RunningPlatform, kpi_code: str, agency: str, expected: dict[str, object]
) -> None:
    gap = platform.gap(kpi_code, agency, FROM_JANUARY_TO_AUGUST_2022)
    assert {name: gap[name] for name in expected} == expected


def test_status_finds_every_service_well(platform: RunningPlatform) -> None:
    outcome = platform.stack("status")
    assert outcome.returncode == 0, outcome.stdout
    assert outcome.stdout.count("healthy") == 6


def test_a_second_up_is_quick_and_changes_nothing(platform: RunningPlatform) -> None:
    platform.wait_until_idle()
    before, publication = files_with_times(platform), platform.publication()
    started = time.monotonic()
    outcome = platform.stack("up")
    assert outcome.returncode == 0, outcome.stdout
    assert time.monotonic() - started < SECOND_UP_SECONDS
    assert files_with_times(platform) == before
    assert platform.publication() == publication


def test_down_stops_only_what_up_started_and_up_brings_it_back(platform: RunningPlatform) -> None:
    publication = platform.publication()
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=platform.environ)
    try:
        outcome = platform.stack("down")
        assert outcome.returncode == 0, outcome.stdout
        assert bystander.poll() is None
        listening = {
            one.laddr.port for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN
        }
        assert listening & set(platform.ports.values()) == set()
        assert platform.stack("status").returncode == 1
    finally:
        bystander.kill()
        started = time.monotonic()
        outcome = platform.stack("up")
    assert outcome.returncode == 0, outcome.stdout
    assert time.monotonic() - started < SECOND_UP_SECONDS
    assert platform.publication() == publication


@pytest.mark.parametrize("setting", PORT_SETTINGS)
def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path, setting: str) -> None:
    other = RunningPlatform(tmp_path)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", other.ports[setting]))
        listener.listen()
        outcome = other.stack("up")
    assert outcome.returncode == 1
    assert f"port {other.ports[setting]} is already taken" in outcome.stdout
    assert f"{setting}=" in outcome.stdout
    assert "Traceback" not in outcome.stdout
