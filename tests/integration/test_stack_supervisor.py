"""The supervised stack with small real services: it keeps them alive and touches nothing else."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from national_kpi.errors import StackError
from national_kpi.paths import Paths
from national_kpi.stack.ports import require_distinct, require_free
from national_kpi.stack.service import STACK_MARK, Service
from national_kpi.stack.supervisor import Supervisor

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


def service(name: str, *command: str) -> Service:
    return Service(name, command or SLEEPER, ailment=lambda: "")


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


@pytest.fixture
def paths() -> Iterator[Paths]:
    """A home whose path is short enough for a socket, wherever tests keep their files."""
    with tempfile.TemporaryDirectory(prefix="kpi-") as folder:
        yield Paths(Path(folder) / "home")


@pytest.fixture
def environ(paths: Paths) -> dict[str, str]:
    return {**os.environ, STACK_MARK: str(paths.home)}


@pytest.fixture
def supervisor(paths: Paths) -> Iterator[Supervisor]:
    own = Supervisor(paths)
    yield own
    own.stop()


def pid_of(supervisor: Supervisor, name: str) -> int:
    state = supervisor.states().get(name)
    return state.pid if state else 0


def test_a_killed_service_comes_back(supervisor: Supervisor, environ: dict[str, str]) -> None:
    supervisor.start([service("one"), service("two")], environ)
    assert eventually(lambda: pid_of(supervisor, "one") > 0 and pid_of(supervisor, "two") > 0)
    first, other = pid_of(supervisor, "one"), pid_of(supervisor, "two")
    psutil.Process(first).kill()
    assert eventually(lambda: pid_of(supervisor, "one") not in (0, first))
    assert pid_of(supervisor, "two") == other


def test_what_a_killed_service_leaves_behind_is_gone_when_it_comes_back(
    supervisor: Supervisor, environ: dict[str, str], tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    code = (
        "import pathlib, subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "pathlib.Path(sys.argv[1]).open('a').write(f'{child.pid}\\n');"
        "time.sleep(600)"
    )
    supervisor.start([service("parent", sys.executable, "-c", code, str(pids))], environ)
    assert eventually(lambda: pids.exists() and supervisor.states()["parent"].pid > 0)
    assert eventually(lambda: {one.state for one in supervisor.states().values()} == {"RUNNING"}, seconds=30)
    child = psutil.Process(int(pids.read_text()))
    psutil.Process(pid_of(supervisor, "parent")).kill()
    assert eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert eventually(lambda: len(pids.read_text().split()) == 2), "the service itself is back"


def test_stopping_leaves_other_processes_alone(
    supervisor: Supervisor, environ: dict[str, str], tmp_path: Path
) -> None:
    supervisor.start([service("one")], environ)
    foreign = subprocess.Popen(SLEEPER)
    other_stack = subprocess.Popen(SLEEPER, env={**os.environ, STACK_MARK: str(tmp_path / "another home")})
    try:
        assert eventually(lambda: pid_of(supervisor, "one") > 0)
        own = pid_of(supervisor, "one")
        assert supervisor.stop() is True
        assert not psutil.pid_exists(own)
        assert not supervisor.is_running()
        assert foreign.poll() is None
        assert other_stack.poll() is None
        assert supervisor.stop() is False, "nothing is left to stop"
    finally:
        foreign.kill()
        other_stack.kill()


def test_services_whose_supervisor_was_killed_are_found_and_stopped(
    supervisor: Supervisor, environ: dict[str, str], paths: Paths
) -> None:
    supervisor.start([service("one")], environ)
    assert eventually(lambda: pid_of(supervisor, "one") > 0)
    orphan = psutil.Process(pid_of(supervisor, "one"))
    psutil.Process(int((paths.home / "supervisor" / "supervisord.pid").read_text())).kill()
    assert eventually(lambda: not supervisor.is_running())
    assert orphan.is_running()
    assert supervisor.stop() is True
    assert not orphan.is_running()


def test_a_stale_pid_file_harms_nobody(supervisor: Supervisor, paths: Paths) -> None:
    bystander = subprocess.Popen(SLEEPER)
    try:
        (paths.home / "supervisor").mkdir(parents=True)
        (paths.home / "supervisor" / "supervisord.pid").write_text(str(bystander.pid))
        assert supervisor.stop() is False
        assert bystander.poll() is None
    finally:
        bystander.kill()


def test_other_settings_ask_for_a_restart(supervisor: Supervisor, environ: dict[str, str]) -> None:
    services = [service("one")]
    assert not supervisor.runs_with(services, environ)
    supervisor.start(services, environ)
    assert supervisor.runs_with(services, environ)
    assert not supervisor.runs_with(services, {**environ, "KPI_BATCH_SIZE": "7"})
    assert not supervisor.runs_with([service("one"), service("two")], environ)


def test_a_command_with_blanks_and_percent_signs_arrives_whole(
    supervisor: Supervisor, environ: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "a file %(name)s 100%.txt"
    code = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('seen'); time.sleep(600)"
    supervisor.start([service("writer", sys.executable, "-c", code, str(target))], environ)
    assert eventually(target.exists)


def test_a_home_too_deep_for_a_socket_is_refused(tmp_path: Path) -> None:
    deep = Supervisor(Paths(tmp_path / ("x" * 120)))
    with pytest.raises(StackError, match="too long"):
        deep.start([service("one")], dict(os.environ))


def test_a_taken_port_is_named_with_its_holder_and_its_setting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(StackError) as raised:
            require_free(port, "KPI_AIRFLOW_PORT")
    message = str(raised.value)
    assert f"port {port} is already taken by " in message
    assert f"(pid {os.getpid()})" in message
    assert "KPI_AIRFLOW_PORT=" in message
    require_free(port, "KPI_AIRFLOW_PORT")


def test_two_services_on_one_port_are_refused() -> None:
    require_distinct({"KPI_AIRFLOW_PORT": 8080, "KPI_SUPERSET_PORT": 8088})
    with pytest.raises(StackError, match="KPI_AIRFLOW_PORT and KPI_SUPERSET_PORT: port 8080 is given twice"):
        require_distinct({"KPI_AIRFLOW_PORT": 8080, "KPI_SUPERSET_PORT": 8080})


def test_a_setting_that_is_no_port_is_named() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "national_kpi.stack", "status"],
        env={**os.environ, "KPI_AIRFLOW_PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("KPI_AIRFLOW_PORT: ")
    assert "Traceback" not in outcome.stderr
