"""The history of findings that the models make: every publication writes down which it has."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from national_kpi.ledger.models import DetectedFinding, Publication
from national_kpi.warehouse.sql import select_rows

_KEPT = (
    "finding_key", "rule_id", "place_key", "first_seen_on", "agency_id", "form_code", "period_code",
    "kpi_code", "element_code", "row_key", "submission_id", "severity", "found", "expected", "evidence",
    "message_vi", "mend_vi",
)  # fmt: skip


def keep_finding_history(session: Session, database: Path, as_of: date) -> None:
    """Write down which findings of the models a publication has: new ones, those that go on, those gone.

    Call it in the transaction that records the publication. History moves forward only: a publication that
    looks from an earlier day than one before it leaves it alone.

    Args:
        session: the ledger.
        database: the publication's DuckDB file.
        as_of: the day it looks from.
    """
    newest = session.scalar(select(func.max(Publication.as_of)))
    if newest is not None and newest > as_of:
        return
    known = select(DetectedFinding).where(
        or_(DetectedFinding.closed_on.is_(None), DetectedFinding.closed_on == as_of)
    )
    gone = {finding.finding_key: finding for finding in session.scalars(known)}
    for row in _detected(database):
        finding = gone.pop(row["finding_key"], None)
        if finding is None:
            session.add(DetectedFinding(**row, last_seen_on=as_of, closed_on=None))
            continue
        for name, value in row.items():
            setattr(finding, name, value)
        finding.last_seen_on, finding.closed_on = as_of, None
    for finding in gone.values():
        finding.closed_on = as_of


def _detected(database: Path) -> Iterator[dict[str, Any]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        yield from select_rows(
            connection,
            f"""
            select {", ".join(_KEPT)} from fct_finding
            where rule_kind = 'model' and closed_on is null
            order by finding_key
            """,  # noqa: S608 - names of ours
        )
