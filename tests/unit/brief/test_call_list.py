from datetime import date
from decimal import Decimal
from typing import Any

from national_kpi.brief.call_list import call_list

AS_OF = date(2026, 8, 18)


def gap(code: str, points: str, **changed: Any) -> dict[str, Any]:
    return {
        "agency_id": f"{code}@0001-01-01",
        "agency_code": code,
        "agency_name_vi": code,
        "agency_kind": "ministry",
        "kpi_code": "KPI",
        "is_headline_kpi": True,
        "gap_pp": Decimal(points),
        "status": "met" if Decimal(points) >= 0 else "behind",
        "target_operator": ">=",
        "deadline": date(2026, 12, 31),
        "denominator": Decimal(100),
        **changed,
    }


def milestone(code: str, days_late: int) -> dict[str, Any]:
    return {"agency_id": f"{code}@0001-01-01", "is_overdue": True, "days_late": days_late}


def test_the_effect_is_the_shortfall_weighed_by_the_denominator() -> None:
    gaps = [
        gap("A", "-10", denominator=Decimal(900)),
        gap("B", "-40"),
        gap("C", "5", denominator=Decimal(0)),
    ]
    calls = call_list(gaps, [], [], AS_OF)
    assert [(call.agency_code, call.effect, call.priority) for call in calls] == [("A", 9, 9), ("B", 4, 4)]
    assert all(call.is_weighted for call in calls)


def test_without_one_denominator_all_weigh_the_same() -> None:
    calls = call_list(
        [gap("A", "-10", denominator=Decimal(900)), gap("B", "-40", denominator=None)], [], [], AS_OF
    )
    assert [(call.agency_code, call.effect, call.is_weighted) for call in calls] == [
        ("B", 20, False),
        ("A", 5, False),
    ]


def test_thirty_days_late_count_double_and_half_a_year_is_the_most() -> None:
    gaps = [gap("A", "-10"), gap("B", "-10"), gap("C", "-10")]
    calls = call_list(gaps, [milestone("B", 30), milestone("B", 3), milestone("C", 1166)], [], AS_OF)
    assert [(call.agency_code, call.days_late) for call in calls] == [("C", 1166), ("B", 30), ("A", 0)]
    effect = calls[0].effect
    assert [call.priority / effect for call in calls] == [7, 2, 1]


def test_missing_reports_and_passed_deadlines_are_late_too() -> None:
    gaps = [gap("A", "-10"), gap("B", "-10", status="missed", deadline=date(2026, 8, 8)), gap("C", "-10")]
    owed = [
        {"agency_id": "A@0001-01-01", "state": "missing", "days_late": 20},
        {"agency_id": "C@0001-01-01", "state": "late", "days_late": 90},
    ]
    assert {call.agency_code: call.days_late for call in call_list(gaps, [], owed, AS_OF)} == {
        "A": 20,
        "B": 10,
        "C": 0,
    }


def test_less_is_better_where_the_target_says_so() -> None:
    over = gap("A", "3", target_operator="<=", status="behind")
    under = gap("B", "-3", target_operator="<=", status="met")
    assert [call.agency_code for call in call_list([over, under], [], [], AS_OF)] == ["A"]


def test_who_meets_every_target_or_is_made_of_others_is_not_called() -> None:
    gaps = [
        gap("A", "0"),
        gap("VN", "-10", agency_kind="collective"),
        gap("U", "-10", agency_kind="unit"),
        gap("N", "-10", gap_pp=None, status="no_data"),
        gap("M", "-10", is_headline_kpi=False),
    ]
    assert call_list(gaps, [milestone("A", 99)], [], AS_OF) == []


def test_equal_priorities_are_ordered_by_code_whatever_the_rows_order() -> None:
    rows = [gap(code, "-10") for code in ("C", "A", "B")]
    assert [call.agency_code for call in call_list(rows, [], [], AS_OF)] == ["A", "B", "C"]
