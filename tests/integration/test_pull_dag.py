"""The DAG `pull_sources`, run by a real Airflow against a real HTTP source."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from national_kpi.intake.context import IntakeContext
from national_kpi.paths import SAMPLES_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.sources.sample_server import SampleServer


def airflow(environment: dict[str, str], *arguments: str) -> str:
    """Run Airflow's command in an environment of its own; gives what it says."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("airflow")), *arguments],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_dag_drops_what_the_source_publishes(context: IntakeContext, tmp_path: Path) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    with SampleServer(SAMPLES_DIR / "http", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            **inherited,
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_CONN_KPI_ROAD_TRANSPORT": f"http://127.0.0.1:{server.server_port}",
            "KPI_HOME": str(context.paths.home),
            "KPI_LEDGER_URL": "",
        }
        airflow(environment, "db", "migrate")
        said = airflow(environment, "dags", "test", "pull_sources")
        server.shutdown()
    (file,) = context.paths.inbox("G17").iterdir()
    assert file.name in said
    assert "80,21%" in file.read_text(encoding="utf-8-sig")
