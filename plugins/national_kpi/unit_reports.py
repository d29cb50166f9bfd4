"""Reports of units, and what the focal point above them says of each: `int_unit_confirmations` in Python.

A report is confirmed or returned by the form of source `confirmation` that the focal point sent for the same
period and that stands now. What it says counts for the receipt it names: a report sent again waits again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.agencies import is_focal_point
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.periods import parse_period

State = Literal["waiting", "confirmed", "returned"]
STATES: Mapping[str, State] = {"xác nhận": "confirmed", "trả lại": "returned"}
"""What a decision makes of a report."""


@dataclass(frozen=True)
class UnitReport:
    """A unit's report that stands, and what its focal point says of it.

    Attributes:
        receipt: as it is printed: its number and the code of the folder.
        note: why it was returned.
    """

    unit: Agency
    focal_point: Agency
    form_code: str
    period_code: str
    submission_id: str
    receipt: str
    state: State
    note: str | None


def unit_reports(
    session: Session,
    home: Path,
    catalogue: Catalogue,
    now: datetime,
    *,
    focal_point: Agency | None = None,
    period_code: str | None = None,
) -> list[UnitReport]:
    """The reports of units of focal points, by unit, period and form.

    Args:
        session: the ledger.
        home: the folder that the lake lies in.
        catalogue: says who is a focal point, and for whom.
        now: the moment to look from.
        focal_point: of this one's units only.
        period_code: of this period only.
    """
    agencies = {agency.agency_id: agency for agency in catalogue.agencies}
    collecting = {one.agency_id for one in catalogue.focal_points}
    if focal_point:
        collecting &= {focal_point.agency_id}
    units = {
        one.agency_id for one in catalogue.agencies if one.kind == "unit" and one.parent_id in collecting
    }
    confirming = {form.form_code for form in catalogue.forms if form.source == "confirmation"}
    standing = _standing(session, units | collecting, now, period_code)
    decisions = {
        (str(file.reported_by), str(file.period_code)): (file, _decisions(home / str(file.lake_path)))
        for file, _ in standing
        if file.form_code in confirming
    }
    found = []
    for file, receipt in standing:
        unit, period = agencies[str(file.reported_by)], str(file.period_code)
        above = agencies.get(unit.parent_id or "")
        if file.form_code in confirming or unit.agency_id not in units or above is None:
            continue
        if is_focal_point(catalogue, above, parse_period(period).end):
            number = f"{receipt.number}/{receipt.agency_code}"
            said: Mapping[str, Any] = {}
            if decided := decisions.get((above.agency_id, period)):
                later = (decided[0].decision_number or 0) > (file.decision_number or 0)
                said = decided[1].get((unit.agency_id, str(file.form_code), number), {}) if later else {}
            found.append(
                UnitReport(
                    unit=unit,
                    focal_point=above,
                    form_code=str(file.form_code),
                    period_code=period,
                    submission_id=file.submission_id,
                    receipt=number,
                    state=STATES[said["decision"]] if said else "waiting",
                    note=said.get("note"),
                )
            )
    return sorted(found, key=lambda one: (one.unit.name_vi, one.period_code, one.form_code))


def _standing(
    session: Session, reporters: Iterable[str], now: datetime, period_code: str | None
) -> list[tuple[Submission, Receipt]]:
    """Of each reporter, form and period the revision that stands, with its receipt."""
    accepted = (
        select(Submission, Receipt)
        .join(Receipt, Receipt.submission_id == Submission.submission_id)
        .where(
            Submission.reported_by.in_(reporters),
            Submission.revision.is_not(None),
            Submission.received_at <= now,
        )
        .order_by(Submission.revision)
    )
    if period_code:
        accepted = accepted.where(Submission.period_code == period_code)
    newest = {
        (file.reported_by, file.form_code, file.period_code): (file, receipt)
        for file, receipt in session.execute(accepted)
    }
    return list(newest.values())


def _decisions(file: Path) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """What a confirmation says, by unit, form and receipt."""
    rows = pq.read_table(file, columns=["unit_id", "form_code", "receipt", "decision", "note"]).to_pylist()
    return {(row["unit_id"], row["form_code"], row["receipt"]): row for row in rows}
