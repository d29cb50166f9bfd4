"""What must hold for indicators and targets."""

from collections.abc import Iterator

from national_kpi.catalogue.checks.scopes import scope_problems
from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Problem
from national_kpi.catalogue.tables import DataElement, ElementPart, Kpi, Target


def check_kpis(tables: Tables) -> Iterator[Problem]:
    """A ratio has a numerator and a denominator, a count a numerator, a milestone neither."""
    for placed in tables.of(Kpi):
        kpi = placed.row
        needs = {
            "numerator_element": kpi.kind in ("ratio", "count"),
            "denominator_element": kpi.kind == "ratio",
        }
        for column, needed in needs.items():
            if needed and getattr(kpi, column) is None:
                yield problem(placed, column, f"a {kpi.kind} without {column}", "write a data element")
            if not needed and getattr(kpi, column) is not None:
                yield problem(placed, column, f"a {kpi.kind} has no {column}", "remove it")
        if kpi.kind == "ratio" and kpi.unit != "%":
            yield problem(placed, "unit", f"a ratio in {kpi.unit!r}", "ratios are in %")


def check_targets(tables: Tables) -> Iterator[Problem]:
    """A target says whom it binds and what it requires."""
    kpis = {placed.row.kpi_code: placed.row for placed in tables.of(Kpi)}
    for placed in tables.of(Target):
        target = placed.row
        kpi = kpis.get(target.kpi_code)
        is_to_be_done = target.is_to_be_done
        if (target.operator is None) != (target.target_value is None):
            column = "operator" if target.operator is None else "target_value"
            yield problem(placed, column, "operator and value need each other", "fill in both or neither")
        if not is_to_be_done and target.operator is None:
            what = f"a target of type {target.target_type} without operator and value"
            yield problem(placed, "operator", what, "write both, or make it a milestone")
        if (target.target_type == "relative") != (target.operator == ">=x_baseline"):
            what = f"type {target.target_type} with operator {target.operator}"
            yield problem(placed, "operator", what, "relative targets, and only those, have >=x_baseline")
        if kpi and is_to_be_done != (kpi.kind == "milestone"):
            what = f"type {target.target_type} for {kpi.kpi_code}, which is a {kpi.kind}"
            yield problem(placed, "target_type", what, "milestones, and only those, are things to be done")
        if kpi and not is_to_be_done and target.target_type != "relative" and target.unit != kpi.unit:
            what = f"{target.unit!r} is not the unit of {kpi.kpi_code}, {kpi.unit!r}"
            yield problem(placed, "unit", what, "state target and indicator in one unit")
        if not target.scope:
            remedy = "write nation, kind:…, agency:… or units_of:…"
            yield problem(placed, "scope", "a target without scope", remedy)
        yield from scope_problems(tables, placed, "scope", target.scope)


def check_data_elements(tables: Tables) -> Iterator[Problem]:
    """Whoever is asked for a data element exists."""
    for placed in tables.of(DataElement):
        yield from scope_problems(tables, placed, "reported_by", placed.row.reported_by)


def check_element_parts(tables: Tables) -> Iterator[Problem]:
    """A part is counted in the unit of its whole."""
    units = {placed.row.element_code: placed.row.unit for placed in tables.of(DataElement)}
    for placed in tables.of(ElementPart):
        part, whole = placed.row.element_code, placed.row.part_of
        if part in units and whole in units and units[part] != units[whole]:
            what = f"{whole} is counted in {units[whole]!r}, {part} in {units[part]!r}"
            yield problem(placed, "part_of", what, "name an element that counts the same things")
