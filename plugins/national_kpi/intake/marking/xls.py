"""An old Excel workbook (.xls) as a new one, with the formats of its cells."""

from copy import copy
from pathlib import Path
from typing import Any

import xlrd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from national_kpi.intake.marking.findings import write_text
from national_kpi.intake.text import visible

# In the order of their numbers in the file format.
_LINES = (
    None, "thin", "medium", "dashed", "dotted", "thick", "double", "hair", "mediumDashed", "dashDot",
    "mediumDashDot", "dashDotDot", "mediumDashDotDot", "slantDashDot",
)  # fmt: skip
_PATTERNS = (
    None, "solid", "mediumGray", "darkGray", "lightGray", "darkHorizontal", "darkVertical", "darkDown",
    "darkUp", "darkGrid", "darkTrellis", "lightHorizontal", "lightVertical", "lightDown", "lightUp",
    "lightGrid", "lightTrellis", "gray125", "gray0625",
)  # fmt: skip
_ACROSS = (None, "left", "center", "right", "fill", "justify", "centerContinuous", "distributed")
_UPRIGHT = ("top", "center", "bottom", "justify", "distributed")
_UNDERLINES = {1: "single", 2: "double", 0x21: "singleAccounting", 0x22: "doubleAccounting"}
_STATES = ("visible", "hidden", "veryHidden")
_TWIPS = 20
_WIDTH_UNITS = 256


def from_xls(path: Path) -> Workbook:
    """The workbook with values, fonts, fills, borders, number formats, widths, merges and frozen panes.

    Raises:
        Exception: xlrd cannot read it.
    """
    old = xlrd.open_workbook(str(path), formatting_info=True)
    book = Workbook()
    book.remove(book.active)
    if old.datemode:
        book.epoch = CALENDAR_MAC_1904
    formats = _Formats(old)
    for sheet in old.sheets():
        made = book.create_sheet(sheet.name)
        made.sheet_state = _STATES[sheet.visibility]
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                cell = made.cell(row + 1, column + 1)
                formats.give(cell, sheet.cell_xf_index(row, column))
                _write(cell, sheet.cell(row, column))
        _copy_layout(sheet, made)
    return book


def _write(cell: Cell, old: xlrd.sheet.Cell) -> None:
    if old.ctype == xlrd.XL_CELL_TEXT:
        write_text(cell, old.value if old.value.isprintable() else _readable(old.value))
    elif old.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        cell.value = int(old.value) if float(old.value).is_integer() else old.value
    elif old.ctype == xlrd.XL_CELL_BOOLEAN:
        cell.value = bool(old.value)
    elif old.ctype == xlrd.XL_CELL_ERROR:
        cell.value = xlrd.error_text_from_code.get(old.value, "#N/A")


def _readable(text: str) -> str:
    return "\n".join(visible(line) for line in text.splitlines())


def _copy_layout(old: xlrd.sheet.Sheet, made: Worksheet) -> None:
    for top, bottom, left, right in old.merged_cells:
        made.merge_cells(start_row=top + 1, end_row=bottom, start_column=left + 1, end_column=right)
    for column, info in old.colinfo_map.items():
        width = made.column_dimensions[get_column_letter(column + 1)]
        width.width, width.hidden = info.width / _WIDTH_UNITS, bool(info.hidden)
    for row, info in old.rowinfo_map.items():
        if not info.has_default_height and info.height:
            made.row_dimensions[row + 1].height = info.height / _TWIPS
        made.row_dimensions[row + 1].hidden = bool(info.hidden)
    if old.panes_are_frozen:
        made.freeze_panes = made.cell(old.horz_split_pos + 1, old.vert_split_pos + 1)
    made.sheet_view.showGridLines = bool(old.show_grid_lines)


class _Formats:
    """The formats of a workbook, each translated once."""

    def __init__(self, book: xlrd.Book) -> None:
        self._book = book
        self._done: dict[int, Any] = {}

    def give(self, cell: Cell, number: int) -> None:
        """Give a cell the format of this number."""
        if number not in self._done:
            self._translate(cell, self._book.xf_list[number])
            self._done[number] = cell._style
        else:
            cell._style = copy(self._done[number])

    def _translate(self, cell: Cell, xf: Any) -> None:
        font = self._book.font_list[xf.font_index]
        cell.font = Font(
            name=font.name,
            size=font.height / _TWIPS,
            bold=bool(font.bold or font.weight >= 700),
            italic=bool(font.italic),
            strike=bool(font.struck_out),
            underline=_UNDERLINES.get(font.underline_type),
            vertAlign=(None, "superscript", "subscript")[font.escapement],
            color=self._colour(font.colour_index),
        )
        cell.number_format = self._book.format_map[xf.format_key].format_str
        fill = xf.background
        if pattern := _PATTERNS[fill.fill_pattern]:
            cell.fill = PatternFill(
                pattern,
                fgColor=self._colour(fill.pattern_colour_index) or Color(indexed=64),
                bgColor=self._colour(fill.background_colour_index) or Color(indexed=65),
            )
        edges = {
            edge: Side(
                style=_LINES[getattr(xf.border, f"{edge}_line_style")],
                color=self._colour(getattr(xf.border, f"{edge}_colour_index")),
            )
            for edge in ("left", "right", "top", "bottom")
        }
        cell.border = Border(**edges)
        cell.alignment = Alignment(
            horizontal=_ACROSS[xf.alignment.hor_align],
            vertical=_UPRIGHT[xf.alignment.vert_align],
            wrap_text=bool(xf.alignment.text_wrapped),
            text_rotation=xf.alignment.rotation,
            indent=xf.alignment.indent_level,
            shrink_to_fit=bool(xf.alignment.shrink_to_fit),
        )
        cell.protection = Protection(locked=bool(xf.protection.cell_locked))

    def _colour(self, index: int) -> Color | None:
        rgb = self._book.colour_map.get(index)
        return Color(rgb="FF{:02X}{:02X}{:02X}".format(*rgb)) if rgb else None
