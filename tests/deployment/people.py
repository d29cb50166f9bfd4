"""Whoever uses the deployment from outside: agencies over SFTP, people with a browser over TLS."""

import json
import shlex
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.deployment.engine import Engine

SUPERSET, AIRFLOW = "kpi.localhost", "airflow.kpi.localhost"
SFTP_PORT, HTTPS_PORT = 2222, 8443


@dataclass(frozen=True)
class Agency:
    """An agency with a key pair in a folder of its own."""

    code: str
    folder: Path
    server: str

    @classmethod
    def of(cls, engine: Engine, code: str, folder: Path) -> "Agency":
        """An agency that has made its keys, and has not handed in the public one yet."""
        own = folder / code
        own.mkdir(parents=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own / "key"], check=True)
        return cls(code, own, engine.address("sftp"))

    @property
    def public_key(self) -> str:
        """What it hands in."""
        return (self.folder / "key.pub").read_text()

    def sftp(self, *batch: str) -> subprocess.CompletedProcess[str]:
        """Run commands of `sftp`; its status is that of the first which fails."""
        return self._connect("sftp", "-b", "-", text="\n".join([*batch, ""]))

    def ssh(self, *command: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Try to get a shell, or whatever the options ask for."""
        return self._connect("ssh", *options, command=command)

    def put(self, files: Sequence[Path]) -> None:
        """Upload files straight into the inbox, all in one session."""
        outcome = self.sftp(*(f"put {shlex.quote(str(file))}" for file in files))
        assert outcome.returncode == 0, outcome.stderr

    def receipts(self) -> list[dict[str, Any]]:
        """The receipts it can fetch now."""
        target = self.folder / "receipts"
        target.mkdir(exist_ok=True)
        outcome = self.sftp(f"get -R /receipts/* {target}")
        assert outcome.returncode == 0 or "not found" in outcome.stderr, outcome.stderr
        return [json.loads(file.read_text()) for file in sorted(target.glob("*/receipt.json"))]

    def _connect(
        self, program: str, *options: str, command: Sequence[str] = (), text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command(program, *options), self.login, *command],
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self, program: str, *options: str) -> list[str]:
        """The start of a command line of OpenSSH's client, up to its options."""
        settings = {
            "Port": SFTP_PORT,
            "IdentityFile": self.folder / "key",
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": self.folder / "known",
            "BatchMode": "yes",
            "ConnectTimeout": 20,
            "LogLevel": "ERROR",
        }
        return [program, "-F", "none", *(f"-o{name}={value}" for name, value in settings.items()), *options]

    @property
    def login(self) -> str:
        """Its account and where it is."""
        return f"{self.code}@{self.server}"


def browser(engine: Engine, host: str) -> httpx.Client:
    """A client that reaches a host by the proxy, and trusts the deployment's own certificate only."""
    trusted = ssl.create_default_context(cafile=engine.secrets / "tls_certificate")
    proxy = f"https://{engine.address('proxy')}:{HTTPS_PORT}"

    def address(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = host
        request.headers["Host"] = f"{host}:{HTTPS_PORT}"

    return httpx.Client(
        base_url=proxy, verify=trusted, trust_env=False, timeout=60, event_hooks={"request": [address]}
    )


def airflow_token(client: httpx.Client, user: str, password: str) -> httpx.Response:
    """Log in to Airflow's API."""
    return client.post("/auth/token", json={"username": user, "password": password})
