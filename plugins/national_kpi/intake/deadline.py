"""What a receipt says about the deadline of the report in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from national_kpi.catalogue import Catalogue
from national_kpi.clock import in_hanoi
from national_kpi.deadlines import DEADLINE_STATES_VI, Deadline, answered_by, deadline_of, deadline_state
from national_kpi.intake.examine import Examination


def deadline_body(
    catalogue: Catalogue,
    examination: Examination,
    received_at: datetime,
    opened: Mapping[str, Deadline] | None = None,
) -> dict[str, Any] | None:
    """When the report was due and how the file came in; None when nothing is due.

    Args:
        catalogue: says who owes what, as long as the period has not been opened.
        examination: what the file says.
        received_at: the moment of receipt.
        opened: what was written down when the period opened, by agency_id; it settles who owes the report.
    """
    form_code, reporter, period = examination.form_code, examination.reporter, examination.period
    if not (form_code and reporter and period and period.start):
        return None
    if period.start > in_hanoi(received_at).date():
        return None
    if opened:
        owing = answered_by(catalogue, reporter.agency_id, period)
        deadline = next((opened[agency_id] for agency_id in owing if agency_id in opened), None)
    else:
        deadline = deadline_of(catalogue, form_code, reporter, period)
    if deadline is None:
        return None
    state = deadline_state(deadline, received_at)
    return {
        "state": state,
        "state_text": DEADLINE_STATES_VI[state],
        "cutoff_on": deadline.cutoff_on.isoformat(),
        "due_on": deadline.due_on.isoformat(),
        "closes_on": deadline.closes_on.isoformat(),
    }
