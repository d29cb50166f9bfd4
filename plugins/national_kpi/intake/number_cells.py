"""Which cells of a form hold numbers, and how its file writes them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from national_kpi.catalogue.tables import ColumnType, FormColumn
from national_kpi.intake.body import ORDINAL, Body
from national_kpi.intake.forms import Table
from national_kpi.intake.number_locale import NumberLocale, Style, infer_locale
from national_kpi.intake.sheets import Cell, Place


def places_of_numbers(table: Table, body: Body, columns: Sequence[FormColumn]) -> set[Place]:
    """Cells of the printed-value column that hold a number, whose number format matters."""
    positions = [
        table.columns[column.column_name]
        for column in columns
        if column.data_type == "printed_value" and column.column_name in table.columns
    ]
    return {
        (int(index), position)
        for position in positions
        for index in body.data
        if isinstance(table.sheet.cell(int(index), position), float)
    }


def file_locale(
    default: Style, columns: Sequence[FormColumn], parts: Iterable[tuple[Table, Body]]
) -> NumberLocale:
    """How a file writes its numbers, told by the data rows of all its tables.

    Args:
        default: how the form writes numbers.
        columns: the form's columns.
        parts: each table with its rows.
    """
    tables = list(parts)
    return infer_locale(
        default, decimals=_texts("decimal", columns, tables), integers=_texts("integer", columns, tables)
    )


def _texts(
    data_type: ColumnType, columns: Sequence[FormColumn], parts: Iterable[tuple[Table, Body]]
) -> Iterator[Cell]:
    """Each different cell in the columns of a type, where any of them is text."""
    for table, body in parts:
        for column in columns:
            position = table.columns.get(column.column_name)
            if position is None or column.data_type != data_type or column.column_name == ORDINAL:
                continue
            held = table.sheet.columns[position]
            if any(isinstance(cell, str) for cell in held.cells):
                in_data = np.bincount(held.codes[body.data], minlength=len(held.cells))
                yield from (cell for cell, count in zip(held.cells, in_data, strict=True) if count)
