"""A file's rows in the lake's shape, and where each of them came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from national_kpi.agencies import AgencyResolver
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.intake.cells import address, shown
from national_kpi.intake.forms import Table
from national_kpi.intake.problems import Noticed, Positions, problem
from national_kpi.lake import lake_schema
from national_kpi.periods import Period


@dataclass(frozen=True)
class Frame:
    """What all rows of a file have in common.

    Attributes:
        holder: who holds the folder on the day of receipt.
        reporter: for whom the file speaks: the holder, a predecessor or a unit of theirs.
        period: the file's period; None when only its rows say.
        day: the day of receipt.
    """

    catalogue: Catalogue
    resolver: AgencyResolver
    form_code: str
    holder: Agency
    reporter: Agency
    period: Period | None
    day: date

    @property
    def publishes(self) -> bool:
        """Whether the form carries published figures, which may be about other agencies."""
        return self.catalogue.form(self.form_code).source == "published"


@dataclass(frozen=True)
class Part:
    """The rows of one table.

    Attributes:
        table: where the form was found.
        indices: where each row lies in the sheet, from 0.
        values: the rows in the lake's shape.
    """

    table: Table
    indices: Positions
    values: pa.Table


class Rows:
    """The rows of all tables of a file."""

    def __init__(self, catalogue: Catalogue, form_code: str) -> None:
        self._schema = lake_schema(catalogue, form_code)
        self._key = [name for name in catalogue.key_of(form_code) if name in self._schema.names]
        self.parts: list[Part] = []

    def __len__(self) -> int:
        return sum(len(part.indices) for part in self.parts)

    def to_arrow(self) -> pa.Table:
        """All rows."""
        return pa.concat_tables([self._schema.empty_table(), *(part.values for part in self.parts)])

    def notice(
        self,
        rule_id: str,
        row: int,
        column_name: str | None,
        words: Mapping[str, Any] | None = None,
        **place: Any,
    ) -> Noticed:
        """A rule that a row breaks.

        Args:
            rule_id: the rule.
            row: position of the row over all tables.
            column_name: the column to point to.
            words: fills the rule's `{words}`.
            place: further fields of `problems.Place`.
        """
        part, local = self._find(row)
        index = int(part.indices[local])
        position = part.table.columns.get(column_name or "")
        cell = None if position is None else part.table.sheet.cell(index, position)
        values = self.values(row)
        return problem(
            rule_id,
            words,
            **{
                "sheet": part.table.sheet.name,
                "row_number": index + 1,
                "column_name": column_name,
                "cell": None if position is None else address(index, position),
                "found": None if cell is None else shown(cell),
                "agency_id": values["agency_id"],
                "kpi_code": values.get("kpi_code"),
                "period_code": values["period_code"],
                "row_key": " | ".join(str(values[name]) for name in self._key) or None,
                "explanation": self._explanation(part, index),
            }
            | place,
        )

    def values(self, row: int) -> dict[str, Any]:
        """What a row holds, by lake column."""
        part, local = self._find(row)
        return {name: part.values[name][local].as_py() for name in part.values.column_names}

    @staticmethod
    def _explanation(part: Part, index: int) -> str | None:
        position = part.table.explanations
        cell = None if position is None else part.table.sheet.cell(index, position)
        return None if cell is None else shown(cell)

    def _find(self, row: int) -> tuple[Part, int]:
        for part in self.parts:
            if row < len(part.indices):
                return part, row
            row -= len(part.indices)
        raise IndexError(row)
