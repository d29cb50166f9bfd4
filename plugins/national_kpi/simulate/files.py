"""Writing a sheet into a file; the same sheet always gives the same bytes."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlwt
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from national_kpi.simulate.layout import Grid

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_DAY_FORMAT = "dd/mm/yyyy"
_SHEET_NAME = "Biểu mẫu"
_WIDTH = 18
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def to_bytes(grid: Grid, ending: str) -> bytes:
    """The file of a sheet.

    Args:
        grid: the sheet.
        ending: `.xlsx`, `.xls`, `.ods` or `.csv`.
    """
    return {".xlsx": _xlsx, ".xls": _xls, ".ods": _ods, ".csv": _csv}[ending](grid)


def _xlsx(grid: Grid) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET_NAME)
    for column in range(max(map(len, grid.rows))):
        sheet.column_dimensions[get_column_letter(column + 1)].width = _WIDTH
    bold = Font(bold=True)
    for index, row in enumerate(grid.rows):
        cells: list[Any] = [_plain(value) for value in row]
        for place, value in enumerate(cells):
            if value is not None and (index in grid.bold or isinstance(value, date)):
                cells[place] = cell = WriteOnlyCell(sheet, value)
                if isinstance(value, date):
                    cell.number_format = _DAY_FORMAT
                else:
                    cell.font = bold
        sheet.append(cells)
    for top, left, bottom, right in grid.merged:
        sheet.merged_cells.add(
            f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"
        )
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    # openpyxl notes the moment of saving.
    return _zip((name, _MOMENT.sub(rb"\g<1>2020-01-01T00:00:00Z", content)) for name, content in entries)


def _xls(grid: Grid) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(_SHEET_NAME)
    day, bold, usual = (
        xlwt.easyxf(num_format_str=_DAY_FORMAT),
        xlwt.easyxf("font: bold on"),
        xlwt.Style.default_style,
    )
    covered = set()
    for top, left, bottom, right in grid.merged:
        sheet.write_merge(top, bottom, left, right, grid.rows[top][left], bold)
        covered.add((top, left))
    for index, row in enumerate(grid.rows):
        for place, value in enumerate(map(_plain, row)):
            if value is not None and (index, place) not in covered:
                style = day if isinstance(value, date) else bold if index in grid.bold else usual
                sheet.write(index, place, value, style)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _csv(grid: Grid) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows([_text(value) for value in row] for row in grid.rows)
    return stream.getvalue().encode("utf-8-sig")


def _ods(grid: Grid) -> bytes:
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in grid.merged}
    rows = "".join(
        "<table:table-row>"
        + (
            "".join(_ods_cell(value, spans.get((index, place))) for place, value in enumerate(row))
            or _ods_cell(None, None)
        )
        + "</table:table-row>"
        for index, row in enumerate(grid.rows)
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMES} office:version="1.2">'
        f"<office:body><office:spreadsheet><table:table table:name={quoteattr(_SHEET_NAME)}>{rows}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/></manifest:manifest>'
    )
    return _zip(
        [
            ("mimetype", _ODS_TYPE.encode()),
            ("content.xml", content.encode()),
            ("META-INF/manifest.xml", manifest.encode()),
        ]
    )


def _ods_cell(value: Any, span: tuple[int, int] | None) -> str:
    value = _plain(value)
    spanned = (
        f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    )
    if value is None:
        return f"<table:table-cell{spanned}/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}{spanned}><text:p>{escape(_text(value))}</text:p></table:table-cell>"


def _zip(entries: Iterable[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries:
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, kind)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    """What a spreadsheet can hold."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _text(value: Any) -> str:
    """What a text file can hold."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return f"{value}".replace(".", ",") if isinstance(value, float) else str(value)
