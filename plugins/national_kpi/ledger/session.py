"""Opening the ledger: SQLite in the home folder, or PostgreSQL by its URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from national_kpi.errors import LedgerError
from national_kpi.paths import Paths
from national_kpi.settings import Settings

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_SECONDS = 30
ADVISORY_LOCK = 0x6B7069  # "kpi": any number will do, as long as nothing else in the database uses it


def ledger_url(settings: Settings, paths: Paths) -> str:
    """Where the ledger is: as set, else SQLite in the home folder."""
    return settings.ledger_url or f"sqlite:///{paths.ledger_file}"


def open_ledger(url: str) -> Engine:
    """An engine for the ledger. Nothing is connected or checked yet.

    Args:
        url: SQLAlchemy URL, `sqlite:///…` or `postgresql://…`.

    Raises:
        LedgerError: the URL cannot be understood.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg2")
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise LedgerError(
            f"the ledger's address cannot be used: {error}",
            where="KPI_LEDGER_URL",
            remedy="use sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>",
        ) from error


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "do_connect")
    def make_folder(*_: object) -> None:
        if file := make_url(url).database:
            Path(file).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, see `begin`
        cursor = connection.cursor()
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another has written in
        # between; one that asks for the write lock at the start waits for its turn.
        connection.exec_driver_sql("begin immediate")

    return engine


def migrate(engine: Engine) -> None:
    """Bring the ledger to the newest version. Does nothing when it is there; two at once take turns.

    Raises:
        LedgerError: the ledger is out of reach, or newer than this program.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"select pg_advisory_xact_lock({ADVISORY_LOCK})"))
            if _version(connection) == _newest_version():
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise unreachable(engine, error) from error


def check_ledger(engine: Engine) -> None:
    """Make sure the ledger answers and has the version this program needs.

    Raises:
        LedgerError: it is out of reach or has another version.
    """
    try:
        with engine.connect() as connection:
            found = _version(connection)
    except DBAPIError as error:
        raise unreachable(engine, error) from error
    if found != _newest_version():
        raise LedgerError(
            f"the ledger has version {found or 'none'}, this program needs {_newest_version()}",
            where=engine.url.render_as_string(hide_password=True),
            remedy="run `make up`, which brings the ledger to the newest version",
        )


def unreachable(engine: Engine, error: DBAPIError) -> LedgerError:
    """What to tell when the database refuses."""
    return LedgerError(
        f"the ledger is out of reach: {str(error.orig).strip()}",
        where=engine.url.render_as_string(hide_password=True),
        remedy="check that the database runs, that KPI_LEDGER_URL is right and that the disk is not full",
    )


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest_version() -> str | None:
    return ScriptDirectory(str(MIGRATIONS_DIR)).get_current_head()


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[Session]:
    """A transaction in which nobody else decides: numbers counted up in it stay without gaps.

    It commits when the block ends and rolls back when the block raises.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.execute(text(f"select pg_advisory_xact_lock({ADVISORY_LOCK})"))
        yield session  # on SQLite every transaction already waits for its turn


@contextmanager
def one_state(engine: Engine) -> Iterator[Session]:
    """A transaction in which everything read is of one state; SQLite's always are."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    with connection, Session(connection, expire_on_commit=False) as session, session.begin():
        yield session
