"""Sums of a form's numeric columns: for the receipt, and against the sheet's own total row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.cells import BadCellError, address, read_cell, shown
from national_kpi.intake.forms import ORDINAL, Body, Table
from national_kpi.intake.problems import Noticed, problem


def _numeric(columns: Iterable[FormColumn]) -> list[FormColumn]:
    return [c for c in columns if c.data_type in ("integer", "decimal") and c.column_name != ORDINAL]


def _sum(values: Iterable[object]) -> Decimal:
    return sum((Decimal(value) for value in values if isinstance(value, int | Decimal)), Decimal(0))


def column_totals(columns: Iterable[FormColumn], rows: Sequence[Mapping[str, object]]) -> dict[str, Decimal]:
    """The sum of each numeric column that holds anything, by column name."""
    return {
        column.column_name: _sum(row.get(column.column_name) for row in rows)
        for column in _numeric(columns)
        if any(row.get(column.column_name) is not None for row in rows)
    }


def check_total_row(
    columns: Iterable[FormColumn],
    locale: str,
    table: Table,
    body: Body,
    rows: Sequence[Mapping[str, object]],
) -> Iterator[Noticed]:
    """Compare the sheet's total row with the sum of the rows; with several of them none is compared.

    Args:
        columns: the form's columns.
        locale: how the form writes numbers.
        table: where the form lies.
        body: which rows are data and which are totals.
        rows: the table's typed rows.
    """
    if len(body.totals) != 1:
        return
    index = body.totals[0]
    for column in _numeric(columns):
        position = table.columns.get(column.column_name)
        cell = None if position is None else table.sheet.cell(index, position)
        if position is None or cell is None:
            continue
        try:
            stated = read_cell(column, cell, locale)
        except BadCellError:
            continue  # a dash or a remark in a total row says nothing about the rows
        total = _sum(row.get(column.column_name) for row in rows)
        if stated != total:
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
