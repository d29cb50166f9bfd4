"""Whom to call first: by how much an agency holds the nation back, and for how long it has been late.

    priority = effect × (1 + min(days late, 180) ÷ 30)

**Effect**, in percentage points of the national figure, summed over headline indicators: what the figure of
all agencies together would gain if this one reached its target and the others stayed as they are, that is
`shortfall in points × weight`. The weight is the agency's denominator over the sum of denominators of all
agencies with a value; where one of these gave a percentage only, no denominators are used, and each agency
with a value weighs the same.

**Days late** are those of the oldest thing an agency has left open: a target whose deadline has passed, an
overdue milestone, or a report that is missing. 30 days late count double, 60 days threefold; what is more
than 180 days late counts as 180 days, so that an old omission does not outweigh every effect.

An agency that is short of no target is not listed. One without figures has no effect that could be computed:
such agencies are counted beside the list.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from national_kpi.brief.facts import Row

DAYS_THAT_COUNT_ONCE_MORE = 30
MOST_DAYS = 180
KINDS = ("ministry", "ministry_level", "government_agency", "province")


@dataclass(frozen=True)
class Call:
    """One agency to call.

    Attributes:
        agency_code: who.
        agency_name: its name.
        gaps: its rows that are short of a target, the one with the greatest effect first.
        effect: in percentage points of national figures.
        days_late: since the oldest thing left open was due.
        priority: effect × (1 + days late, 180 at most, ÷ 30).
        is_weighted: whether its effect was weighed by denominators throughout.
    """

    agency_code: str
    agency_name: str
    gaps: tuple[Row, ...]
    effect: Decimal
    days_late: int
    priority: Decimal
    is_weighted: bool


def call_list(
    gaps: Sequence[Row], milestones: Iterable[Row], obligations: Iterable[Row], as_of: date
) -> list[Call]:
    """Agencies short of a target, the most urgent first; equal ones by code.

    Args:
        gaps: rows of `fct_kpi_gap`, of one period and basis, with their primary target.
        milestones: rows of `fct_milestone_status`.
        obligations: rows of `fct_obligation_status`.
        as_of: the day to look from.
    """
    late = days_late(gaps, milestones, obligations, as_of)
    short: dict[str, list[tuple[Decimal, Row, bool]]] = defaultdict(list)
    for rows in _by_kpi(gaps).values():
        weights = _weights(rows)
        for row in rows:
            if points := shortfall(row):
                weight = weights[row["agency_id"]] if weights else Decimal(1) / len(rows)
                short[row["agency_id"]].append((points * weight, row, bool(weights)))
    calls = []
    for agency_id, effects in short.items():
        ordered = sorted(effects, key=lambda entry: (-entry[0], entry[1]["kpi_code"]))
        effect = sum((entry[0] for entry in effects), Decimal(0))
        first = ordered[0][1]
        calls.append(
            Call(
                agency_code=first["agency_code"],
                agency_name=first["agency_name_vi"],
                gaps=tuple(entry[1] for entry in ordered),
                effect=effect,
                days_late=late[agency_id],
                priority=effect * (1 + Decimal(min(late[agency_id], MOST_DAYS)) / DAYS_THAT_COUNT_ONCE_MORE),
                is_weighted=all(entry[2] for entry in effects),
            )
        )
    return sorted(calls, key=lambda call: (-call.priority, call.agency_code))


def shortfall(row: Row) -> Decimal | None:
    """By how many points a value is short of its target; None where it is not, or nobody knows."""
    if row["gap_pp"] is None or row["status"] == "met":
        return None
    gap: Decimal = row["gap_pp"] if row["target_operator"].startswith("<") else -row["gap_pp"]
    return gap if gap > 0 else None


def days_late(
    gaps: Iterable[Row], milestones: Iterable[Row], obligations: Iterable[Row], as_of: date
) -> dict[str, int]:
    """By agency: days since the oldest thing it has left open was due; 0 where nothing is."""
    late: dict[str, int] = defaultdict(int)
    for row in gaps:
        if row["status"] == "missed" and row["deadline"]:
            late[row["agency_id"]] = max(late[row["agency_id"]], (as_of - row["deadline"]).days)
    open_rows = [row for row in milestones if row["is_overdue"]]
    open_rows += [row for row in obligations if row["state"] == "missing"]
    for row in open_rows:
        late[row["agency_id"]] = max(late[row["agency_id"]], row["days_late"] or 0)
    return late


def _by_kpi(gaps: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows with a value against a target, of agencies that are not made from others."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in gaps:
        if row["is_headline_kpi"] and row["gap_pp"] is not None and row["agency_kind"] in KINDS:
            found[row["kpi_code"]].append(row)
    return found


def _weights(rows: Sequence[Row]) -> dict[str, Decimal]:
    """Each agency's share of all denominators; empty where one of them is not known."""
    if any(row["denominator"] is None for row in rows):
        return {}
    total = sum((row["denominator"] for row in rows), Decimal(0))
    return {row["agency_id"]: row["denominator"] / total for row in rows} if total else {}
