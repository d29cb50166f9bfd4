"""Which cells of a workbook are written in a legacy font, and what they say.

Only the font tells such text from Unicode, and the fast reader knows no fonts: the workbook is opened a
second time, by a slower library, but only where its list of fonts names a legacy one.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

import xlrd
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.legacy_fonts_ods import Run, cells_of_ods
from national_kpi.intake.legacy_text import decode_runs, legacy_font
from national_kpi.intake.sheets import Grid, Place

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAMED_IN_XLS = re.compile(rb"\.\0?V\0?n|V\0?N\0?I\0?[- ]", re.IGNORECASE)
_NAMED_IN_XLSX = re.compile(rb"""val=["'](?i:\.vn|vni[- ])""")
_NAMED_IN_ODS = re.compile(rb"""font-(?:family|name)=["'](?:'|&apos;)?(?i:\.vn|vni[- ])""")
_PARTS_WITH_FONTS = ("xl/styles.xml", "xl/sharedStrings.xml")
_PARTS_OF_ODS = ("styles.xml", "content.xml")


def show_legacy_text(content: bytes, grids: Iterable[Grid]) -> None:
    """Replace text in legacy fonts by what people see.

    Args:
        content: the workbook.
        grids: its sheets as read by a library that knows no fonts.

    Raises:
        UnreadableFileError: there are legacy fonts, but which cells use them cannot be read.
    """
    try:
        texts = legacy_cells(content)
    except Exception as error:  # the libraries let errors of all kinds through
        raise UnreadableFileError("READ-19") from error
    for grid in grids:
        for (row, column), text in texts.get(grid.name, {}).items():
            if row < len(grid.rows) and column < len(grid.rows[row]) and grid.rows[row][column] is not None:
                grid.rows[row][column] = text


def legacy_cells(content: bytes) -> dict[str, dict[Place, str]]:
    """What the cells in legacy fonts say, by sheet; nothing for a workbook without such fonts.

    Args:
        content: an `.xls`, `.xlsx` or `.ods` file; others have no fonts.

    Raises:
        Exception: whatever the libraries raise on a damaged workbook.
    """
    if content.startswith(_OLE) and _NAMED_IN_XLS.search(content):
        cells = _cells_of_xls(content)
    elif content.startswith(b"PK") and _is_named(content, _PARTS_WITH_FONTS, _NAMED_IN_XLSX):
        cells = _cells_of_xlsx(content)
    elif content.startswith(b"PK") and _is_named(content, _PARTS_OF_ODS, _NAMED_IN_ODS):
        cells = cells_of_ods(content)
    else:
        return {}
    texts: dict[str, dict[Place, str]] = {}
    for sheet_name, place, runs in cells:
        if any(legacy_font(font) for _, font in runs):
            texts.setdefault(sheet_name, {})[place] = decode_runs(runs)
    return texts


def _cells_of_xls(content: bytes) -> Iterator[tuple[str, Place, list[Run]]]:
    book = xlrd.open_workbook(file_contents=content, formatting_info=True)
    names = [font.name for font in book.font_list]
    fonts_of_styles = [names[style.font_index] for style in book.xf_list]
    for sheet in book.sheets():
        for row in range(sheet.nrows):
            for column in range(sheet.row_len(row)):
                if sheet.cell_type(row, column) == xlrd.XL_CELL_TEXT:
                    text = sheet.cell_value(row, column)
                    runs = [(0, fonts_of_styles[sheet.cell_xf_index(row, column)])]
                    changes = sheet.rich_text_runlist_map.get((row, column), ())
                    runs += [(start, names[font]) for start, font in changes]
                    ends = [*(start for start, _ in runs[1:]), len(text)]
                    pieces = zip(runs, ends, strict=True)
                    yield (
                        sheet.name,
                        (row, column),
                        [(text[start:end], font) for (start, font), end in pieces],
                    )


def _is_named(content: bytes, parts: Iterable[str], font: re.Pattern[bytes]) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(font.search(archive.read(part)) for part in set(archive.namelist()).intersection(parts))


def _cells_of_xlsx(content: bytes) -> Iterator[tuple[str, Place, list[Run]]]:
    book = load_workbook(io.BytesIO(content), rich_text=True, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str | CellRichText):
                    place = (cell.row - 1, cell.column - 1)
                    yield sheet.title, place, _runs(cell.value, cell.font.name)


def _runs(value: str | CellRichText, cell_font: str | None) -> list[Run]:
    if isinstance(value, str):
        return [(value, cell_font)]
    return [
        (piece.text, piece.font.rFont or cell_font) if isinstance(piece, TextBlock) else (piece, cell_font)
        for piece in value
    ]
