"""What must hold for agencies, their names, their successions and their units."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.spelling import Spelling, agency_spellings
from national_kpi.catalogue.tables import (
    CANARY,
    UNKNOWN_START,
    Agency,
    AgencyAlias,
    AgencySuccession,
    FocalPoint,
    ProvinceShape,
)


def check_codes(tables: Tables) -> Iterator[Problem]:
    """No agency has the code of the canary, whose files count nowhere."""
    for placed in tables.of(Agency):
        if placed.row.agency_code == CANARY.agency_code:
            yield problem(placed, "agency_code", "is the canary's code", "give the agency another one")


def check_parents(tables: Tables) -> Iterator[Problem]:
    """A unit has a parent, which exists as long as the unit; nobody is below itself."""
    agencies = {placed.row.agency_id: placed.row for placed in tables.of(Agency)}
    for placed in tables.of(Agency):
        agency = placed.row
        parent = agencies.get(agency.parent_id or "")
        if agency.kind == "unit" and not agency.parent_id:
            yield problem(placed, "parent_id", "a unit without a parent", "write the agency_id it is below")
        if parent and (agency.valid_from < parent.valid_from or _end(agency) > _end(parent)):
            what = f"is valid outside the validity of its parent {parent.agency_id}"
            yield problem(placed, "valid_to", what, "end it with its parent, or give it a row below the next")
        above, seen = parent, {agency.agency_id}
        while above and above.agency_id not in seen:
            seen.add(above.agency_id)
            above = agencies.get(above.parent_id or "")
        if above and above.agency_id == agency.agency_id:
            yield problem(placed, "parent_id", "is below itself", "break the circle of parents")


def check_names(tables: Tables) -> Iterator[Problem]:
    """No name means two agencies on one day, as it is read when it comes in.

    Units of different agencies may share a name: a file names its own.
    """
    if Agency in tables.broken:
        return
    agencies = {placed.row.agency_id: placed.row for placed in tables.of(Agency)}
    holders: dict[Spelling, list[Agency]] = defaultdict(list)
    for agency in agencies.values():
        for name in (agency.name_vi, agency.short_name_vi):
            for spelling in agency_spellings(name, agency.kind):
                holders[spelling].append(agency)
    named: list[tuple[Placed[Agency] | Placed[AgencyAlias], str, str, Agency]] = []
    for placed in tables.of(Agency):
        named.append((placed, "name_vi", placed.row.name_vi, placed.row))
        named.append((placed, "short_name_vi", placed.row.short_name_vi, placed.row))
    for alias in tables.of(AgencyAlias):
        if meant := agencies.get(alias.row.agency_id):
            named.append((alias, "alias", alias.row.alias, meant))
    for place, column, name, agency in named:
        for spelling in agency_spellings(name, agency.kind):
            for other in holders[spelling]:
                if other.agency_id != agency.agency_id and _confusable(agency, other):
                    what = f"{name!r} means {other.agency_id} too, on the same days"
                    yield problem(place, column, what, "use a name that only one agency has")
            if column == "alias" and agency not in holders[spelling]:
                holders[spelling].append(agency)


def check_successions(tables: Tables) -> Iterator[Problem]:
    """An agency ends the day before its succession, and its successor begins on that day.

    Whoever took over before there were official codes may have an unknown start.
    """
    agencies = {placed.row.agency_id: placed.row for placed in tables.of(Agency)}
    for placed in tables.of(AgencySuccession):
        step = placed.row
        before, after = agencies.get(step.from_agency_id), agencies.get(step.to_agency_id)
        day = step.effective_on
        if before and before.valid_to != day - timedelta(days=1):
            what = f"{step.from_agency_id} ends on {before.valid_to}, not the day before {day}"
            yield problem(placed, "effective_on", what, "let the agency end the day before its succession")
        is_early = before and not before.code_official and after and after.valid_from == UNKNOWN_START
        if after and after.valid_from != day and not is_early:
            what = f"{step.to_agency_id} does not begin on {day}"
            yield problem(placed, "effective_on", what, "give a successor a row of its own from that day")


def check_main_successors(tables: Tables) -> Iterator[Problem]:
    """Whoever ends has one main successor, units apart, and none comes to succeed itself."""
    followed = {placed.row.from_agency_id for placed in tables.of(AgencySuccession)}
    for ended in tables.of(Agency):
        is_alone = ended.row.agency_id not in followed and AgencySuccession not in tables.broken
        if ended.row.valid_to and ended.row.kind != "unit" and is_alone:
            what = f"{ended.row.agency_id} ends without a successor"
            yield problem(ended, "valid_to", what, "add who took over to agency_successions.csv")
    main: dict[str, Placed[AgencySuccession]] = {}
    for placed in (placed for placed in tables.of(AgencySuccession) if placed.row.is_main):
        first = main.setdefault(placed.row.from_agency_id, placed)
        if first is not placed:
            what = f"a second main successor; line {first.line} has one"
            yield problem(placed, "is_main", what, "mark one successor as the main one")
    for placed in tables.of(AgencySuccession):
        if placed.row.from_agency_id not in main:
            what = f"{placed.row.from_agency_id} has no main successor"
            yield problem(placed, "is_main", what, "mark one successor as the main one")
    for start, placed in main.items():
        current, seen = start, set[str]()
        while current in main and current not in seen:
            seen.add(current)
            current = main[current].row.to_agency_id
        if current == start and placed.line == max(main[step].line for step in seen):
            yield problem(placed, "to_agency_id", f"{start} comes to succeed itself", "break the circle")


def check_focal_points(tables: Tables) -> Iterator[Problem]:
    """A focal point has units while it is one: without any nothing could be confirmed."""
    if Agency in tables.broken:
        return
    units = [placed.row for placed in tables.of(Agency) if placed.row.kind == "unit"]
    for placed in tables.of(FocalPoint):
        point = placed.row
        if not any(
            unit.parent_id == point.agency_id
            and unit.valid_from <= (point.valid_to or date.max)
            and point.valid_from <= _end(unit)
            for unit in units
        ):
            what = f"{point.agency_id} has no unit in that time"
            yield problem(placed, "agency_id", what, "add its units to agencies.csv, or remove the row")


def check_province_shapes(tables: Tables) -> Iterator[Problem]:
    """Every province with an official code is on the map, and nobody else."""
    kinds = {placed.row.agency_id: placed.row.kind for placed in tables.of(Agency)}
    for placed in tables.of(ProvinceShape):
        kind = kinds.get(placed.row.agency_id, "province")
        if kind != "province":
            what = f"{placed.row.agency_id} is of kind {kind}"
            yield problem(placed, "agency_id", what, "remove the row: the map shows provinces")
    if ProvinceShape in tables.broken:
        return
    drawn = {placed.row.agency_id for placed in tables.of(ProvinceShape) if not placed.row.archipelago_vi}
    for agency in tables.of(Agency):
        row = agency.row
        if row.kind == "province" and row.code_official and row.agency_id not in drawn:
            what = f"{row.agency_id} has no shape on the map"
            yield problem(agency, "agency_code", what, "run scripts/province_shapes.py")


def _confusable(one: Agency, other: Agency) -> bool:
    units_apart = one.kind == other.kind == "unit" and one.parent_id != other.parent_id
    return not units_apart and one.valid_from <= _end(other) and other.valid_from <= _end(one)


def _end(agency: Agency) -> date:
    return agency.valid_to or date.max
