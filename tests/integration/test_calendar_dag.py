"""Periods opened by the DAG `reporting_calendar` in a real Airflow, and by `make up`."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Obligation
from national_kpi.stack.up import prepare_ledger_and_folders
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=HANOI)


def owed(context: IntakeContext) -> int:
    with Session(context.engine) as session:
        return session.scalar(select(func.count()).select_from(Obligation)) or 0


def test_the_dag_opens_what_has_begun_and_nothing_twice(context: IntakeContext, tmp_path: Path) -> None:
    environment = airflow_environment(context.paths.home, tmp_path / "airflow")
    migrate_airflow(environment)
    airflow(environment, "dags", "test", "reporting_calendar")
    opened = owed(context)
    assert opened >= 59 * (4 * 11 + 2 * 4)  # what had begun by November 2026
    airflow(environment, "dags", "test", "reporting_calendar")
    assert owed(context) == opened


def test_preparing_the_platform_opens_periods(context: IntakeContext) -> None:
    prepare_ledger_and_folders(context.settings, context.paths, NOW)
    assert owed(context) == 59 * 6
    prepare_ledger_and_folders(context.settings, context.paths, NOW)
    assert owed(context) == 59 * 6
