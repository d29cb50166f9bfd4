"""Databases as files: each dump is one moment of its database, taken while others write."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, inspect, make_url

from national_kpi.errors import BackupError
from national_kpi.ledger.session import ledger_url
from national_kpi.paths import Paths
from national_kpi.settings import Settings


@dataclass(frozen=True)
class Database:
    """One of the platform's databases."""

    name: str
    url: URL

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of its own."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """That file."""
        return Path(self.url.database or "")

    @property
    def dump_name(self) -> str:
        """What its dump is called."""
        return f"{self.name}.{'sqlite' if self.is_sqlite else 'pgdump'}"


def databases(settings: Settings, paths: Paths) -> tuple[Database, ...]:
    """The ledger, and where Airflow and Superset keep theirs.

    Args:
        settings: where the ledger is.
        paths: where the embedded databases lie.
    """
    airflow = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")
    superset = os.environ.get("KPI_SUPERSET_DATABASE_URI", "")
    return (
        Database("ledger", make_url(ledger_url(settings, paths))),
        Database("airflow", make_url(airflow or f"sqlite:///{paths.airflow_database}")),
        Database("superset", make_url(superset or f"sqlite:///{paths.superset / 'superset.db'}")),
    )


def dump(database: Database, folder: Path) -> Path | None:
    """Write a database into a file of a folder.

    Args:
        database: which one.
        folder: where to.

    Returns:
        The file; None where there is no database yet.

    Raises:
        BackupError: the database cannot be read.
    """
    target = folder / database.dump_name
    if not database.is_sqlite:
        _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return target
    if not database.file.exists():
        return None
    with (
        closing(sqlite3.connect(database.file, timeout=60)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
    return target


def is_empty(database: Database) -> bool:
    """Whether there is nothing in it."""
    if database.is_sqlite:
        return not database.file.exists()
    engine = create_engine(database.url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def load(database: Database, file: Path) -> None:
    """Fill an empty database from its dump.

    Args:
        database: which one.
        file: its dump.

    Raises:
        BackupError: the database refuses.
    """
    if database.is_sqlite:
        database.file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, database.file)
        return
    only = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run(database, "pg_restore", *only, str(file))


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which others cannot read."""
    url = database.url
    given = {"--host": url.host, "--port": url.port, "--username": url.username, "--dbname": url.database}
    place = [f"{option}={value}" for option, value in given.items() if value]
    environment = {**os.environ, "PGPASSWORD": str(url.password or "")}
    try:
        outcome = subprocess.run(
            [program, "--no-password", *place, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{program} is not installed", where=database.name, remedy="install postgresql-client"
        ) from error
    if outcome.returncode != 0:
        raise BackupError(
            f"{program}: {outcome.stderr.strip()[-500:]}", where=url.render_as_string(hide_password=True)
        )
