"""The DAG `pull_sources`, run by a real Airflow against a real HTTP source."""

import threading
from pathlib import Path

from national_kpi.intake.context import IntakeContext
from national_kpi.paths import SAMPLES_DIR
from national_kpi.sources.sample_server import SampleServer
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow


def test_the_dag_drops_what_the_source_publishes(context: IntakeContext, tmp_path: Path) -> None:
    with SampleServer(SAMPLES_DIR / "http", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            **airflow_environment(context.paths.home, tmp_path / "airflow"),
            "AIRFLOW_CONN_KPI_ROAD_TRANSPORT": f"http://127.0.0.1:{server.server_port}",
        }
        migrate_airflow(environment)
        said = airflow(environment, "dags", "test", "pull_sources")
        server.shutdown()
    (file,) = context.paths.inbox("G17").iterdir()
    assert file.name in said
    assert "80,21%" in file.read_text(encoding="utf-8-sig")
