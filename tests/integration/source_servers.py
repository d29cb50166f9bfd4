"""Real servers to pull from: an API, OpenSSH and S3, and a line to them that can be cut or held."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncssh

LOOPBACK = "127.0.0.1"
CHUNK = 1 << 16


@dataclass
class Said:
    """One answer of the API.

    Attributes:
        body: what is sent as JSON.
        announced: how many bytes more than are sent the answer claims to have.
        seconds: how long it takes to begin.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int = 0
    seconds: float = 0


class ApiServer(ThreadingHTTPServer):
    """Says of each request what `answer` makes of its address and headers."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str, dict[str, str]], Said]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        super().__init__((LOOPBACK, 0), _Handler)

    @property
    def address(self) -> str:
        """The server's URL."""
        return f"http://{LOOPBACK}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        said = self.server.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
        time.sleep(said.seconds)
        body = b"" if said.body is None else json.dumps(said.body).encode()
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + said.announced))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def api_server(answer: Callable[[str, dict[str, str]], Said]) -> Iterator[ApiServer]:
    """An API that runs, and is gone afterwards."""
    with ApiServer(answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


class Line:
    """A line to a server, that can be cut after so many bytes from it, or hold them back.

    Args:
        port: the server's, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.cut_after: int | None = None
        self.is_held = False
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection((LOOPBACK, self._target))
            threading.Thread(target=self._pass_on, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(far, near, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                while is_answer and self.is_held:
                    time.sleep(0.02)
                passed += len(chunk) if is_answer else 0
                if self.cut_after is not None and passed > self.cut_after:
                    break
                target.sendall(chunk)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class SftpServer:
    """OpenSSH's server on a free port, with SFTP only, for one user: nobody, or who runs it if not root.

    Args:
        folder: where its configuration lies; below it everybody may read.
    """

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self._user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.files, self.key, self._authorized = folder / "files", folder / "key", folder / "authorized_keys"
        self.files.mkdir()
        for name in ("host_key", "key"):
            key = asyncssh.generate_private_key("ssh-ed25519")
            key.write_private_key(str(folder / name))
            (folder / name).chmod(0o600)
            public = key.export_public_key()
            if name == "key":
                self._public = public
            else:
                self._host_key = public.decode().strip()
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self.port: int = free.getsockname()[1]
        self.open_door()
        (folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress {LOOPBACK}\nHostKey {folder / 'host_key'}\n"
            f"AuthorizedKeysFile {self._authorized}\nPidFile none\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nPermitRootLogin no\n"
            "Subsystem sftp internal-sftp\nForceCommand internal-sftp\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        assert program, "sshd is not installed: apt-get install openssh-server"
        self._process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL
        )
        _wait_for(self.port)

    def connection(self, port: int | None = None, *, is_known: bool = True) -> str:
        """The Airflow connection."""
        extra = {"key_file": str(self.key)} | ({"host_key": self._host_key} if is_known else {})
        address = {"host": LOOPBACK, "port": port or self.port}
        return json.dumps({"conn_type": "sftp", **address, "login": self._user, "extra": extra})

    def open_door(self) -> None:
        """Let the key in."""
        self._authorized.write_bytes(self._public)

    def shut_door(self) -> None:
        """Let nobody in any more."""
        self._authorized.write_bytes(b"")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.02)
