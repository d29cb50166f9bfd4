"""Before anything is imported: tests see neither the user's Airflow nor their settings."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import hypothesis
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


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole`: what a test proves by a sample, it then proves by all there is."""
    parser.addoption(
        "--whole", action="store_true", help="run tests marked `proof` whole instead of by a sample"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Property tests try twenty times as many examples in a whole run."""
    hypothesis.settings.register_profile("sample", deadline=None)
    hypothesis.settings.register_profile("whole", deadline=None, max_examples=2000)
    hypothesis.settings.load_profile("whole" if config.getoption("--whole") else "sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A whole proof takes its time; what takes long even so is left to it."""
    if not config.getoption("--whole"):
        left = [item for item in items if item.get_closest_marker("proof_only")]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)
        return
    for item in items:
        if item.get_closest_marker("proof_only"):
            item.add_marker(pytest.mark.proof)
        if item.get_closest_marker("proof"):
            item.add_marker(pytest.mark.timeout(3 * 3600))


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether to prove by all there is instead of by a sample."""
    return bool(request.config.getoption("--whole"))
