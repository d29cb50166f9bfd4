"""A folder in which dbt runs on no data at all: what linting, unit tests and documentation need."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from national_kpi.catalogue.load import load_catalogue
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse.inputs import NOTHING, write_inputs


@contextmanager
def empty_build(as_of: date) -> Iterator[Path]:
    """A temporary build folder with the catalogue and not one submission, so that it works in a fresh clone.

    Args:
        as_of: the day to look from.
    """
    with tempfile.TemporaryDirectory(prefix="kpi-dbt-") as name:
        folder = Path(name)
        write_inputs(folder / "inputs", load_catalogue(CATALOGUE_DIR), NOTHING, as_of)
        yield folder
