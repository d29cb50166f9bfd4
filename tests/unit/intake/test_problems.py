"""What is noticed in a file: listed up to a point, counted beyond, blocked rows known in full."""

import numpy as np

from national_kpi.catalogue import Catalogue
from national_kpi.intake.problems import PLACES_LISTED, Noticed, Notices, problem


def describe(row: int) -> Noticed:
    return problem("CELL-02", {"header": "Số lượt"}, row_number=row + 1)


def test_places_beyond_the_limit_are_counted_and_their_rows_blocked(catalogue: Catalogue) -> None:
    notices = Notices(catalogue)
    notices.add_rows("CELL-02", np.arange(PLACES_LISTED - 1), describe)
    notices.add_rows("CELL-02", np.arange(PLACES_LISTED, PLACES_LISTED + 5), describe)
    found = notices.problems()
    assert [one.rule_id for one in found] == ["CELL-02"] * PLACES_LISTED + ["MORE-01"]
    assert "4 chỗ" in found[-1].message_vi
    blocked = notices.blocked_rows(PLACES_LISTED + 6)
    assert np.flatnonzero(~blocked).tolist() == [PLACES_LISTED - 1, PLACES_LISTED + 5]


def test_rows_come_in_their_order_after_what_concerns_the_file(catalogue: Catalogue) -> None:
    notices = Notices(catalogue)
    notices.add_rows("CELL-02", np.array([7, 3]), describe)
    notices.add_rows(
        "CELL-01", np.array([5]), lambda row: problem("CELL-01", {"header": "A"}, row_number=row)
    )
    notices.add([problem("PERIOD-01")])
    assert [one.rule_id for one in notices.problems()] == ["PERIOD-01", "CELL-02", "CELL-01", "CELL-02"]


def test_only_what_blocks_counts_as_blocking(catalogue: Catalogue) -> None:
    notices = Notices(catalogue)
    notices.add([problem("FORM-05")])
    notices.add_rows(
        "AGENCY-05", np.array([0]), lambda row: problem("AGENCY-05", {"found": "", "suggestion": ""})
    )
    assert not notices.blocks_file
    assert not notices.blocked_rows(2).any()
    notices.add([problem("PERIOD-01")])
    assert notices.blocks_file


def test_only_a_doubt_keeps_its_explanation(catalogue: Catalogue) -> None:
    notices = Notices(catalogue)
    for rule_id in ("PERIOD-05", "PERIOD-01"):
        notices.add([problem(rule_id, explanation="Đã rà soát.")])
    assert [one.explanation for one in notices.problems()] == ["Đã rà soát.", None]
