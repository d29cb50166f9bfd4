"""Workbooks: `.xlsx`, `.ods` and `.xls`."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import cast
from xml.parsers.expat import ExpatError, ParserCreate

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.reading import old_workbooks
from national_kpi.intake.reading.formulas import cells_without_value
from national_kpi.intake.reading.zips import START, open_zip
from national_kpi.intake.sheets import Cell, Grid, Place
from national_kpi.limits import Limits

_XLSX = "xl/workbook.xml"
_BINARY_XLSX = "xl/workbook.bin"
_ODS = "content.xml"
_XML_ENDINGS = (".xml", ".rels", ".vml")
_MACROS = re.compile(
    r"vbaProject\.bin$|^xl/macrosheets/|^Basic/.+/(?!script-l[bc]\.xml).+|^Scripts/.", re.IGNORECASE
)
_DOCTYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le")[:-1])
_EXTENT = re.compile(rb'<(?:\w+:)?dimension\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*(?<!/)>(?!</)')


def is_workbook(names: set[str]) -> bool:
    """Whether a ZIP container with these entries is a workbook, not an archive of files."""
    return bool(names & {_XLSX, _BINARY_XLSX, _ODS})


def read_zipped(content: bytes, limits: Limits) -> list[Grid]:
    """The sheets of an `.xlsx` or `.ods`.

    Raises:
        UnreadableFileError: it is damaged, encrypted or too large, or holds macros or DTDs.
    """
    with open_zip(content, limits) as archive:
        lost = _look_over(archive, limits)
    grids = _read_calamine(content, limits)
    _put_back(grids, lost, limits)
    return grids


def read_old(content: bytes, limits: Limits) -> list[Grid]:
    """The sheets of an `.xls`.

    Raises:
        UnreadableFileError: it is damaged, encrypted or too large, or holds macros.
    """
    book = old_workbooks.look_over(content)
    try:
        grids = _read_calamine(content, limits)
    except UnreadableFileError as refused:
        if refused.rule_id != "READ-01":
            raise
        # Old writers produce files that only one of the two libraries can read.
        return old_workbooks.read_by_xlrd(content)
    if old_workbooks.may_hold_errors(book):
        _put_back(grids, old_workbooks.errors(content), limits)
    return grids


def _put_back(grids: Sequence[Grid], lost: Mapping[str, Mapping[Place, str]], limits: Limits) -> None:
    """Fill cells that the library has taken for empty."""
    for grid in grids:
        for (row, column), text in lost.get(grid.name, {}).items():
            limits.check_table(row + 1, column + 1)
            grid.rows += [[] for _ in range(len(grid.rows), row + 1)]
            cells = grid.rows[row]
            cells += [None] * (column + 1 - len(cells))
            if cells[column] in (None, ""):
                cells[column] = text


def _look_over(archive: zipfile.ZipFile, limits: Limits) -> dict[str, dict[Place, str]]:
    """Refuse what must not be opened; gives back, by sheet, filled cells that would look empty."""
    names = set(archive.namelist())
    if any(_MACROS.search(name) for name in names):
        raise UnreadableFileError("READ-06")
    if _BINARY_XLSX in names:
        raise UnreadableFileError("READ-03", found="sổ làm việc nhị phân (.xlsb)")
    for name in names:
        # Reading to the end also compares the entry with its checksum.
        part = archive.read(name)
        if not name.endswith(_XML_ENDINGS):
            continue
        if any(doctype in part for doctype in _DOCTYPES):
            raise UnreadableFileError("READ-15", found=name)
        if name == _ODS:
            _check_xml(part)
        if name == "[Content_Types].xml" and b"macroEnabled" in part:
            raise UnreadableFileError("READ-06")
        if name.startswith("xl/worksheets/"):
            _check_extent(part, limits)
    return cells_without_value(archive) if _XLSX in names else {}


def _check_xml(part: bytes) -> None:
    """Refuse XML that is not whole: the library never ends with a sheet that does."""
    try:
        ParserCreate().Parse(part, True)
    except (ExpatError, LookupError, ValueError) as error:  # it may name an encoding that nobody has
        raise UnreadableFileError("READ-01") from error


def _check_extent(part: bytes, limits: Limits) -> None:
    """Refuse a sheet whose filled cells span too much: the library would hold the whole rectangle."""
    said = _EXTENT.search(part, 0, 4096)
    if said is None:
        return  # the limit on memory holds all the same
    try:
        limits.check_table(*reversed(range_boundaries(said[1].decode())[2:]))
    except UnreadableFileError:
        # Formatted cells that hold nothing count there too: look again, slowly.
        places = [range_boundaries(match[1].decode()) for match in _FILLED_CELL.finditer(part)]
        limits.check_table(max((p[1] for p in places), default=0), max((p[0] for p in places), default=0))


def _read_calamine(content: bytes, limits: Limits) -> list[Grid]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:  # by content, not by name
            grids = []
            for meta in book.sheets_metadata:
                sheet = book.get_sheet_by_name(meta.name)
                limits.check_table(sheet.total_height + 1, sheet.total_width + 1)
                rows = cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
                hidden = meta.visible != SheetVisibleEnum.Visible
                grids.append(Grid(meta.name, rows, list(sheet.merged_cell_ranges or []), hidden))
            return grids
    except PasswordError as error:
        raise UnreadableFileError("READ-05") from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError("READ-01") from error
    except BaseException as error:
        if type(error).__module__ == "pyo3_runtime":  # the library's own crash on a malformed file
            raise UnreadableFileError("READ-01") from error
        raise


def number_formats(content: bytes, sheet_name: str, places: set[Place]) -> dict[Place, str]:
    """The number formats of cells, such as `0.00%`; only of `.xlsx` and `.xls` they can be read."""
    if content.startswith(old_workbooks.START):
        book = old_workbooks.open_book(content, with_formats=True)
        sheet = book.sheet_by_name(sheet_name)
        styles = {place: book.xf_list[sheet.cell_xf_index(*place)] for place in places}
        return {place: book.format_map[style.format_key].format_str for place, style in styles.items()}
    if not content.startswith(START):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if _XLSX not in archive.namelist():
            return {}
    worksheet = load_workbook(io.BytesIO(content))[sheet_name]
    return {(row, column): worksheet.cell(row + 1, column + 1).number_format for row, column in places}
