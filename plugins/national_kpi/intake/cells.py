"""Typing cells: from what a sheet holds to what a form's column means."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeGuard

from openpyxl.utils import get_column_letter

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.digits import NumberError
from national_kpi.intake.number_locale import NumberLocale, Reading, read_integer, read_number
from national_kpi.intake.numbers import PrintedValue, parse_date, parse_printed_value, parse_yes_no
from national_kpi.intake.sheets import Cell
from national_kpi.intake.text import clean, fold

_EXACT = 1e15
"""Below it a spreadsheet's number has all the digits of a whole number."""

_SIX_PLACES = Decimal("0.000001")
_FORMULA_OR_ERROR = re.compile(r"=.+|#(?:DIV/0!|N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|ERROR|SPILL!|CALC!)")


class BadCellError(Exception):
    """A cell that its column cannot take.

    Args:
        rule_id: the structural rule it breaks.
        expected: what was expected there, in Vietnamese.
    """

    def __init__(self, rule_id: str, expected: str | None = None) -> None:
        self.rule_id = rule_id
        self.expected = expected
        super().__init__(rule_id, expected)


def address(row: int, column: int) -> str:
    """A cell's address as Excel shows it; row and column count from 0."""
    return f"{get_column_letter(column + 1)}{row + 1}"


def shown(cell: Cell) -> str:
    """A cell's content as a person sees it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}".replace(".", ",")
    if isinstance(cell, datetime) and (cell.hour or cell.minute):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return clean(cell)


def is_plain_count(cell: Cell) -> TypeGuard[float]:
    """Whether a cell is a whole number that needs no reading."""
    return type(cell) is float and cell.is_integer() and -_EXACT < cell < _EXACT


def read_cell(column: FormColumn, cell: Cell, locale: NumberLocale) -> Reading[Any]:
    """The typed value of a filled cell. A printed value stays text, see `read_printed_value`.

    Args:
        column: the column it stands in.
        cell: what the sheet holds, not None.
        locale: how its file writes numbers.

    Raises:
        BadCellError: the cell does not fit the column.
    """
    if isinstance(cell, str) and _FORMULA_OR_ERROR.fullmatch(cell.strip()):
        raise BadCellError("CELL-03", expected_in(column))
    try:
        match column.data_type:
            case "integer":
                return read_integer(cell, locale)
            case "decimal":
                number = read_number(cell, locale)
                return replace(number, value=number.value.quantize(_SIX_PLACES, ROUND_HALF_UP))
            case "date":
                return Reading(parse_date(cell))
            case "yes_no":
                return Reading(parse_yes_no(cell))
            case "enum":
                return Reading(_allowed(column, cell))
            case _:
                return Reading(shown(cell))
    except NumberError as error:
        raise BadCellError("CELL-01", error.expected) from error


def _allowed(column: FormColumn, cell: Cell) -> str:
    for value in column.allowed_values:
        if fold(value) == fold(shown(cell)):
            return value
    raise BadCellError("CELL-01", expected_in(column))


def expected_in(column: FormColumn) -> str:
    """What a cell of a column is to hold, in Vietnamese."""
    if column.allowed_values:
        return f"một trong các giá trị: {', '.join(column.allowed_values)}"
    return column.constraint_text or {
        "integer": "số nguyên",
        "decimal": "số",
        "date": "ngày theo dạng ngày/tháng/năm",
        "yes_no": "“Có” hoặc “Không”",
    }.get(column.data_type, "giá trị ghi bằng chữ hoặc số")


@dataclass(frozen=True)
class Printed:
    """A published value: the text as printed, and what it says."""

    text: str
    value: PrintedValue


def read_printed_value(column: FormColumn, cell: Cell, percent_decimals: int | None) -> Printed:
    """Read a published value.

    Args:
        column: the column it stands in.
        cell: what the sheet holds, not None.
        percent_decimals: for a number that the sheet shows as a percentage, with how many decimals.

    Raises:
        BadCellError: the text says no value, or the spreadsheet has turned it into a day.
    """
    if isinstance(cell, date):
        raise BadCellError("CELL-04", "giá trị đúng như nguồn, ví dụ 97,67% hoặc 4/6")
    if isinstance(cell, str) and _FORMULA_OR_ERROR.fullmatch(cell.strip()):
        raise BadCellError("CELL-03", expected_in(column))
    text = shown(cell)
    if isinstance(cell, float | int) and percent_decimals is not None:
        places = Decimal(1).scaleb(-percent_decimals)
        percent = (Decimal(str(cell)) * 100).quantize(places, ROUND_HALF_UP)
        text = f"{percent:f}%".replace(".", ",")
    try:
        return Printed(text, parse_printed_value(text))
    except NumberError as error:
        raise BadCellError("CELL-01", error.expected) from error
