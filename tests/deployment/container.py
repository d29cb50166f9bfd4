"""One service in namespaces of its own, made as a container engine makes them: mounts, processes, network."""

import ctypes
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from national_kpi.settings import PROJECT_ROOT
from tests.deployment.compose import Service

IN_CONTAINER = "/opt/national-kpi"
SYSTEM = ("usr", "etc")
LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
NETWORK_NAMESPACE = 0x40000000


@contextmanager
def in_network_of(pid: int) -> Iterator[None]:
    """While this lasts, this thread and what it starts are in the network of another process."""
    library = ctypes.CDLL(None, use_errno=True)

    def enter(namespace: IO[bytes]) -> None:
        if library.setns(namespace.fileno(), NETWORK_NAMESPACE) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    with Path("/proc/self/ns/net").open("rb") as own, Path(f"/proc/{pid}/ns/net").open("rb") as other:
        enter(other)
        try:
            yield
        finally:
            enter(own)


def privileges(user: str, capabilities: Sequence[str]) -> list[str]:
    """The command prefix by which a process has a user's rights and no more."""
    name, _, group = (user or "root").partition(":")
    if name == "root":
        kept = [f"+{capability.lower()}" for capability in capabilities]
        return ["setpriv", "--no-new-privs", f"--bounding-set=-all,{','.join(kept)}", "--inh-caps=-all"]
    group = group or name
    return [
        "setpriv", f"--reuid={name}", f"--regid={group}", "--clear-groups", "--no-new-privs",
        "--bounding-set=-all", "--inh-caps=-all",
    ]  # fmt: skip


class Container:
    """A service, or one of its replicas, that runs until it is killed.

    Args:
        service: what to run.
        name: of this replica: its host name.
        state: a folder of its own for log and root.
        volumes: the folder in which named volumes lie.
        files: what the image holds in place of this machine's own, by path; among it `/etc/passwd`.
    """

    def __init__(
        self, service: Service, name: str, state: Path, volumes: Path, files: Mapping[str, Path]
    ) -> None:
        self.service, self.name = service, name
        self.addresses: dict[str, str] = {}
        self.log = state / f"{name}.log"
        self._root = state / f"{name}.root"
        self._root.mkdir()
        self._volumes, self._files = volumes, files
        self._process: subprocess.Popen[bytes] | None = None
        self.pid = 0

    def start(self) -> None:
        """Make the namespaces; what is to run in them waits for `go`."""
        with self.log.open("ab") as output:
            self.log.chmod(0o666)  # as an engine's pipes, it can be opened by whoever the service runs as
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
                 "--propagation=private", "bash", "-c", self._script()],
                stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.pid = self._child(self._process.pid)

    def go(self, text: str = "") -> None:
        """Let it run, now that its network is there.

        Args:
            text: what it reads from standard input.
        """
        assert self._process and self._process.stdin
        self._process.stdin.write(f"go\n{text}".encode())
        self._process.stdin.close()

    def kill(self) -> None:
        """End all its processes at once, as `docker kill` does."""
        assert self._process
        os.kill(self.pid, 9)
        self._process.wait(30)

    def stop(self, seconds: float = 20) -> None:
        """Ask it to end, and end it."""
        assert self._process
        if self._process.poll() is None:
            os.kill(self.pid, 15)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait(self, seconds: float) -> int:
        """Its exit status, once it has ended by itself."""
        assert self._process
        return self._process.wait(seconds)

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        assert self._process
        return self._process.poll()

    def run(self, *command: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command beside the service, as `docker compose exec` does, past the image's entrypoint.

        Args:
            command: what to run.
            seconds: how long it may take.
        """
        namespaces = ("--mount", "--net", "--uts", "--ipc", "--pid", "--root", "--wd")
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", *namespaces, *self._inside(command)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def is_healthy(self) -> bool:
        """Whether its health check says so."""
        try:
            return self.status is None and self.run(*self.service.health, seconds=60).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def _inside(self, command: Sequence[str], user: str = "") -> list[str]:
        environment = {"HOME": self._home(), "HOSTNAME": self.name, **self.service.environment}
        variables = [f"{key}={value}" for key, value in environment.items()]
        return [
            *privileges(user or self.service.user, self.service.capabilities),
            *("env", "-i", *variables, *command),
        ]

    def _home(self) -> str:
        """The home folder of the service's user in the image; the root folder when it knows none."""
        accounts = [line.split(":") for line in self._files["/etc/passwd"].read_text().splitlines()]
        name = self.service.user.partition(":")[0] or "root"
        return next((account[5] for account in accounts if name in (account[0], account[2])), "/")

    @staticmethod
    def _child(parent: int) -> int:
        """The first process of the new namespaces, as this machine numbers it."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.01)
        raise TimeoutError("unshare starts nothing")

    def _script(self) -> str:
        """Mounts what the container sees, then becomes its first process."""
        root = shlex.quote(str(self._root))
        lines = [
            "set -eu",
            "read -r go",
            f"hostname {self.name}",
            f"mount -t tmpfs -o mode=0755 none {root}",
            f"cd {root}",
            "mkdir -p dev proc run/secrets sys tmp opt var/lib",
            "chmod 1777 tmp",
            "mount -t proc proc proc",
            "mount --rbind /dev dev",
            "mount -t tmpfs none dev/shm",
        ]
        lines += [f"mkdir {folder}; mount --rbind -o ro /{folder} {folder}" for folder in SYSTEM]
        lines += [f"[ ! -L /{link} ] || cp -P /{link} {link}" for link in LINKS]
        lines += [f"mount --bind {shlex.quote(str(file))} .{path}" for path, file in self._files.items()]
        for mount in sorted(self.service.mounts, key=lambda mount: not mount.is_tmpfs):
            if mount.is_tmpfs:
                options = mount.options or "mode=0755"
                lines.append(f"mkdir -p .{mount.target}; mount -t tmpfs -o {options} none .{mount.target}")
            else:
                source = mount.source or self._volumes / mount.volume / mount.subpath
                lines.append(self._bind(source, mount.target, read_only=mount.read_only))
        # The environments name the folders in which they were installed.
        own = {PROJECT_ROOT, Path(sys.base_prefix)}
        own |= {(PROJECT_ROOT / name).resolve() for name in (".venv", ".venv-superset")}
        binds = [(PROJECT_ROOT, IN_CONTAINER), *((folder, str(folder)) for folder in sorted(own))]
        lines += [self._bind(source, target, read_only=True) for source, target in binds]
        if self.service.is_read_only:
            lines.append("mount -o remount,bind,ro .")
        lines.append(f"exec chroot . bash -c {shlex.quote(self._first_process())}")
        return "\n".join(lines)

    def _first_process(self) -> str:
        """What an engine's `init` does: run the service, hand on the signal to end, clear away the dead."""
        return "\n".join(
            [
                f"cd {IN_CONTAINER}",
                f"{shlex.join(self._inside(self.service.argv))} <&0 & child=$!",
                "trap 'kill -TERM $child 2>/dev/null' TERM",
                "while wait $child; status=$?; kill -0 $child 2>/dev/null; do :; done",
                "exit $status",
            ]
        )

    @staticmethod
    def _bind(source: Path, target: str, *, read_only: bool) -> str:
        there, here = shlex.quote(str(source)), f".{shlex.quote(target)}"
        make = f"mkdir -p {here}" if source.is_dir() else f"mkdir -p $(dirname {here}); touch {here}"
        closed = f"; mount -o remount,bind,ro {here}" if read_only else ""
        return f"{make}; mount --bind {there} {here}{closed}"
