"""The highest and the lowest of a ranking, as briefs list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from national_kpi.brief.facts import Row

SHOWN = {"ministry": 3, "province": 5}
"""How many are named at either end, by group; those who share the last place are named too."""


@dataclass(frozen=True)
class Place:
    """A line of a list: one agency, or so many on the same rank that they are told together."""

    rank: int
    rows: tuple[Row, ...]


def highest_and_lowest(ranking: Sequence[Row], group: str) -> tuple[list[Row], list[Row]]:
    """Both ends of a ranking, each from better to worse. Nobody stands at both ends.

    Args:
        ranking: rows of `fct_kpi_rank`, by rank.
        group: `ministry` or `province`, which decides how many are named.
    """
    count = SHOWN[group]
    if len(ranking) <= count:
        return list(ranking), []
    last_rank = ranking[count - 1]["rank"]
    highest = [row for row in ranking if row["rank"] <= last_rank]
    rest = ranking[len(highest) :]
    if len(rest) <= count:
        return highest, list(rest)
    first_rank = rest[-count]["rank"]
    return highest, [row for row in rest if row["rank"] >= first_rank]


def places_of(side: Sequence[Row], group: str) -> list[Place]:
    """One end of a ranking line by line: who shares a rank with more than are named at an end shares a line.

    Args:
        side: one end, from `highest_and_lowest`.
        group: `ministry` or `province`.
    """
    places = []
    for rank, shared in groupby(side, lambda row: int(row["rank"])):
        rows = tuple(shared)
        together = [rows] if len(rows) > SHOWN[group] else [(row,) for row in rows]
        places += [Place(rank, entry) for entry in together]
    return places
