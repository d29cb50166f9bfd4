"""The catalogue's rows with their lines, as the checks see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.read import Placed, Problem, R
from national_kpi.catalogue.tables import TABLES, Row


@dataclass(frozen=True)
class Tables:
    """Every table's rows.

    Args:
        rows: what could be read of each table.
        broken: tables of which something could not be read; what refers to them is not judged.
    """

    rows: Mapping[type[Row], list[Placed[Any]]]
    broken: frozenset[type[Row]]

    def of(self, table: type[R]) -> list[Placed[R]]:
        """The rows of one table."""
        return self.rows[table]

    def catalogue(self) -> Catalogue:
        """The rows as a catalogue; it has no hash, as it may be incomplete."""
        tables: dict[str, Any] = {
            table.table: tuple(placed.row for placed in self.rows[table]) for table in TABLES
        }
        return Catalogue(**tables, sha256="")


def problem(placed: Placed[Row], column: str, what: str, remedy: str) -> Problem:
    """A problem of one row."""
    return Problem(f"{type(placed.row).table}.csv", placed.line, column, what, remedy)
