from datetime import date
from decimal import Decimal
from typing import Any

from national_kpi.brief.call_list import call_list

AS_OF = date(2026, 8, 18)


def gap(code: str, effect: str | None, **changed: Any) -> dict[str, Any]:
    return {
        "agency_id": f"{code}@0001-01-01",
        "agency_code": code,
        "agency_name_vi": code,
        "agency_kind": "ministry",
        "kpi_code": "KPI",
        "is_headline_kpi": True,
        "effect_pp": Decimal(effect) if effect else None,
        "is_effect_weighted": True,
        "status": "behind" if effect else "met",
        "deadline": date(2026, 12, 31),
        **changed,
    }


def milestone(code: str, days_late: int) -> dict[str, Any]:
    return {"agency_id": f"{code}@0001-01-01", "is_overdue": True, "days_late": days_late}


def test_effects_add_up_over_indicators_the_greatest_told_first() -> None:
    gaps = [
        gap("A", "4"),
        gap("A", "5", kpi_code="OTHER"),
        gap("B", "4", is_effect_weighted=False),
        gap("C", None),
    ]
    a, b = call_list(gaps, [], [], AS_OF)
    assert (a.agency_code, a.effect, a.priority, a.is_weighted) == ("A", 9, 9, True)
    assert [row["kpi_code"] for row in a.gaps] == ["OTHER", "KPI"]
    assert (b.agency_code, b.effect, b.is_weighted) == ("B", 4, False)


def test_thirty_days_late_count_double_and_half_a_year_is_the_most() -> None:
    gaps = [gap("A", "10"), gap("B", "10"), gap("C", "10")]
    calls = call_list(gaps, [milestone("B", 30), milestone("B", 3), milestone("C", 1166)], [], AS_OF)
    assert [(call.agency_code, call.days_late) for call in calls] == [("C", 1166), ("B", 30), ("A", 0)]
    effect = calls[0].effect
    assert [call.priority / effect for call in calls] == [7, 2, 1]


def test_missing_reports_and_passed_deadlines_are_late_too() -> None:
    gaps = [gap("A", "10"), gap("B", "10", status="missed", deadline=date(2026, 8, 8)), gap("C", "10")]
    owed = [
        {"agency_id": "A@0001-01-01", "state": "missing", "days_late": 20},
        {"agency_id": "C@0001-01-01", "state": "late", "days_late": 90},
    ]
    assert {call.agency_code: call.days_late for call in call_list(gaps, [], owed, AS_OF)} == {
        "A": 20,
        "B": 10,
        "C": 0,
    }


def test_who_is_short_of_no_headline_target_is_not_called() -> None:
    gaps = [gap("A", None), gap("M", "10", is_headline_kpi=False)]
    assert call_list(gaps, [milestone("A", 99)], [], AS_OF) == []


def test_equal_priorities_are_ordered_by_code_whatever_the_rows_order() -> None:
    rows = [gap(code, "10") for code in ("C", "A", "B")]
    assert [call.agency_code for call in call_list(rows, [], [], AS_OF)] == ["A", "B", "C"]
