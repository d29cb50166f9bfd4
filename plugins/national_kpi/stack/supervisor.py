"""One home's own supervisord: nothing here touches a process it did not start."""

import hashlib
import os
import shlex
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from supervisor.xmlrpc import SupervisorTransport

from national_kpi.errors import StackError
from national_kpi.loopback import HOST
from national_kpi.paths import Paths
from national_kpi.settings import PROJECT_ROOT
from national_kpi.stack.service import STACK_MARK, Service

_SOCKET_PATH_LIMIT = 100  # of 108 bytes the system allows; supervisord adds a suffix while it opens it
_STOP_SECONDS = 40


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says of one process; `state` is RUNNING, BACKOFF, FATAL, STOPPED and so on."""

    name: str
    state: str
    pid: int
    description: str


class Supervisor:
    """The supervisord of one home: its configuration, socket and processes."""

    def __init__(self, paths: Paths) -> None:
        self._home = paths.home
        self._logs = paths.logs
        self._folder = paths.home / "supervisor"
        self._socket = self._folder / "supervisor.sock"
        self._configuration = self._folder / "supervisord.conf"
        self._pid_file = self._folder / "supervisord.pid"

    def log_file(self, service: str) -> Path:
        """Where a service's output goes."""
        return self._logs / f"{service}.log"

    def is_running(self) -> bool:
        """Whether supervisord answers."""
        try:
            self._rpc().supervisor.getState()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def states(self) -> dict[str, ProcessState]:
        """The state of every process by name; empty when supervisord does not run."""
        try:
            found: Any = self._rpc().supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error):
            return {}
        return {
            one["name"]: ProcessState(one["name"], one["statename"], one["pid"], one["description"])
            for one in found
        }

    def runs_with(self, services: Sequence[Service], environment: Mapping[str, str]) -> bool:
        """Whether it runs, and with just these services, settings and libraries."""
        written = self._configuration.read_text() if self._configuration.exists() else ""
        return self.is_running() and written == self._render(services, environment)

    def start(self, services: Sequence[Service], environment: Mapping[str, str]) -> None:
        """Write the configuration and start supervisord with all services at once.

        Args:
            services: what to run.
            environment: what every service sees.

        Raises:
            StackError: supervisord does not start.
        """
        if len(os.fsencode(self._socket)) > _SOCKET_PATH_LIMIT:
            raise StackError(
                "the path of the home folder is too long for a socket in it",
                where=str(self._socket),
                remedy="set KPI_HOME to a shorter path",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(self._render(services, environment))
        supervisord = Path(sys.executable).with_name("supervisord")
        outcome = subprocess.run(
            [supervisord, "--configuration", self._configuration],
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise StackError(
                f"supervisord does not start: {(outcome.stderr or outcome.stdout).strip()[-500:]}",
                where=str(self._configuration),
                remedy=f"read {self._logs / 'supervisord.log'}",
            )

    def start_stopped(self) -> None:
        """Start again whatever supervisord has given up on or was told to stop."""
        rpc = self._rpc()
        for process in self.states().values():
            if process.state in ("FATAL", "STOPPED", "EXITED"):
                rpc.supervisor.startProcess(process.name, False)

    def stop(self) -> bool:
        """Stop every service, then supervisord, then whatever of them was left behind by an earlier crash.

        Returns:
            Whether there was anything to stop.

        Raises:
            StackError: something it started is still there.
        """
        marked = self._marked()
        if self.is_running():
            rpc = self._rpc()
            rpc.supervisor.stopAllProcesses(False)  # all at once: a shutdown alone takes them one by one
            rpc.supervisor.shutdown()
            psutil.wait_procs(marked, timeout=_STOP_SECONDS)
        alive = self._marked()
        for process in alive:
            _quietly(process.terminate)
        _, alive = psutil.wait_procs(alive, timeout=10)
        for process in alive:
            _quietly(process.kill)
        _, alive = psutil.wait_procs(alive, timeout=5)
        if alive:
            raise StackError(
                f"still running: {', '.join(str(process.pid) for process in alive)}",
                where=str(self._folder),
                remedy="stop these processes by hand, then run `make down` again",
            )
        self._socket.unlink(missing_ok=True)
        self._pid_file.unlink(missing_ok=True)
        return bool(marked)

    def _marked(self) -> list[psutil.Process]:
        """The processes that carry this home's mark in their environment, this one's own line excepted."""
        own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid not in own and process.environ().get(STACK_MARK) == str(self._home):
                    found.append(process)
            except psutil.Error:
                continue  # gone meanwhile, or another user's: not ours
        return found

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy(f"http://{HOST}", transport=transport)

    def _render(self, services: Sequence[Service], environment: Mapping[str, str]) -> str:
        templates = Environment(
            loader=PackageLoader("national_kpi.stack", "."),
            undefined=StrictUndefined,
            autoescape=select_autoescape(),
            trim_blocks=True,
        )
        return templates.get_template("supervisord.conf.j2").render(
            services=services,
            fingerprint=_fingerprint(environment),
            folder=self._folder,
            socket=self._socket,
            logs=self._logs,
            directory=PROJECT_ROOT,
            reaper=shlex.join([sys.executable, "-m", "national_kpi.stack.reaper"]),
        )


def _quietly(act: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):
        act()


def _fingerprint(environment: Mapping[str, str], project: Path = PROJECT_ROOT) -> str:
    """A hash that changes when running services ought to be restarted: other settings, other libraries."""
    digest = hashlib.sha256()
    for name, value in sorted(environment.items()):
        if name.startswith(("KPI_", "AIRFLOW", "SUPERSET")):
            digest.update(f"{name}={value}\n".encode())
    for lock in sorted((project / "requirements").glob("*.txt")):
        digest.update(lock.read_bytes())
    return digest.hexdigest()
