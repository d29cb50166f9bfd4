"""Before anything is imported: tests see neither the user's Airflow nor their settings."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

_AIRFLOW_HOME = tempfile.mkdtemp(prefix="national-kpi-airflow-")
for _name in [name for name in os.environ if name.startswith(("AIRFLOW", "KPI_"))]:
    del os.environ[_name]
os.environ["AIRFLOW_HOME"] = _AIRFLOW_HOME  # Airflow writes there as soon as it is imported
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


@pytest.fixture(scope="session", autouse=True)
def _airflow_home_goes_afterwards() -> Iterator[None]:
    yield
    shutil.rmtree(_AIRFLOW_HOME, ignore_errors=True)
