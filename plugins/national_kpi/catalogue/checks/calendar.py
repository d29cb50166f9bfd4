"""What must hold for moved working days, reporting obligations and reminders."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from national_kpi.agencies import in_scope
from national_kpi.catalogue.checks.scopes import scope_problems
from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import Agency, ReminderStage, ReportingObligation, WorkingDay
from national_kpi.working_days import is_public_holiday, is_weekend


def check_working_days(tables: Tables) -> Iterator[Problem]:
    """A moved day changes what weekday and public holidays say."""
    for placed in tables.of(WorkingDay):
        day = placed.row.day
        if not placed.row.is_working and is_weekend(day):
            what = f"{day} is a {day:%A}, off anyway"
            yield problem(placed, "is_working", what, "remove the row, or mend the day")
        if placed.row.is_working and not is_weekend(day) and not is_public_holiday(day):
            what = f"{day} is a {day:%A} and no public holiday, worked anyway"
            yield problem(placed, "is_working", what, "remove the row, or mend the day")


def check_obligations(tables: Tables) -> Iterator[Problem]:
    """An obligation binds somebody, closes after it is due, and binds nobody twice."""
    agencies = [placed.row for placed in tables.of(Agency)]
    for placed in tables.of(ReportingObligation):
        if not placed.row.scope:
            what = "a reporting obligation without scope"
            yield problem(placed, "scope", what, "write kind:…, agency:… or units_of:…")
        yield from scope_problems(tables, placed, "scope", placed.row.scope, senders_only=True)
        if placed.row.close_working_days < placed.row.due_working_days:
            what = f"closes {placed.row.close_working_days} working days after the cut-off, before it is due"
            yield problem(placed, "close_working_days", what, "close on the due day or later")
    for earlier, later in combinations(tables.of(ReportingObligation), 2):
        if _same_report(earlier, later):
            twice = [a for a in agencies if in_scope(earlier.row.scope, a) and in_scope(later.row.scope, a)]
            for agency in twice[:1]:
                what = f"{agency.agency_id} owes that report already on line {earlier.line}"
                yield problem(later, "scope", what, "end the earlier row first, or narrow one of the scopes")


def check_reminder_stages(tables: Tables) -> Iterator[Problem]:
    """No two stages fall on one day: which of them is written would be chance."""
    days: dict[int, int] = {}
    for placed in tables.of(ReminderStage):
        earlier = days.setdefault(placed.row.working_days, placed.line)
        if earlier != placed.line:
            what = f"{placed.row.working_days} working days already have the stage on line {earlier}"
            yield problem(placed, "working_days", what, "give each stage a day of its own")


def _same_report(one: Placed[ReportingObligation], other: Placed[ReportingObligation]) -> bool:
    return (
        (one.row.form_code, one.row.period_kind) == (other.row.form_code, other.row.period_kind)
        and one.row.valid_from <= (other.row.valid_to or date.max)
        and other.row.valid_from <= (one.row.valid_to or date.max)
    )
