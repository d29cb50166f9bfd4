"""Places to pull files from, as their owners handle them, and pulls from one into a platform's home."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
import requests
from airflow.sdk.io import store
from s3fs import S3FileSystem
from sqlalchemy import select
from sqlalchemy.orm import Session
from sshfs import SSHFileSystem

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Source
from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import SourceState
from national_kpi.ledger.session import open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.sources import pull_source
from tests.integration.source_servers import LOOPBACK, Line, SftpServer

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=HANOI)
BUCKET = "bao-cao"
SECRET = {"aws_access_key_id": "kpi", "aws_secret_access_key": "kpi"}


class Store(Protocol):
    """A place for files, as its owner handles it."""

    kind: str
    path: str

    @property
    def connection(self) -> str:
        """The Airflow connection that leads there."""

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""

    def remove(self, name: str) -> None:
        """Remove one."""

    def lock_out(self) -> None:
        """Let the account in no more."""

    def let_in(self) -> None:
        """Let it in again."""


class Disk:
    """A folder of this machine, or one that an SFTP server hands out."""

    def __init__(self, folder: Path, server: SftpServer | None = None) -> None:
        self._folder, self._server = folder, server
        self.kind = "sftp" if server else "folder"
        self.path = str(folder) if server else "/out"
        folder.mkdir(parents=True)
        self.line: Line | None = None

    @property
    def connection(self) -> str:
        if self._server:
            return self._server.connection(self.line and self.line.port)
        return json.dumps({"conn_type": "fs", "extra": {"path": str(self._folder.parent)}})

    def put(self, name: str, content: bytes) -> None:
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(content)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink()

    def forbid(self, name: str) -> None:
        """Let nobody read a file."""
        (self._folder / name).chmod(0)

    def lock_out(self) -> None:
        if self._server:
            self._server.shut_door()

    def let_in(self) -> None:
        if self._server:
            self._server.open_door()


class Bucket:
    """A prefix in a bucket of an S3 server."""

    kind = "s3"

    def __init__(self, endpoint: str, prefix: str) -> None:
        self._endpoint, self._prefix = endpoint, prefix
        self.path = f"{BUCKET}/{prefix}"
        self.line: Line | None = None
        self._client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **SECRET)
        self._client.create_bucket(Bucket=BUCKET)

    @property
    def connection(self) -> str:
        endpoint = f"http://{LOOPBACK}:{self.line.port}" if self.line else self._endpoint
        extra = {"endpoint_url": endpoint, "region_name": "us-east-1"}
        return json.dumps({"conn_type": "aws", "login": "kpi", "password": "kpi", "extra": extra})

    def put(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=f"{self._prefix}/{name}", Body=content)

    def remove(self, name: str) -> None:
        self._client.delete_object(Bucket=BUCKET, Key=f"{self._prefix}/{name}")

    def lock_out(self) -> None:
        requests.post(f"{self._endpoint}/moto-api/reset-auth", data=b"0", timeout=10)

    def let_in(self) -> None:
        requests.post(f"{self._endpoint}/moto-api/reset-auth", data=b"1000000", timeout=10)


@dataclass(frozen=True)
class Puller:
    """Pulls from a place into a platform's home."""

    context: IntakeContext
    source_id: str

    def __call__(self, hours: int = 0) -> list[str]:
        """The names that a pull so many hours later delivers, as they were at the source."""
        store._STORE_CACHE.clear()  # each pull is a process of its own
        for kind in (SSHFileSystem, S3FileSystem):
            kind.clear_instance_cache()
        files = pull_source(self.context, self.source_id, NOW + timedelta(hours=hours)).files
        return [file.name.rpartition("_")[0] for file in files]

    @property
    def states(self) -> list[str]:
        with Session(self.context.engine) as session:
            return list(session.scalars(select(SourceState.state).order_by(SourceState.state_id)))

    @property
    def inbox(self) -> dict[str, bytes]:
        folder = self.context.paths.inbox("G06")
        return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.exists() else {}


def at_home(pull: Puller, home: Path) -> Puller:
    """The same, in another home."""
    engine = open_ledger(f"sqlite:///{home / 'ledger.db'}")
    return Puller(replace(pull.context, paths=Paths(home), engine=engine), pull.source_id)


def puller(
    there: Store,
    home: Path,
    context: IntakeContext,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    **declared: Any,
) -> Puller:
    fields = dict.fromkeys(Source.model_fields) | {
        "source_id": "elsewhere", "kind": there.kind, "name_vi": "Kho báo cáo", "agency_code": "G06",
        "connection_id": "kpi_elsewhere", "path": there.path, "pattern": "*.csv",
        "requests_per_minute": 60_000,
    }  # fmt: skip
    source = Source.model_validate(fields | declared)
    monkeypatch.setenv("AIRFLOW_CONN_KPI_ELSEWHERE", there.connection)
    settings = Settings(_env_file=None, home=home, ledger_url="", quiet_seconds=0.05)
    own = IntakeContext(settings, context.paths, replace(catalogue, sources=(source,)), context.engine)
    vars(own)["examiner"] = context.examiner
    return Puller(own, source.source_id)
