"""The audit: it only grows, holds together, and shows what was tampered with."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import sweep
from national_kpi.ledger.audit import check_audit, record
from national_kpi.ledger.cycle import AuditEvent
from national_kpi.ledger.session import one_at_a_time

NOW = datetime(2026, 11, 29, 8, 30, 15, 123456, HANOI)
FORGERIES = {
    "update audit_events set actor = 'Nobody' where number = 2": "event 2: its content gives",
    "delete from audit_events where number = 2": "event 3: event 2 is missing before it",
    "update audit_events set number = 7 where number = 3": "event 7: event 3 is missing before it",
}


def act(engine: Engine, *actors: str) -> None:
    for actor in actors:
        with one_at_a_time(engine) as session:
            record(
                session, actor=actor, action="extend", subject="x", details={"days": 3, "vì": "bão"}, now=NOW
            )


def breaks(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return [f"event {one.number}: {one.what}" for one in check_audit(session)]


def test_events_follow_each_other(ledger: Engine) -> None:
    act(ledger, "An", "Bình", "Chi")
    with Session(ledger) as session:
        events = session.query(AuditEvent).order_by(AuditEvent.number).all()
    assert [one.number for one in events] == [1, 2, 3]
    assert [one.previous_sha256 for one in events] == [None, events[0].sha256, events[1].sha256]
    assert breaks(ledger) == []


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_database_refuses_to_change_what_was_done(ledger: Engine, forgery: str) -> None:
    act(ledger, "An", "Bình", "Chi")
    with pytest.raises(DBAPIError, match="the audit only grows"), ledger.begin() as connection:
        connection.execute(text(forgery))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_who_gets_round_the_database_is_found_out(ledger: Engine, forgery: str) -> None:
    act(ledger, "An", "Bình", "Chi")
    with ledger.begin() as connection:
        if ledger.dialect.name == "postgresql":
            connection.execute(text("drop trigger audit_events_refuse on audit_events"))
        else:
            for change in ("update", "delete"):
                connection.execute(text(f"drop trigger audit_events_refuse_{change}"))
        connection.execute(text(forgery))
    assert breaks(ledger)[0].startswith(FORGERIES[forgery])


def test_a_failed_act_leaves_no_event(ledger: Engine) -> None:
    with pytest.raises(RuntimeError), one_at_a_time(ledger) as session:
        record(session, actor="An", action="extend", subject="x", details={}, now=NOW)
        raise RuntimeError
    with Session(ledger) as session:
        assert session.query(AuditEvent).count() == 0


def test_every_file_that_was_decided_on_is_in_the_audit(context: IntakeContext) -> None:
    inbox = context.paths.inbox("H05")
    inbox.mkdir(parents=True)
    for name in ("a.xlsx", "b.xlsx"):
        (inbox / name).write_bytes(name.encode())
    sweep(context, NOW)
    with Session(context.engine) as session:
        events = session.query(AuditEvent).all()
    assert [(one.actor, one.action, one.details["outcome"]) for one in events] == [
        ("H05", "submit", "quarantined")
    ] * 2  # fmt: skip
    assert breaks(context.engine) == []
    with context.engine.begin() as connection:
        connection.execute(text("update submissions set outcome = 'accepted' where decision_number = 1"))
    assert "the audit says outcome 'quarantined', the ledger 'accepted'" in breaks(context.engine)[0]
