"""How the sheets of an empty form look and behave, whatever they hold."""

import math
import textwrap

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Times New Roman"

_LINE = 15.0
_LETTERS = 1.25  # that fit into one unit of width
_THIN = Side(style="thin", color="808080")
GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
REQUIRED = PatternFill("solid", fgColor="CFE2F3")
OPTIONAL = PatternFill("solid", fgColor="EFEFEF")
GIVEN = PatternFill("solid", fgColor="F5F5F5")


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    text: object,
    *,
    last: int | None = None,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    size: int = 11,
    align: str = "left",
    fill: PatternFill | None = None,
    grid: bool = False,
) -> None:
    """Write text into a cell, wrapped, its row as high as it needs.

    Args:
        sheet: its columns must have their widths.
        row: from 1.
        column: from 1.
        text: what to write.
        last: the last column of those merged for it.
        bold: how it looks.
        italic: likewise.
        underline: likewise.
        size: of the letters, in points.
        align: left, center or right.
        fill: what stands behind it.
        grid: whether it has borders.
    """
    cell = sheet.cell(row, column, text)
    cell.font = Font(FONT, size, b=bold, i=italic, u="single" if underline else None)
    indent = 1 if grid and align == "left" else 0
    cell.alignment = Alignment(align, "center", wrap_text=True, indent=indent)
    if fill:
        cell.fill = fill
    for covered in range(column, (last or column) + 1):
        if grid:
            sheet.cell(row, covered).border = GRID
    if last and last > column:
        sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=last)
    letters = map(get_column_letter, range(column, (last or column) + 1))
    width = sum(sheet.column_dimensions[letter].width for letter in letters)
    raise_row(sheet, row, height(str(text), width, size / 11 * (1.08 if bold else 1)))


def height(text: str, width: float, scale: float = 1.0) -> float:
    """How high a cell must be for its text, in points.

    Args:
        text: what stands in it.
        width: how wide it is, in a column's units.
        scale: how much larger the letters are than 11 points.
    """
    lines = textwrap.wrap(text, max(int(width / scale * _LETTERS), 1)) or [""]
    return math.ceil(len(lines) * _LINE * max(scale, 1) + 3)


def raise_row(sheet: Worksheet, row: int, points: float) -> None:
    """Make a row at least that high."""
    dimension = sheet.row_dimensions[row]
    dimension.height = max(dimension.height or 0, points)


def protect(sheet: Worksheet) -> None:
    """Lock a sheet's locked cells, without a password; rows may be inserted and everything formatted."""
    protection = sheet.protection
    protection.sheet = True
    for allowed in (
        "formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter",
    ):  # fmt: skip
        setattr(protection, allowed, False)  # False: not protected


def set_up_page(sheet: Worksheet, footer: str) -> None:
    """Print on A4, landscape, as wide as the sheet.

    Args:
        sheet: what is printed.
        footer: what stands at the foot of each page, beside its number.
    """
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"
    sheet.print_options.horizontalCentered = True
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.75
    sheet.oddFooter.left.text = footer
    sheet.oddFooter.right.text = "Trang &P/&N"
    for part in (sheet.oddFooter.left, sheet.oddFooter.right):
        part.font, part.size = FONT, 9
