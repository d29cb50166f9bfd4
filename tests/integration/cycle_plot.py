"""Who sends what when in the year that `test_cycle_year` plays, and what is to become of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from national_kpi.clock import HANOI
from national_kpi.ledger.models import Obligation
from national_kpi.periods import parse_period
from national_kpi.working_days import WorkingDays

PHU_THO, VINH_PHUC = "H44", "H62"
AGENCIES = (
    "G02@0001-01-01",
    "G15@0001-01-01",
    "H26@0001-01-01",
    "H52@0001-01-01",
    "H44@0001-01-01",
    "H44@2025-07-01",
    "H62@0001-01-01",
)
"""Six agencies; in July one of them joins another, whose row is then a new one."""

MERGED_ON = date(2025, 7, 1)

Content = Literal["whole", "lacks a column", "nothing to report", "corrected"]


@dataclass(frozen=True)
class Sending:
    """One file: who puts it into which folder when, and what is in it."""

    agency_id: str
    form_code: str
    period_code: str
    moment: datetime
    content: Content

    @property
    def folder(self) -> str:
        """The agency's own, or that of whoever it has joined."""
        code = self.agency_id.partition("@")[0]
        return PHU_THO if code == VINH_PHUC and self.moment.date() >= MERGED_ON else code


@dataclass(frozen=True)
class Plot:
    """What happens to one report that is owed.

    Attributes:
        state: what it ends in.
        extended_to: to when it is extended, on the morning of `granted_on`.
        answered_at: when whoever took over from the agency reported for both.
    """

    sendings: tuple[Sending, ...]
    state: str
    granted_on: date | None = None
    extended_to: date | None = None
    answered_at: datetime | None = None

    @property
    def received_at(self) -> datetime | None:
        """When the first file came that can be accepted."""
        accepted = [one.moment for one in self.sendings if one.content != "lacks a column"]
        return min(accepted, default=self.answered_at)


def plot_of(obligation: Obligation, days: WorkingDays, corrected_on: dict[str, date]) -> Plot:
    """What happens to a report.

    Args:
        obligation: the report that is owed.
        days: which days are worked.
        corrected_on: the periods of which Justice's form F02 is corrected later, and when.
    """
    due, form, code = obligation.due_on, obligation.form_code, obligation.agency_id.partition("@")[0]
    early, late = days.before(due, 2), days.after(due, 2)

    def send(day: date, content: Content = "whole", hour: int = 9) -> Sending:
        moment = datetime.combine(day, time(hour), HANOI)
        return Sending(obligation.agency_id, form, obligation.period_code, moment, content)

    if code == VINH_PHUC and parse_period(obligation.period_code).end >= MERGED_ON:
        return Plot((), "on_time", answered_at=send(due).moment)
    match code, form:
        case "G15", "F02":
            correction = corrected_on.get(obligation.period_code)
            again = (send(correction, "corrected"),) if correction else ()
            return Plot((send(late), *again), "late")
        case "H26", "F04":
            return Plot((), "missing")
        case "H26", "F06":
            return Plot((send(due, "lacks a column"), send(due, hour=15)), "on_time")
        case "H52", "F05":
            return Plot((send(due, "lacks a column"),), "rejected")
        case "H52", "F06":
            return Plot((send(due, "nothing to report"),), "nil")
        case "H44", "F04":
            return Plot((send(days.after(obligation.closes_on, 3)),), "late")
        case "H62", "F05":
            return Plot((send(late),), "late_extended", granted_on=days.before(due, 1), extended_to=late)
        case "G02", "F02" | "F04" | "F05":
            return Plot((send(early),), "on_time")
        case _:
            return Plot((send(due),), "on_time")


def reminders_of(
    obligation: Obligation, plot: Plot, days: WorkingDays, last: date
) -> Iterator[tuple[str, date]]:
    """At which stage a report is reminded of on which day, as the calendar has it.

    Three working days before the day it is due, on it, one and three working days after it, at half past
    seven; as long as it has not been accepted and may still come. An extension counts anew from its own day.
    """
    stages = {
        "before_due": lambda due: days.before(due, 3),
        "due": lambda due: due,
        "overdue": lambda due: days.after(due, 1),
        "escalated": lambda due: days.after(due, 3),
    }
    for stage, day_of in stages.items():
        day = day_of(obligation.due_on)
        if plot.granted_on is None or day < plot.granted_on:
            yield from _told(obligation, plot, stage, day, last)
        if plot.granted_on and plot.extended_to:
            day = max(day_of(plot.extended_to), plot.granted_on)
            yield from _told(obligation, plot, stage, day, last)


def _told(
    obligation: Obligation, plot: Plot, stage: str, day: date, last: date
) -> Iterator[tuple[str, date]]:
    moment = datetime.combine(day, time(7, 30), HANOI)
    is_open = day <= max(obligation.closes_on, plot.extended_to or obligation.closes_on)
    if day <= last and is_open and (plot.received_at is None or plot.received_at > moment):
        yield stage, day
