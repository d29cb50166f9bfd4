"""The DAG `intake`, run by a real Airflow: what it tells a real StatsD server, and what its log says."""

import os
import re
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from national_kpi import metrics
from national_kpi.clock import now
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import SourceState
from national_kpi.paths import SAMPLES_DIR
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow
from tests.integration.statsd_server import running_statsd

SAMPLE = SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv"
LONG_AGO = (1_000_000_000, 1_000_000_000)


def test_each_file_is_counted_by_its_outcome_and_its_lines_carry_its_number(
    context: IntakeContext, tmp_path: Path
) -> None:
    inbox = context.paths.inbox("G06")
    inbox.mkdir(parents=True)
    junk = inbox / "rac.xlsx"
    junk.write_bytes(b"\x00\x01\x02 this is no workbook")
    for file in (junk, Path(shutil.copy(SAMPLE, inbox))):
        os.utime(file, LONG_AGO)
    source, hour_ago = context.catalogue.sources[0].source_id, now() - timedelta(hours=1)
    with Session(context.engine) as session, session.begin():
        for source_id in (source, "not_asked_any_more"):
            session.add(SourceState(source_id=source_id, state="good", began_at=hour_ago, last_at=hour_ago))
    with running_statsd() as statsd:
        environment = {
            **airflow_environment(context.paths.home, tmp_path / "airflow"),
            **statsd.environment,
        }
        migrate_airflow(environment)
        said = airflow(environment, "dags", "test", "intake")

    assert statsd.told(f"{metrics.INTAKE_FILES}.accepted") == [1]
    assert statsd.told(f"{metrics.INTAKE_FILES}.quarantined") == [1]
    milliseconds = statsd.told(metrics.INTAKE_TIME)
    assert len(milliseconds) == 2
    assert all(0 < one < 120_000 for one in milliseconds)
    assert statsd.told(metrics.PUBLISHED_WAITING) == [1]
    (age,) = statsd.told(f"{metrics.SOURCE_AGE}.{source}")
    assert 3600 <= age < 3900
    assert statsd.told(f"{metrics.SOURCE_AGE}.not_asked_any_more") == []
    assert statsd.told(metrics.PUBLISHED_AGE) == [], "nothing is published, so nothing has an age"

    lines = [line for line in said.splitlines() if "[national_kpi." in line]
    assert len([line for line in lines if f"file_name={SAMPLE.name}" in line]) >= 2
    for line in lines:
        (number,) = re.findall(r"submission_id=(\S+)", line)
        assert number in line.partition("[national_kpi.")[0], "the number in the field is that in the text"
        assert "agency_code=G06" in line
