"""What must hold for a scope: it names somebody."""

from collections.abc import Iterator
from typing import get_args

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import Agency, AgencyKind, Row


def scope_problems(
    tables: Tables, placed: Placed[Row], column: str, scope: tuple[str, ...], *, senders_only: bool = False
) -> Iterator[Problem]:
    """Every item of a scope that names nobody.

    Args:
        tables: the catalogue.
        placed: the row that has the scope.
        column: the column it is in.
        scope: its items.
        senders_only: only agencies that send files may be named, not the nation nor other collectives.
    """
    kinds = [kind for kind in get_args(AgencyKind) if not (senders_only and kind == "collective")]
    agency_ids = {agency.row.agency_id for agency in tables.of(Agency)}
    for item in scope:
        term, _, value = item.partition(":")
        if (item == "nation" and not senders_only) or (term == "kind" and value in kinds):
            continue
        if term in ("agency", "units_of") and (Agency in tables.broken or value in agency_ids):
            continue
        nation = "" if senders_only else "nation, "
        what = f"{item!r} names nobody"
        remedy = f"write {nation}kind:… ({', '.join(kinds)}), or agency:/units_of: and an agency_id"
        yield problem(placed, column, what, remedy)
