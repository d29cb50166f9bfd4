"""What must hold for indicators and targets."""

from collections.abc import Iterator

from national_kpi.catalogue.checks.scopes import scope_problems
from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Problem
from national_kpi.catalogue.tables import (
    Agency,
    AgencyGroup,
    Correction,
    DataElement,
    ElementPart,
    Kpi,
    Target,
)
from national_kpi.errors import KpiPlatformError
from national_kpi.periods import parse_period


def check_kpis(tables: Tables) -> Iterator[Problem]:
    """A ratio has a numerator and a denominator, a count a numerator; growth has what it is the growth of."""
    kinds = {placed.row.kpi_code: placed.row.kind for placed in tables.of(Kpi)}
    for placed in tables.of(Kpi):
        kpi = placed.row
        needs = {
            "numerator_element": kpi.kind in ("ratio", "count"),
            "denominator_element": kpi.kind == "ratio",
            "of_kpi": kpi.kind == "growth",
            "compared_with": kpi.kind == "growth",
        }
        for column, needed in needs.items():
            if needed and getattr(kpi, column) is None:
                yield problem(placed, column, f"a {kpi.kind} without {column}", f"write a {column}")
            if not needed and getattr(kpi, column) is not None:
                yield problem(placed, column, f"a {kpi.kind} has no {column}", "remove it")
        if kpi.kind in ("ratio", "growth") and kpi.unit != "%":
            yield problem(placed, "unit", f"a {kpi.kind} in {kpi.unit!r}", "ratios and growth are in %")
        if kpi.min_denominator and kpi.kind != "ratio":
            yield problem(placed, "min_denominator", f"a {kpi.kind} has no denominator", "remove it")
        if kpi.of_kpi in kinds and kinds[kpi.of_kpi] not in ("ratio", "count"):
            what = f"{kpi.of_kpi} is of kind {kinds[kpi.of_kpi]}"
            yield problem(placed, "of_kpi", what, "name a ratio or a count")


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


def check_agency_groups(tables: Tables) -> Iterator[Problem]:
    """Only collectives are summed from members, and these are agencies that report."""
    kinds = {placed.row.agency_id: placed.row.kind for placed in tables.of(Agency)}
    for placed in tables.of(AgencyGroup):
        group = placed.row
        if kinds.get(group.agency_id, "collective") != "collective":
            what = f"{group.agency_id} is of kind {kinds[group.agency_id]}"
            yield problem(placed, "agency_id", what, "name a collective: other agencies report themselves")
        if not group.members:
            yield problem(
                placed, "members", "a group without members", "write kind:…, agency:… or units_of:…"
            )
        yield from scope_problems(tables, placed, "members", group.members, senders_only=True)


def check_corrections(tables: Tables) -> Iterator[Problem]:
    """A correction names one figure that can be reported, and changes it."""
    known = {placed.row.element_code for placed in tables.of(DataElement)}
    known |= {placed.row.kpi_code for placed in tables.of(Kpi)}
    for placed in tables.of(Correction):
        row = placed.row
        if row.element_code not in known and not {DataElement, Kpi} & tables.broken:
            what = f"{row.element_code!r} is unknown in data_elements.csv and kpis.csv"
            yield problem(placed, "element_code", what, "write a data element, or the KPI of a statement")
        if row.value_corrected == row.value_found:
            yield problem(placed, "value_corrected", "is what was found", "write the right value, or nothing")
        try:
            parse_period(row.period_code)
        except KpiPlatformError as error:
            yield problem(placed, "period_code", error.what, error.remedy)
