"""The DAG `pull_sources`, run by a real Airflow against real sources, of which some are not well."""

import csv
import json
import shutil
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import SourceState
from national_kpi.paths import SAMPLES_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.sources.sample_server import sample_source
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow
from tests.integration.source_servers import Said, api_server

GOOD = "road_transport_public_services"


def platform_with_sources(folder: Path) -> Path:
    """This platform with three more sources: one that has moved, one that refuses us, and a folder."""
    for part in ("dags", "plugins", "dbt_project/seeds"):
        shutil.copytree(PROJECT_ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "dbt_project" / "seeds" / "sources.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        (good,) = rows = list(csv.DictReader(stream))
    more = {"connection_id": "kpi_unwell", "requests_per_minute": "6000"}
    rows += [good | more | {"source_id": name, "path": f"/{name}"} for name in ("moved", "refusing")]
    of_files = dict.fromkeys(("records_path", "page_style", "page_path", "form_code"), "")
    rows.append(good | of_files | {
        "source_id": "folder", "kind": "folder", "agency_code": "G06", "connection_id": "kpi_folder",
        "path": "out", "pattern": "*.csv",
    })  # fmt: skip
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, good)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_a_source_that_is_not_well_stops_no_other(context: IntakeContext, tmp_path: Path) -> None:
    project = platform_with_sources(tmp_path / "project")
    (tmp_path / "share" / "out").mkdir(parents=True)
    shutil.copy(SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv", tmp_path / "share" / "out")
    with (
        sample_source(SAMPLES_DIR / "http", "kpi_road_transport") as good,
        api_server(lambda address, _: Said(status=404 if address == "/moved" else 401)) as unwell,
    ):
        environment = {
            **airflow_environment(context.paths.home, tmp_path / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(project / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(project / "plugins"),
            "PYTHONPATH": str(project / "plugins"),
            "AIRFLOW_CONN_KPI_ROAD_TRANSPORT": f"http://127.0.0.1:{good.server_port}",
            "AIRFLOW_CONN_KPI_UNWELL": unwell.address,
            "AIRFLOW_CONN_KPI_FOLDER": json.dumps(
                {"conn_type": "fs", "extra": {"path": str(tmp_path / "share")}}
            ),
        }
        migrate_airflow(environment)
        said = airflow(environment, "dags", "test", "pull_sources", status=1)
    (file,) = context.paths.inbox("G17").iterdir()
    assert "80,21%" in file.read_text(encoding="utf-8-sig")
    assert len(list(context.paths.inbox("G06").iterdir())) == 1
    with Session(context.engine) as session:
        states = {one.source_id: one.state for one in session.scalars(select(SourceState))}
    assert states == {GOOD: "good", "moved": "changed", "refusing": "refused", "folder": "good"}
    assert file.name in said
    assert "reason='/moved: answered 404 Not Found" in said
    assert said.count("AirflowFailException: /refusing: answered 401") == said.count("Traceback") == 1
