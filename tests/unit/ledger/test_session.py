"""Where the ledger is, and how it is opened."""

from pathlib import Path

from sqlalchemy import text

from national_kpi.ledger.session import ledger_url, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings


def test_the_ledger_lies_in_the_home_unless_set(tmp_path: Path) -> None:
    embedded = Settings(_env_file=None, home=tmp_path, ledger_url="")
    assert ledger_url(embedded, Paths.of(embedded)) == f"sqlite:///{tmp_path.resolve() / 'ledger.db'}"
    deployed = Settings(_env_file=None, home=tmp_path, ledger_url="postgresql://kpi@db/kpi")
    assert ledger_url(deployed, Paths.of(deployed)) == "postgresql://kpi@db/kpi"


def test_opening_connects_to_nothing(tmp_path: Path) -> None:
    open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    open_ledger("postgresql://kpi@127.0.0.1:1/kpi")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_opened_for_many_processes(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'new' / 'ledger.db'}").connect() as connection:
        assert connection.scalar(text("pragma journal_mode")) == "wal"
        assert connection.scalar(text("pragma foreign_keys")) == 1
        assert connection.scalar(text("pragma busy_timeout")) == 30_000
        assert connection.scalar(text("pragma synchronous")) == 2
