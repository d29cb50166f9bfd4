"""What must hold for the systems and what is followed about them."""

from collections import defaultdict
from collections.abc import Iterator

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Problem
from national_kpi.catalogue.tables import System, SystemItem, Target

MEASURES = ("kpi_code", "element_code", "target_id")
"""The columns of which one says how an item is measured."""


def check_system_items(tables: Tables) -> Iterator[Problem]:
    """Every system has items, each in a place of its own and measured in one way."""
    to_be_done = {placed.row.target_id: placed.row.is_to_be_done for placed in tables.of(Target)}
    places: dict[str, set[int]] = defaultdict(set)
    for placed in tables.of(SystemItem):
        item = placed.row
        measures = [column for column in MEASURES if getattr(item, column) is not None]
        if len(measures) != 1:
            what = f"measured by {' and '.join(measures) or 'nothing'}"
            yield problem(placed, (measures or MEASURES)[-1], what, f"fill in one of {', '.join(MEASURES)}")
        if item.target_id is not None and not to_be_done.get(item.target_id, True):
            what = f"{item.target_id} is a value to be reached"
            yield problem(placed, "target_id", what, "name its indicator in kpi_code instead")
        if item.position in places[item.system_code]:
            what = f"{item.system_code} has a place {item.position} already"
            yield problem(placed, "position", what, "give every item of a system its own place")
        places[item.system_code].add(item.position)
    if SystemItem in tables.broken:
        return
    for system in tables.of(System):
        if not places[system.row.system_code]:
            yield problem(system, "system_code", "nothing is followed about it", "add it to system_items.csv")
