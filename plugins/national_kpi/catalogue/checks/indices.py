"""What must hold for an index and the components that give it its points."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from national_kpi.catalogue.checks.scopes import scope_problems
from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import IndexComponent, Kpi

INDEX_POINTS = Decimal(100)
"""What the maxima of an index add up to."""


def check_index_components(tables: Tables) -> Iterator[Problem]:
    """A component is a ratio, counts for somebody, and belongs to one group of one version of an index."""
    kinds = {placed.row.kpi_code: placed.row.kind for placed in tables.of(Kpi)}
    versions = {(placed.row.kpi_code, placed.row.formula_version) for placed in tables.of(Kpi)}
    names: dict[tuple[str, str, str], tuple[str, str]] = {}
    for placed in tables.of(IndexComponent):
        row = placed.row
        if kinds.get(row.kpi_code, "ratio") != "ratio":
            what = f"{row.kpi_code} is of kind {kinds[row.kpi_code]}"
            yield problem(placed, "kpi_code", what, "a component is a ratio")
        if kinds.get(row.index_code, "index") != "index":
            what = f"{row.index_code} is of kind {kinds[row.index_code]}"
            yield problem(placed, "index_code", what, "name a KPI of kind index")
        elif row.index_code in kinds and (row.index_code, row.formula_version) not in versions:
            what = f"{row.index_code} has no formula version {row.formula_version!r}"
            yield problem(placed, "formula_version", what, "write one that kpis.csv has, or add it there")
        if row.no_case_score is not None and not 0 <= row.no_case_score <= row.max_score:
            what = f"{row.no_case_score} is not between 0 and {row.max_score}"
            yield problem(placed, "no_case_score", what, "no component gives more than its maximum")
        group = row.index_code, row.formula_version, row.group_code
        name = row.group_name_vi, row.group_name_en
        if names.setdefault(group, name) != name:
            what = f"{row.group_code} is called {names[group][0]!r} above"
            yield problem(placed, "group_name_vi", what, "give a group one name")
        if not row.scope:
            yield problem(placed, "scope", "a component for nobody", "write kind:… or agency:…")
        yield from scope_problems(tables, placed, "scope", row.scope, senders_only=True)


def check_index_maxima(tables: Tables) -> Iterator[Problem]:
    """The components of each version of an index add up to its points."""
    if IndexComponent in tables.broken:
        return
    components: dict[tuple[str, str], list[Placed[IndexComponent]]] = defaultdict(list)
    for placed in tables.of(IndexComponent):
        components[placed.row.index_code, placed.row.formula_version].append(placed)
    for index in tables.of(Kpi):
        if index.row.kind != "index":
            continue
        version = index.row.kpi_code, index.row.formula_version
        total = sum((placed.row.max_score for placed in components[version]), Decimal(0))
        if total != INDEX_POINTS:
            what = f"the components of version {version[1]!r} add up to {total} points, not {INDEX_POINTS}"
            yield problem(index, "formula_version", what, "mend the maxima in index_components.csv")
