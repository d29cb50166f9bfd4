"""The deployment under test: the services of docker-compose.yml, on simulated data."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.manifest import Simulated
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order, drop_submissions
from tests.deployment.container import in_network_of
from tests.deployment.engine import Engine

FAILURES = PROJECT_ROOT / ".failures" / "deployment"
MONTHS = months_from(date(2022, 8, 1), 1)
FORMS = ("F01", "F02", "F03", "F04", "F05", "F06")
SETTINGS = {"KPI_SUPERSET_WORKERS": "2", "KPI_WORKER_SLOTS": "2"}
"""Two cores: the number of services is as in the file, that of their processes is not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/deployment/" in str(item.path):
            for server in ("postgresql", "redis", "openssh", "nginx", "iproute2", "root"):
                item.add_marker(f"needs_{server}")


@pytest.fixture(scope="package")
def nation(tmp_path_factory: pytest.TempPathFactory, whole: bool) -> tuple[Path, list[Simulated]]:
    """A month's reports, each where its agency has it, and what must become of them."""
    catalogue, folder = load_catalogue(CATALOGUE_DIR), tmp_path_factory.mktemp("nation")
    paths = prepare_home(folder / "nation", folder / "var", {"seed": 5})
    reporters = reporters_of(catalogue, MONTHS, datetime.now(HANOI).date(), seed=5, services=30)
    order = Order(MONTHS, FORMS, dossiers=0, error_rate=0.25, ending=None)
    chosen = reporters if whole else reporters[::18]
    return paths.home, drop_submissions(catalogue, paths, chosen, order, workers=2)


@pytest.fixture(scope="package")
def deployment(nation: tuple[Path, list[Simulated]]) -> Iterator[Engine]:
    """All services, healthy; this process stands where people are, outside."""
    home, _ = nation
    engine = Engine(SETTINGS)
    try:
        shutil.copy(home / "SIMULATED.json", engine.home)
        engine.up()
        engine.wait_until_healthy()
        with in_network_of(engine.network.pid):
            yield engine
    finally:
        shutil.rmtree(FAILURES, ignore_errors=True)
        FAILURES.mkdir(parents=True)
        for log in engine.folder.glob("*.log"):
            shutil.copy(log, FAILURES)
        engine.down()
