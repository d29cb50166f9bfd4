from typing import Any

import pytest

from national_kpi.brief.extremes import highest_and_lowest, places_of


def ranking(*ranks: int) -> list[dict[str, Any]]:
    return [{"rank": rank} for rank in ranks]


@pytest.mark.parametrize(
    ("ranks", "highest", "lowest"),
    [
        ((), [], []),
        ((1, 2), [1, 2], []),
        ((1, 2, 3, 4), [1, 2, 3], [4]),
        ((1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 3], [6, 7, 8]),
        ((1, 2, 3, 3, 5, 6, 7, 8), [1, 2, 3, 3], [6, 7, 8]),
        ((1, 2, 3, 4, 5, 5, 7, 8), [1, 2, 3], [5, 5, 7, 8]),
        ((1, 1, 1, 1, 1), [1, 1, 1, 1, 1], []),
        ((1, 2, 3, 4, 4, 4, 4), [1, 2, 3], [4, 4, 4, 4]),
    ],
)
def test_ties_stand_together_and_nobody_at_both_ends(
    ranks: tuple[int, ...], highest: list[int], lowest: list[int]
) -> None:
    both = highest_and_lowest(ranking(*ranks), "ministry")
    assert [[row["rank"] for row in side] for side in both] == [highest, lowest]


def test_many_on_one_rank_share_a_line() -> None:
    places = places_of(ranking(1, 1, 1, 1, 5, 5), "ministry")
    assert [(place.rank, len(place.rows)) for place in places] == [(1, 4), (5, 1), (5, 1)]
