"""Fixtures: the real catalogue, and a small nation of it."""

from datetime import date

import pytest

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.periods import Period
from national_kpi.simulate.nation import Reporter, months_from, reporters_of

RECEIVED_ON = date(2026, 11, 22)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE_DIR)


@pytest.fixture(scope="session")
def months() -> tuple[Period, ...]:
    return months_from(date(2022, 7, 1), 3)


@pytest.fixture(scope="session")
def nation(catalogue: Catalogue, months: tuple[Period, ...]) -> tuple[Reporter, ...]:
    return reporters_of(catalogue, months, RECEIVED_ON, seed=1, services=40)
