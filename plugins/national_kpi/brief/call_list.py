"""Whom to call first: by how much an agency holds the nation back, and for how long it has been late.

    priority = effect × (1 + min(days late, 180) ÷ 30)

**Effect**, in percentage points of the national figure, summed over headline indicators: what the figure of
all agencies together would gain if this one reached its target and the others stayed as they are. The mart
`fct_kpi_gap` computes it for each indicator, as `effect_pp`.

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
    short: dict[str, list[Row]] = defaultdict(list)
    for row in gaps:
        if row["is_headline_kpi"] and row["effect_pp"]:
            short[row["agency_id"]].append(row)
    calls = []
    for agency_id, rows in short.items():
        ordered = sorted(rows, key=lambda row: (-row["effect_pp"], row["kpi_code"]))
        effect = sum((row["effect_pp"] for row in rows), Decimal(0))
        first = ordered[0]
        calls.append(
            Call(
                agency_code=first["agency_code"],
                agency_name=first["agency_name_vi"],
                gaps=tuple(ordered),
                effect=effect,
                days_late=late[agency_id],
                priority=effect * (1 + Decimal(min(late[agency_id], MOST_DAYS)) / DAYS_THAT_COUNT_ONCE_MORE),
                is_weighted=all(row["is_effect_weighted"] for row in rows),
            )
        )
    return sorted(calls, key=lambda call: (-call.priority, call.agency_code))


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
