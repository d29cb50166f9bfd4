"""Sums of a form's numeric columns: for the receipt, and against the sheet's own total row."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.body import ORDINAL, Body
from national_kpi.intake.cells import BadCellError, address, read_cell, shown
from national_kpi.intake.forms import Table
from national_kpi.intake.number_locale import NumberLocale
from national_kpi.intake.problems import Noticed, problem

_WIDE = {"integer": pa.decimal128(38, 0), "decimal": pa.decimal128(38, 6)}
"""Types in which a sum of any file's rows has room."""


def column_totals(columns: Iterable[FormColumn], rows: pa.Table) -> dict[str, Decimal]:
    """The sum of each numeric column that holds anything, by column name."""
    totals = {}
    for column in columns:
        if column.data_type in _WIDE and column.column_name != ORDINAL:
            total = pc.sum(rows[column.column_name].cast(_WIDE[column.data_type])).as_py()
            if total is not None:
                totals[column.column_name] = total
    return totals


def check_total_row(
    columns: Iterable[FormColumn], locale: NumberLocale, table: Table, body: Body, rows: pa.Table
) -> Iterator[Noticed]:
    """Compare the sheet's total row with the sum of the rows; with several of them none is compared.

    Args:
        columns: the form's columns.
        locale: how the file writes numbers.
        table: where the form lies.
        body: which rows are data and which are totals.
        rows: the table's typed rows.
    """
    if len(body.totals) != 1:
        return
    index = body.totals[0]
    totals = column_totals(columns, rows)
    for column in columns:
        position = table.columns.get(column.column_name)
        cell = None if position is None else table.sheet.cell(index, position)
        if position is None or cell is None or column.data_type not in _WIDE:
            continue
        try:
            stated = read_cell(column, cell, locale).value
        except BadCellError:
            continue  # a dash or a remark in a total row says nothing about the rows
        total = totals.get(column.column_name, Decimal(0))
        if column.column_name != ORDINAL and stated != total:
            yield problem(
                "TOTAL-01",
                {"header": column.header_vi},
                sheet=table.sheet.name,
                row_number=index + 1,
                column_name=column.column_name,
                cell=address(index, position),
                found=shown(cell),
                expected=f"{total:f}",
            )
