"""Explaining and waiving findings: decisions of people, kept in the ledger, never changed."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.errors import FindingError, require_texts
from national_kpi.ledger.audit import record
from national_kpi.ledger.models import FindingDecision
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse import queries


class Decision(StrEnum):
    """What somebody may decide about a finding."""

    EXPLAINED = "explained"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"


_ACTIONS = {
    Decision.EXPLAINED: "explain",
    Decision.WAIVED: "waive",
    Decision.WITHDRAWN: "withdraw_decision",
}
_IN_WORDS = {Decision.EXPLAINED: "explained", Decision.WAIVED: "waived", Decision.WITHDRAWN: "taken back"}


def decide(
    engine: Engine,
    database: Path,
    finding_key: str,
    decision: Decision,
    *,
    reason: str,
    author: str,
    now: datetime,
    until: date | None = None,
) -> dict[str, Any]:
    """Write down a decision about a published finding. It counts from the next build on.

    Args:
        engine: the ledger.
        database: the snapshot that shows the finding.
        finding_key: its key, or as much of the beginning as no other key begins with.
        decision: what is decided; a withdrawal takes back the explanation or waiver before it.
        reason: why, for everybody who reads the finding.
        author: who answers for it.
        now: the present moment.
        until: the last day it holds; None for no end.

    Returns:
        The decision as it was kept.

    Raises:
        FindingError: there is no such finding, or nothing of the kind can be decided about it.
    """
    reason, author = reason.strip(), author.strip()
    require_texts({"--reason": reason, "--author": author}, FindingError)
    if until is not None and until < in_hanoi(now).date():
        raise FindingError(
            f"{until} is past", where="--until", remedy="give a last day that is still to come"
        )
    finding = _find(database, finding_key)
    key = finding["finding_key"]
    if finding["state"] == "closed":
        raise FindingError(
            f"finding {key} was closed on {finding['closed_on']}",
            remedy="nothing needs to be decided about it",
        )
    if decision is Decision.EXPLAINED and finding["severity"] == "block":
        raise FindingError(
            f"finding {key} must be mended, it cannot be explained away",
            remedy="let the agency send the figures again, or waive the finding for a time",
        )
    with one_at_a_time(engine) as session:
        if decision is Decision.WITHDRAWN:
            _check_withdrawal(session, finding)
        kept = FindingDecision(
            finding_key=key,
            kind=decision.value,
            reason=reason,
            author=author,
            decided_at=now,
            expires_on=until,
            **{name: finding[name] for name in ("rule_id", "agency_id", "period_code", "found", "evidence")},
        )
        session.add(kept)
        record(
            session,
            actor=author,
            action=_ACTIONS[decision],
            subject=key,
            details={"rule_id": kept.rule_id, "reason": reason, "until": until and until.isoformat()},
            now=now,
        )
        return {
            "finding_key": key,
            "rule_id": kept.rule_id,
            "agency_code": finding["agency_code"],
            "period_code": kept.period_code,
            "decision": _IN_WORDS[decision],
            "reason": reason,
            "author": author,
            "decided_on": in_hanoi(now).date(),
            "expires_on": until,
        }


def _find(database: Path, finding_key: str) -> dict[str, Any]:
    found = queries.findings_by_key(database, finding_key)
    if not found:
        raise FindingError(
            f"no published finding has a key that begins with {finding_key!r}",
            remedy="`kpi findings` lists them, `kpi findings --state closed` those that are closed",
        )
    if len(found) > 1:
        raise FindingError(
            f"the keys of several findings begin with {finding_key!r}", remedy="write more of the key"
        )
    return found[0]


def _check_withdrawal(session: Session, finding: dict[str, Any]) -> None:
    key = finding["finding_key"]
    newest = session.scalar(
        select(FindingDecision)
        .where(FindingDecision.finding_key == key)
        .order_by(FindingDecision.decision_id.desc())
        .limit(1)
    )
    if newest is None or newest.kind == Decision.WITHDRAWN:
        by_agency = finding["state"] == "explained"
        raise FindingError(
            f"nothing was decided about finding {key} that could be taken back",
            remedy="the agency explained it in its report, and only a new report changes that"
            if by_agency
            else "",
        )
