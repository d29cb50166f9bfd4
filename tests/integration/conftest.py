"""Shared fixtures: a platform home of its own for every test, and a real PostgreSQL server."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.examine import Examiner
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.loopback import free_ports
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from tests.integration.building import share_parsed_project
from tests.integration.certified_home import certified_folder, certified_home, certified_platform

__all__ = ["certified_folder", "certified_home", "certified_platform"]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE_DIR)


@pytest.fixture(scope="session")
def examiner(catalogue: Catalogue) -> Examiner:
    """One for all tests: its reader is a process, which takes a while to start."""
    return Examiner(catalogue)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty platform home."""
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(_env_file=None, home=home, ledger_url="")


@pytest.fixture
def context(settings: Settings, catalogue: Catalogue, examiner: Examiner) -> Iterator[IntakeContext]:
    """Everything intake needs, with a migrated SQLite ledger in the home."""
    paths = Paths.of(settings)
    share_parsed_project(paths)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    made = IntakeContext(settings, paths, catalogue, engine)
    vars(made)["examiner"] = examiner
    yield made
    engine.dispose()


def _postgresql_program(name: str) -> str:
    """A server program: on the path, or where Debian keeps it."""
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    assert found, f"{name} is not installed: apt-get install postgresql"
    return found


class PostgresqlServer:
    """A throw-away PostgreSQL server on a free loopback port.

    Args:
        folder: where its data lie; it belongs to whom the server runs as.
        user: whom it runs as.
    """

    def __init__(self, folder: Path, user: str) -> None:
        self._folder, self._user = folder, user
        (self._port,) = free_ports(1)
        data = str(folder / "data")
        self._run("initdb", "-D", data, "-U", "kpi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        """The server's URL up to the database's name."""
        return f"postgresql+psycopg2://kpi@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self._port} -k {self._folder} -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-l", log, "-w", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, whoever is connected."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        account = pwd.getpwnam(self._user)
        as_user = {"user": self._user, "group": account.pw_gid} if os.geteuid() == 0 else {}
        subprocess.run(
            [_postgresql_program(program), *arguments],
            check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **as_user,
        )  # fmt: skip


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """A server that runs, and is gone afterwards."""
    # PostgreSQL refuses to run as root; Debian's package brings the user postgres.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="kpi-postgresql-"))
    shutil.chown(folder, user)
    try:
        server = PostgresqlServer(folder, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A throw-away PostgreSQL server for all tests; gives its URL up to the database's name."""
    with running_postgresql() as server:
        yield server.url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """An empty database on the throw-away server."""
    name = f"test_{os.urandom(4).hex()}"
    admin = open_ledger(f"{postgresql_server}postgres").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield f"{postgresql_server}{name}"
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated ledger, on SQLite and on PostgreSQL in turn."""
    url = (
        request.getfixturevalue("postgresql_url")
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path / 'ledger.db'}"
    )
    engine = open_ledger(url)
    migrate(engine)
    yield engine
    engine.dispose()
