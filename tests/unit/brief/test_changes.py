from types import SimpleNamespace
from typing import Any, cast

from national_kpi.brief.changes import compare
from national_kpi.brief.facts import Facts

FACTS = cast(Facts, SimpleNamespace(kpis={"K": {"kpi_name_vi": "Tỷ lệ"}, "L": {"kpi_name_vi": "Số lượng"}}))


def body(**changed: Any) -> dict[str, Any]:
    return {"national": {}, "statuses": {}, "overdue": [], **changed}


def test_who_reached_a_target_and_who_lost_it_are_told() -> None:
    before = body(statuses={"K": {"A": "behind", "B": "met", "C": "met", "D": "behind"}})
    after = body(statuses={"K": {"A": "met", "B": "missed", "C": "no_data", "D": "missed", "E": "met"}})
    changes = compare(before, after, FACTS)
    assert changes.reached == (("A", "Tỷ lệ"),)
    assert changes.lost == (("B", "Tỷ lệ"),), "without data a target is neither met nor lost"


def test_national_figures_are_set_beside_those_of_before() -> None:
    changes = compare(body(national={"K": "40 %"}), body(national={"K": "45 %", "L": "7"}), FACTS)
    assert changes.national == (("Tỷ lệ", "40 %", "45 %"), ("Số lượng", "chưa có số liệu", "7"))


def test_milestones_become_overdue_and_cease_to_be() -> None:
    changes = compare(body(overdue=["a", "b"]), body(overdue=["b", "c"]), FACTS)
    assert (changes.done, changes.overdue) == (("a",), ("c",))
