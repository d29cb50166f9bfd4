"""Fixtures: the real catalogue, and an examiner of files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.intake.examine import Examination, Examiner
from national_kpi.paths import CATALOGUE_DIR

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(CATALOGUE_DIR)


@pytest.fixture(scope="session")
def examiner(catalogue: Catalogue) -> Examiner:
    return Examiner(catalogue)


@pytest.fixture
def examine(examiner: Examiner) -> Callable[..., Examination]:
    """Examines a file of a folder as of today."""

    def run(file: Path, agency_code: str = "G15", day: date = TODAY) -> Examination:
        return examiner.examine(file, file.name, agency_code, day)

    return run
