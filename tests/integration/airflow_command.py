"""Airflow's command on a platform home, in an Airflow of its own."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from national_kpi.settings import PROJECT_ROOT

MIGRATED = PROJECT_ROOT / ".pytest_cache" / f"airflow-{version('apache-airflow')}.db"


def airflow_environment(home: Path, airflow_home: Path) -> dict[str, str]:
    """An environment in which this project's DAGs work on a home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {
        **inherited,
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "KPI_HOME": str(home),
        "KPI_LEDGER_URL": "",
    }


def airflow(environment: dict[str, str], *arguments: str, status: int = 0) -> str:
    """Run Airflow's command, which must end with this exit status; gives what it says."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("airflow")), *arguments],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def migrate_airflow(environment: dict[str, str]) -> None:
    """Give Airflow an empty database of its own; it is migrated once for all tests, and then copied."""
    folder = Path(environment["AIRFLOW_HOME"])
    folder.mkdir(parents=True, exist_ok=True)
    MIGRATED.parent.mkdir(exist_ok=True)
    with FileLock(MIGRATED.with_suffix(".lock")):
        if not MIGRATED.exists():
            airflow(environment, "db", "migrate")
            shutil.copyfile(folder / "airflow.db", MIGRATED)
    shutil.copyfile(MIGRATED, folder / "airflow.db")
