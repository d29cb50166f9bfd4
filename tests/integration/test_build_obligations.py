"""Reports owed, as a build tells of them: the same as `kpi status`."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI, end_of_day
from national_kpi.cycle.extensions import extend
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import read_status
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Submission
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.build import BuildResult, build
from tests.integration.building import new_platform, put_into_lake, select, select_one

TODAY = date(2026, 11, 10)
BOTH = (
    "agency_code", "agency_id", "form_code", "period_code", "obligation_code", "cutoff_on", "due_on",
    "closes_on", "state", "is_received", "days_late", "revision",
    "extended_to", "extension_reason", "extension_approver",
)  # fmt: skip


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=HANOI)


def refused(context: IntakeContext, submission_id: str, agency_id: str, received_at: datetime) -> None:
    with Session(context.engine) as session, session.begin():
        session.add(
            Submission(
                submission_id=submission_id, agency_code=agency_id[:3], file_name="f06.csv", sha256="0" * 64,
                size_bytes=1, received_at=received_at, origin="drop", state="decided", outcome="rejected",
                form_code="F06", period_code="2026-M10", reported_by=agency_id, decision_number=90,
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> IntakeContext:
    context = new_platform(tmp_path_factory.mktemp("obligations"))
    monthly = next(row for row in catalogue.reporting_obligations if row.obligation_code == "F06-M")
    merging = monthly.model_copy(
        update={"valid_from": date(2025, 6, 1), "valid_to": date(2025, 6, 30), "obligation_code": "F06-2025"}
    )
    rules = (merging, *catalogue.reporting_obligations)
    with one_at_a_time(context.engine) as session:
        open_periods(session, replace(catalogue, reporting_obligations=rules), at("2026-11-10"))
    visits = [{"portal": "Cổng A", "visits": Decimal(5)}]

    def accepted(name: str, agency_id: str, day: str, period: str = "2026-M10", revision: int = 1) -> None:
        put_into_lake(
            context.paths, context.engine, catalogue, name, form_code="F06", reported_by=agency_id,
            period_code=period, now=at(day), rows=visits, revision=revision,
        )  # fmt: skip

    accepted("in time", "G15@0001-01-01", "2026-11-04")
    accepted("late", "G01@0001-01-01", "2026-11-05")
    accepted("much too late", "G08@0001-01-01", "2026-11-09")
    accepted("first", "G02@0001-01-01", "2026-10-20")
    accepted("resent", "G02@0001-01-01", "2026-11-09", revision=2)
    accepted("too soon", "G02@0001-01-01", "2026-11-09", period="2026-M11")
    accepted("tomorrow", "G03@0001-01-01", "2026-11-11")
    accepted("successor", "H44@2025-07-01", "2025-07-02", period="2025-M06")
    accepted("nothing", "G06@2025-03-01", "2026-11-03")
    with Session(context.engine) as session, session.begin():
        session.get_one(Submission, "nothing").is_nil = True
    for code, day, granted_on in (
        ("G01", "2026-11-06", "2026-11-04"), ("G20", "2026-11-20", "2026-11-05"),
        ("G19", "2026-11-20", "2026-11-11"), ("G16", "2026-11-20", "2026-11-05"), ("G16", None, "2026-11-06"),
    ):  # fmt: skip
        extend(
            context.engine, catalogue, agency_code=code, form_code="F06", period_code="2026-M10",
            extended_to=day and date.fromisoformat(day), reason="Bão", approver="Tổ công tác",
            now=at(granted_on),
        )  # fmt: skip
    refused(context, "refused", "G18@0001-01-01", at("2026-11-04"))
    return context


@pytest.fixture(scope="module")
def built(platform: IntakeContext) -> BuildResult:
    return build(platform.paths, platform.engine, as_of=TODAY, now=at("2026-11-12"))


def test_the_mart_and_the_command_tell_the_same(platform: IntakeContext, built: BuildResult) -> None:
    with Session(platform.engine) as session:
        periods = {
            row["period_code"] for row in select(built.duckdb_path, "select period_code from dim_period")
        }
        told = [
            one
            for period in periods
            for one in read_status(session, platform.catalogue, end_of_day(TODAY), period_code=period)
        ]
    mart = select(built.duckdb_path, "from fct_obligation_status")
    assert len(mart) == 59 * (4 * 11 + 2 * 4) + 88
    expected: dict[Any, tuple[object, ...]] = {
        (one.agency_id, one.form_code, one.period_code): (
            *(getattr(one, name) for name in BOTH),
            one.state_text,
            one.received_at and one.received_at.date(),
            one.submission_id if one.is_received else None,
        )
        for one in told
    }
    found = {
        (row["agency_id"], row["form_code"], row["period_code"]): (
            *(row[name] for name in BOTH), row["state_vi"], row["received_on"], row["submission_id"]
        )
        for row in mart
    }  # fmt: skip
    assert found == expected
    states = {row["state"] for row in mart}
    assert states == {
        "expected", "received", "on_time", "extended", "late_extended", "late", "nil", "missing", "rejected"
    }  # fmt: skip


def test_a_successor_answers_for_all_it_absorbed(built: BuildResult) -> None:
    rows = select(
        built.duckdb_path,
        "from fct_obligation_status where period_code = '2025-M06' and is_received order by agency_id",
    )
    assert [row["agency_id"] for row in rows] == ["H28@0001-01-01", "H44@0001-01-01", "H62@0001-01-01"]
    assert {row["reported_by"] for row in rows} == {"H44@2025-07-01"}


def test_each_report_owed_cites_what_it_is_owed_by(built: BuildResult) -> None:
    query = "select distinct form_code, legal_basis from fct_obligation_status where period_code > '2026'"
    bases = {row["form_code"]: row["legal_basis"] for row in select(built.duckdb_path, query)}
    assert len(bases) == 6
    assert bases["F03"].startswith("Thông tư số 01/2020/TT-VPCP")


def test_an_earlier_day_is_told_as_it_was(platform: IntakeContext) -> None:
    earlier = build(platform.paths, platform.engine, as_of=date(2026, 10, 31), now=at("2026-11-12"))
    counts = select_one(
        earlier.duckdb_path,
        """
        select
            max(period_code) as newest_period,
            count(*) filter (where state = 'received') as received,
            count(*) filter (where state = 'expected') as waited
        from fct_obligation_status
        where form_code = 'F06' and period_code >= '2026-M10'
        """,
    )
    assert counts == {"newest_period": "2026-M10", "received": 1, "waited": 58}
