"""The DAG `build`, run by a real Airflow: what is in order is published, what is not changes nothing."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi import metrics
from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Build
from national_kpi.paths import SAMPLES_DIR
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow
from tests.integration.building import drop
from tests.integration.statsd_server import StatsdServer, running_statsd

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)


@pytest.fixture
def statsd() -> Iterator[StatsdServer]:
    with running_statsd() as server:
        yield server


@pytest.fixture
def environment(context: IntakeContext, tmp_path: Path, statsd: StatsdServer) -> dict[str, str]:
    environment = {**airflow_environment(context.paths.home, tmp_path / "airflow"), **statsd.environment}
    migrate_airflow(environment)
    return environment


@pytest.mark.proof_only
def test_a_build_that_fails_is_seen_to_fail_and_readers_keep_what_they_have(
    context: IntakeContext, environment: dict[str, str], statsd: StatsdServer
) -> None:
    drop(context, SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv", "G06", NOW)
    said = airflow(environment, "dags", "test", "build")
    assert statsd.told(metrics.BUILD_TESTS_FAILED) == [0]
    assert len(statsd.told(metrics.BUILD_TIME)) == len(statsd.told(metrics.PUBLISH_DELAY)) == 1
    assert statsd.told(metrics.PUBLISHED_AGE) == [0]
    built, shown = (line for line in said.splitlines() if "[national_kpi.warehouse." in line)
    assert "goes into build" in built and "is published in" in shown
    assert "file_name=F07-ket-noi-paygov.csv" in built and "file_name=F07-ket-noi-paygov.csv" in shown
    published = context.paths.current_snapshot.resolve()
    assert published.is_file()

    drop(context, SAMPLES_DIR / "G06" / "F07-dich-vu-cong-muc-do-4.csv", "G06", NOW)
    newest = max(context.paths.lake.rglob("*.parquet"), key=os.path.getmtime)
    newest.write_bytes(b"damaged")
    said = airflow(environment, "dags", "test", "build", status=1)
    assert f"BuildError: {context.paths.builds}" in said
    assert "dbt did not build" in said
    assert len(statsd.told(metrics.BUILD_TIME)) == 1, "a build that failed has no time"
    assert context.paths.current_snapshot.resolve() == published
    with Session(context.engine) as session:
        states = session.scalars(select(Build.state).order_by(Build.build_id)).all()
    assert states[0] == "published"
    assert set(states[1:]) == {"failed"}
