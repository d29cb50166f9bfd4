"""Runs docker-compose.yml without a container engine: its commands, health checks, volumes and networks."""

import csv
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from national_kpi.settings import PROJECT_ROOT
from tests.deployment.compose import Service, read_compose, services_of
from tests.deployment.container import Container

START_SECONDS = 240
RESTART_SECONDS = 0.5
OWNERS = {"home": 1000, "databases": "postgres", "queue": "redis"}
"""Whom the image makes a new volume for."""


class Engine:
    """The services of the compose file, each replica in a container of its own.

    Args:
        settings: what `.env` would say.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kpi-deployment-"))
        self.folder.chmod(0o755)
        self.secrets = self._make_secrets()
        self.backups = self.folder / "backups"
        self.backups.mkdir()
        os.chown(self.backups, 1000, 1000)
        settings = {"KPI_BACKUPS": str(self.backups), **settings}
        self.services = services_of(read_compose(settings), self.secrets)
        self.containers: dict[str, Container] = {}
        self._ended = threading.Event()
        self._lock = threading.RLock()
        self.volumes = self.folder / "volumes"
        for volume, owner in OWNERS.items():
            path = self.volumes / volume
            path.mkdir(parents=True)
            uid = owner if isinstance(owner, int) else pwd.getpwnam(owner).pw_uid
            os.chown(path, uid, uid)
        self.network = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        while Path("/proc/self/ns/net").samefile(f"/proc/{self.network.pid}/ns/net"):
            time.sleep(0.01)
        self._number = self._tools = 0
        self._links: dict[str, dict[str, str]] = {}
        self._make_networks()

    @property
    def home(self) -> Path:
        """The home folder, as this machine sees it."""
        return self.volumes / "home"

    def up(self) -> None:
        """Start every service once what it waits for is as it should be."""
        watch = threading.Thread(target=self._restart_the_dead, daemon=True)
        watch.start()
        waiting = {name: service for name, service in self.services.items() if not service.is_tool}
        deadline = time.monotonic() + START_SECONDS
        while waiting:
            for name, service in list(waiting.items()):
                if all(self._is(other, condition) for other, condition in service.after.items()):
                    del waiting[name]
                    for replica in self._replicas(service):
                        self._start(service, replica)
            assert time.monotonic() < deadline, f"not started: {sorted(waiting)}\n{self.logs()}"
            time.sleep(0.5)

    def start(self, name: str) -> None:
        """Start one service by itself, and wait until it is healthy."""
        self._start(self.services[name], name)
        self.wait_until_healthy(name)

    def wait_until_healthy(self, *names: str, seconds: float = START_SECONDS) -> None:
        """Wait until the health checks of all services, or of some, say so."""
        deadline = time.monotonic() + seconds
        left = [one for one in self.containers.values() if one.service.health]
        left = [one for one in left if not names or one.name in names]
        while left:
            left = [one for one in left if not one.is_healthy()]
            assert time.monotonic() < deadline, f"unwell: {[one.name for one in left]}\n{self.logs()}"

    def tool(self, *command: str, text: str = "", seconds: float = 300) -> str:
        """Run a command as `docker compose run --rm tools` does; what it says.

        Args:
            command: what to run.
            text: what it reads.
            seconds: how long it may take.
        """
        self._tools += 1
        service, name = self.services["tools"], f"tools-{self._tools}"
        self._links[name] = self._links[service.name]
        entrypoint = service.argv[:1]
        container = self._start(replace(service, argv=(*entrypoint, *command)), name, text)
        status = container.wait(seconds)
        said = container.log.read_text()
        assert status == 0, f"{command}: {status}\n{said}"
        return said

    def down(self) -> None:
        """End everything, and forget it."""
        self._ended.set()
        with self._lock:
            for container in self.containers.values():
                if container.status is None:
                    container.kill()
        self.network.kill()
        self.network.wait()
        shutil.rmtree(self.folder)

    def logs(self, lines: int = 25) -> str:
        """The end of every log."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
            for file in files
        )

    def query(self, database: str, sql: str) -> list[dict[str, str]]:
        """Ask one of PostgreSQL's databases; values come back as text."""
        database_of = ("--host", "/tmp", "--username", "postgres", "--dbname", database)  # noqa: S108
        outcome = self.containers["postgres"].run("psql", *database_of, "--csv", "--command", sql)
        assert outcome.returncode == 0, outcome.stderr
        return list(csv.DictReader(outcome.stdout.splitlines()))

    def address(self, service: str) -> str:
        """Where people find a service whose port is published."""
        return self._links[service]["outside"]

    def addresses(self, service: str) -> list[str]:
        """Where a service is on each of its networks."""
        return list(self._links[service].values())

    def secret(self, name: str) -> str:
        """A generated secret of `docker/secrets`."""
        return (self.secrets / name).read_text()

    def _is(self, name: str, condition: str) -> bool:
        containers = [one for one in self.containers.values() if one.service.name == name]
        if condition == "service_completed_successfully":
            statuses = [one.status for one in containers]
            assert not any(statuses), f"{name} failed\n{self.logs()}"
            return statuses == [0]
        return bool(containers) and all(one.is_healthy() for one in containers)

    @staticmethod
    def _replicas(service: Service) -> list[str]:
        if service.replicas == 1:
            return [service.name]
        return [f"{service.name}-{number}" for number in range(1, service.replicas + 1)]

    def _restart_the_dead(self) -> None:
        """`restart: unless-stopped`."""
        while not self._ended.wait(RESTART_SECONDS):
            with self._lock:
                for name, container in list(self.containers.items()):
                    if (
                        container.service.restarts
                        and container.status is not None
                        and not self._ended.is_set()
                    ):
                        self._start(container.service, name)

    def _start(self, service: Service, name: str, text: str = "") -> Container:
        with self._lock:
            shutil.rmtree(self.folder / f"{name}.root", ignore_errors=True)
            container = Container(service, name, self.folder, self.volumes, self._files(service, name))
            container.start()
            for network in service.networks:
                self._connect(container, network, self._links[name][network])
            container.go(text)
            self.containers[name] = container
            return container

    # --- what an image and a network bring ---------------------------------------------------------------

    def _make_secrets(self) -> Path:
        script = self.folder / "docker" / "make-secrets"
        script.parent.mkdir()
        shutil.copy(PROJECT_ROOT / "docker" / "make-secrets", script)
        subprocess.run([script], check=True, stdout=subprocess.DEVNULL)
        return script.with_name("secrets")

    def _files(self, service: Service, name: str) -> dict[str, Path]:
        """Accounts, as the image's own script makes them, and host names."""
        scripts = {
            "national-kpi": "docker/platform/create-account",
            "national-kpi-sftp": "docker/sftp/create-accounts",
        }
        image = service.image.split(":")[0]
        accounts = {f"/etc/{kind}": self.folder / f"{image}.{kind}" for kind in ("passwd", "group")}
        if not all(file.exists() for file in accounts.values()):
            for path, file in accounts.items():
                kept = [line for line in Path(path).read_text().splitlines() if line.split(":")[2] != "1000"]
                file.write_text("\n".join([*kept, ""]))
            if image in scripts:
                binds = "; ".join(f"mount --bind {file} {path}" for path, file in accounts.items())
                command = f"set -e; {binds}; {PROJECT_ROOT / scripts[image]}"
                subprocess.run(["unshare", "--mount", "sh", "-c", command], check=True)
        hosts, nameservers = self.folder / f"{name}.hosts", self.folder / "resolv.conf"
        lines = [f"{ip} {other}" for other, ip in self._neighbours(service)]
        hosts.write_text("\n".join(["127.0.0.1 localhost", *lines, ""]))
        nameservers.touch()
        return {**accounts, "/etc/hosts": hosts, "/etc/resolv.conf": nameservers}

    def _neighbours(self, service: Service) -> list[tuple[str, str]]:
        """Host names and addresses a service can look up: those on its networks."""
        return [
            (other.name, self._links[replica][network])
            for other in self.services.values()
            for network in other.networks
            if network in service.networks
            for replica in self._replicas(other)[:1]
        ]

    def _make_networks(self) -> None:
        networks = sorted({network for service in self.services.values() for network in service.networks})
        self._in_network("ip link set lo up")
        for number, network in enumerate(networks, 1):
            self._in_network(f"ip link add {network} type bridge; ip link set {network} up")
            members = [
                replica
                for service in self.services.values()
                if network in service.networks
                for replica in self._replicas(service)
            ]
            for place, replica in enumerate(members, 2):
                self._links.setdefault(replica, {})[network] = f"10.77.{number}.{place}"
            if network == "outside":  # where people are, and the only way in
                self._in_network(f"ip address add 10.77.{number}.1/24 dev {network}")

    def _connect(self, container: Container, network: str, address: str) -> None:
        self._number += 1
        outer, inner = f"veth{self._number}", f"to-{network}"
        self._in_network(
            f"ip link add {outer} type veth peer name {inner} netns {container.pid};"
            f"ip link set {outer} master {network} up"
        )
        subprocess.run(
            ["nsenter", f"--target={container.pid}", "--net", "sh", "-ec",
             f"ip link set lo up; ip address add {address}/24 dev {inner}; ip link set {inner} up"],
            check=True,
        )  # fmt: skip
        container.addresses[network] = address

    def _in_network(self, command: str) -> None:
        subprocess.run(["nsenter", f"--target={self.network.pid}", "--net", "sh", "-ec", command], check=True)
