"""The highest and the lowest of a ranking, as briefs list them."""

from collections.abc import Sequence

from national_kpi.brief.facts import Row

SHOWN = {"ministry": 3, "province": 5}
"""How many are named at either end, by group; those who share the last place are named too."""


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
