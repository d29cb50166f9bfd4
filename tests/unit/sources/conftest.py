"""A ledger and the catalogue for the parts of a pull."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE_DIR)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture
def engine(paths: Paths) -> Iterator[Engine]:
    ledger = open_ledger(f"sqlite:///{paths.ledger_file}")
    migrate(ledger)
    yield ledger
    ledger.dispose()
