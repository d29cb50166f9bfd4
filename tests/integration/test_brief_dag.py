"""The DAG `brief` in a real Airflow, on a platform to which nobody has reported."""

from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief import issue
from national_kpi.brief.issue import BriefRequest, issue_brief
from national_kpi.clock import HANOI
from national_kpi.cycle.obligations import open_periods
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.cycle import AuditEvent, BriefIssue
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.asked import database_for
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow

NOW = datetime(2026, 8, 17, 7, tzinfo=HANOI)
MONTHLY = "20260814-monthly-2026-M07-1"


def noted(context: IntakeContext) -> tuple[list[str], list[str]]:
    with Session(context.engine) as session:
        issues = session.scalars(select(BriefIssue.issue_id).order_by(BriefIssue.issue_id)).all()
        events = session.scalars(
            select(AuditEvent.subject).where(AuditEvent.action == "issue_brief").order_by(AuditEvent.number)
        ).all()
    return list(issues), list(events)


@pytest.mark.proof
def test_the_month_is_briefed_once_however_often_the_dag_runs(
    context: IntakeContext, tmp_path: Path, whole: bool
) -> None:
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, NOW)
    environment = airflow_environment(context.paths.home, tmp_path / "airflow")
    migrate_airflow(environment)
    airflow(environment, "dags", "test", "brief", "2026-08-17T07:00:00+07:00")
    assert noted(context) == ([MONTHLY], [MONTHLY])
    airflow(environment, "dags", "test", "brief", "2026-08-18T07:00:00+07:00")
    assert noted(context) == ([MONTHLY], [MONTHLY])
    if whole:
        airflow(environment, "dags", "test", "brief", "2026-07-15T07:00:00+07:00")
        june = "20260714-monthly-2026-M06-1"
        assert noted(context) == ([june, MONTHLY], [MONTHLY, june]), "of the half-year nothing is known"
    text = "\n".join(
        page.extract_text() for page in PdfReader(context.paths.briefs / MONTHLY / "bao-cao.pdf").pages
    )
    assert "Đã nhận 0/" in text
    assert "Chưa có cơ quan nào đủ số liệu để xếp hạng." in text


@pytest.mark.proof_only
def test_a_crash_at_any_step_issues_nothing_twice(
    context: IntakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, NOW)
    request = BriefRequest("monthly", datetime(2026, 8, 14).date(), "2026-M07")
    database = database_for(context.paths, context.engine, as_of=request.as_of, now=NOW)

    def run() -> None:
        issue_brief(context.engine, database, request, folder=context.paths.briefs, actor="platform", now=NOW)

    for step in ("record", "write_docx", "write_pdf", "sync_file"):
        with monkeypatch.context() as patched:
            patched.setattr(issue, step, lambda *_, **__: (_ for _ in ()).throw(OSError("no space left")))
            with pytest.raises(OSError, match="no space left"):
                run()
        issues, events = noted(context)
        assert issues == events, step
        assert len(issues) == (0 if step == "record" else 1)
    run()
    assert noted(context) == ([MONTHLY], [MONTHLY])
    assert sorted(file.name for file in (context.paths.briefs / MONTHLY).iterdir()) == [
        "bao-cao.docx",
        "bao-cao.pdf",
    ]
