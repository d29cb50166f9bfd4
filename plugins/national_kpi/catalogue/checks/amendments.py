"""What must hold for targets that replace others, and for whom a target leaves out."""

from collections.abc import Iterator

from national_kpi.agencies import in_scope
from national_kpi.catalogue.checks.scopes import scope_problems
from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import Agency, Target

LEVELS = ("province", "ministry", "national")
"""Who issues targets, the highest last."""


def check_amendments(tables: Tables) -> Iterator[Problem]:
    """A target replaces an earlier one of its indicator, by an authority that may."""
    targets = {placed.row.target_id: placed for placed in tables.of(Target)}
    for placed in targets.values():
        target, amended = placed.row, targets.get(placed.row.amends or "")
        if target.amends and target.effective_from is None:
            what = "an amendment without effective_from"
            yield problem(placed, "effective_from", what, "write the day it takes effect")
        if amended is placed:
            yield problem(placed, "amends", f"{target.target_id} amends itself", "name the earlier target")
        elif amended:
            yield from _misfits(placed, amended.row)
        if placed.line == _last_line_of_circle(placed, targets):
            yield problem(placed, "amends", f"{target.target_id} comes to amend itself", "break the circle")


def check_exclusions(tables: Tables) -> Iterator[Problem]:
    """Whoever is left out of a target would be bound by it otherwise, and the text says so too."""
    agencies = [placed.row for placed in tables.of(Agency)]
    for placed in tables.of(Target):
        target = placed.row
        yield from scope_problems(tables, placed, "excluded_scope", target.excluded_scope)
        if target.excluded_scope and not target.exclusion_vi:
            what = "excluded_scope without words for it"
            yield problem(placed, "exclusion_vi", what, "say who is left out, and why")
        if Agency in tables.broken:
            continue
        bound = [agency for agency in agencies if in_scope(target.scope, agency)]
        for item in target.excluded_scope:
            if not any(in_scope((item,), agency) for agency in bound):
                what = f"{item!r} leaves out nobody who is in scope"
                yield problem(placed, "excluded_scope", what, "remove it, or mend the scope")
        if bound and all(in_scope(target.excluded_scope, agency) for agency in bound):
            yield problem(placed, "excluded_scope", "leaves nobody in scope", "leave out fewer")


def _misfits(placed: Placed[Target], amended: Target) -> Iterator[Problem]:
    target = placed.row
    if target.kpi_code != amended.kpi_code:
        what = f"{amended.target_id} is a target of another indicator, {amended.kpi_code}"
        yield problem(placed, "amends", what, "amend a target of the same indicator")
    start, earlier = target.effective_from, amended.effective_from
    if start and earlier and start <= earlier:
        what = f"{start} is not after {earlier}, the start of {amended.target_id}"
        yield problem(placed, "effective_from", what, "let an amendment begin later than what it amends")
    if LEVELS.index(target.issuing_level) < LEVELS.index(amended.issuing_level):
        what = f"{target.issuing_level} amends {amended.target_id}, which is {amended.issuing_level}"
        yield problem(placed, "issuing_level", what, "keep both targets: a lower authority cannot amend it")


def _last_line_of_circle(placed: Placed[Target], targets: dict[str, Placed[Target]]) -> int | None:
    """Where a circle of more than one amendment that this target is in has its last line."""
    lines, step = [placed.line], targets.get(placed.row.amends or "")
    while step and step.line not in lines:
        lines.append(step.line)
        step = targets.get(step.row.amends or "")
    return max(lines) if step is placed and len(lines) > 1 else None
