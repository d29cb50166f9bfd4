"""When a report is due, and whether a file came in time. Days are judged in Hanoi."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from national_kpi.agencies import in_scope
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, ReportingObligation
from national_kpi.clock import in_hanoi
from national_kpi.periods import Period
from national_kpi.working_days import WorkingDays

DeadlineState = Literal["early", "on_time", "late", "after_close"]

DEADLINE_STATES_VI: dict[DeadlineState, str] = {
    "early": "Nộp khi kỳ báo cáo chưa kết thúc",
    "on_time": "Nộp trong thời hạn",
    "late": "Nộp quá hạn",
    "after_close": "Nộp sau ngày khóa kỳ báo cáo",
}


@dataclass(frozen=True)
class Deadline:
    """The days that count for one report, each to its end.

    Args:
        cutoff_on: the last day the figures cover; nothing that arrives by its end can be complete.
        due_on: the last day in time.
        closes_on: the last day on which the period is open; what comes later is kept and counted, and marked.
    """

    cutoff_on: date
    due_on: date
    closes_on: date


def set_deadline(obligation: ReportingObligation, period: Period, working_days: WorkingDays) -> Deadline:
    """When the report of one period is due under an obligation."""
    cutoff = period.end + timedelta(days=obligation.cutoff_days)
    return Deadline(
        cutoff_on=cutoff,
        due_on=working_days.after(cutoff, obligation.due_working_days),
        closes_on=working_days.after(cutoff, obligation.close_working_days),
    )


def is_bound(obligation: ReportingObligation, agency: Agency, period: Period) -> bool:
    """Whether an agency owes the report of a period: both must exist on the period's first day."""
    first = period.start
    return (
        first is not None
        and period.kind == obligation.period_kind
        and obligation.valid_from <= first <= (obligation.valid_to or date.max)
        and agency.valid_on(first)
        and in_scope(obligation.scope, agency)
    )


def deadline_of(catalogue: Catalogue, form_code: str, agency: Agency, period: Period) -> Deadline | None:
    """When a form is due from an agency for a period; None when the agency does not owe it.

    An agency that began after the period did answers for those it absorbed: their deadline is its own.
    """
    owing = [catalogue.agency(agency_id) for agency_id in answered_by(catalogue, agency.agency_id, period)]
    for obligation in catalogue.reporting_obligations:
        if obligation.form_code == form_code and any(is_bound(obligation, one, period) for one in owing):
            return set_deadline(obligation, period, WorkingDays(catalogue.working_days))
    return None


def answered_by(catalogue: Catalogue, reported_by: str, period: Period) -> list[str]:
    """Whose obligations a report of one agency for a period meets: its own, then those of its predecessors.

    Whoever takes over after a period has begun answers for it, whether its report comes under the old name or
    the new one; a split goes wholly to the main successor. Who had ended before the period owed nothing.
    """
    return list(dict.fromkeys(_answered_by(catalogue, reported_by, period)))


def _answered_by(catalogue: Catalogue, agency_id: str, period: Period) -> Iterator[str]:
    yield agency_id
    for step in catalogue.agency_successions:
        came_later = period.start is not None and period.start < step.effective_on
        if step.to_agency_id == agency_id and step.is_main and came_later:
            yield from _answered_by(catalogue, step.from_agency_id, period)


def deadline_state(deadline: Deadline, received_at: datetime) -> DeadlineState:
    """How the arrival of a file lies to its deadline.

    Args:
        deadline: of the file's form, agency and period.
        received_at: when it arrived; a moment without a time zone is taken as UTC.
    """
    day = in_hanoi(received_at).date()
    if day <= deadline.cutoff_on:
        return "early"
    if day <= deadline.due_on:
        return "on_time"
    return "late" if day <= deadline.closes_on else "after_close"
