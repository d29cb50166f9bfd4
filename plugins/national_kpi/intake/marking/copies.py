"""Copies of a received file that can be marked, from the most faithful to the plainest."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook

from national_kpi.intake.marking.findings import write_text
from national_kpi.intake.marking.notes import same_name
from national_kpi.intake.marking.package import Package
from national_kpi.intake.marking.xls import from_xls
from national_kpi.intake.reading.files import read_sheets
from national_kpi.intake.sheets import Sheet
from national_kpi.intake.text import visible

ROWS_MARKED = 20_000
"""In larger sheets no cell is marked: opening and writing them takes longer than its use."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROW = re.compile(rb"<(?:\w+:)?(?:row|table-row)[\s>/]")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml|content\.xml", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31


class TooLargeError(Exception):
    """A sheet has more rows than are marked."""


@dataclass(frozen=True)
class Copy:
    """A way to copy a file.

    Attributes:
        make: from the file's place and name to the bytes of an .xlsx workbook and, where sheets had to get
            other names, those by the names they had.
        remark: what is lost, in Vietnamese; empty when nothing is.
    """

    make: Callable[[Path, str], tuple[bytes, dict[str, str]]]
    remark: str = ""


def copies_of(path: Path) -> list[Copy]:
    """The ways to copy a file, the most faithful first.

    Raises:
        TooLargeError: it has too many rows for any.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            _check_size(len(_ROW.findall(archive.read(name))) for name in names if _SHEET.fullmatch(name))
        return [_AS_IT_IS, _WRITTEN_ANEW, _ROWS] if "[Content_Types].xml" in names else [_ROWS]
    if start.startswith(_OLE):
        return [_FROM_XLS, _ROWS]
    content = path.read_bytes()
    _check_size([content.count(b"\n"), content.count(b"\r"), content.count(b"{")])
    return [_ROWS]


def _check_size(counts: Iterable[int]) -> None:
    if max(counts, default=0) > ROWS_MARKED:
        raise TooLargeError


def _as_it_is(path: Path, _: str) -> tuple[bytes, dict[str, str]]:
    return path.read_bytes(), {}


def _written_anew(path: Path, _: str) -> tuple[bytes, dict[str, str]]:
    with warnings.catch_warnings(action="ignore"):  # that the library leaves parts out is what it is used for
        return _saved(
            load_workbook(io.BytesIO(path.read_bytes()), keep_vba=False, keep_links=False, rich_text=True)
        ), {}


def _from_xls(path: Path, _: str) -> tuple[bytes, dict[str, str]]:
    book = from_xls(path)
    _check_size(sheet.max_row for sheet in book.worksheets)
    return _saved(book), {}


def _rows(path: Path, file_name: str) -> tuple[bytes, dict[str, str]]:
    sheets = read_sheets(path, file_name)
    _check_size(sheet.height for sheet in sheets)
    book, names = Workbook(), dict[str, str]()
    book.remove(book.active)
    for sheet in sheets:
        name = _free_name(sheet.name, book.sheetnames)
        names[same_name(sheet.name)] = name
        _write_rows(book, name, sheet)
    return _saved(book), names


def _write_rows(book: Workbook, name: str, sheet: Sheet) -> None:
    made = book.create_sheet(name)
    if sheet.is_hidden:
        made.sheet_state = "hidden"
    widths: dict[int, int] = {}
    for row_number, row in enumerate(sheet.rows(), start=1):
        for column, held in enumerate(row, start=1):
            if held is None:
                continue
            cell = made.cell(row_number, column)
            if isinstance(held, bool | int | float | Decimal | date | time | timedelta):
                cell.value = held.replace(tzinfo=None) if isinstance(held, datetime | time) else held
                if isinstance(held, date):
                    cell.number_format = "dd/mm/yyyy"
            else:
                write_text(cell, visible(held))
            if row_number <= 200:
                widths[column] = max(widths.get(column, 8), min(40, len(str(held)) + 2))
    for column, width in widths.items():
        made.column_dimensions[made.cell(1, column).column_letter].width = width
    for (top, left), (bottom, right) in sheet.merged:
        made.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


def _free_name(name: str, taken: Iterable[str]) -> str:
    """A name as Excel allows it for a sheet: short, without some signs, and only once."""
    plain = _NOT_IN_NAMES.sub("-", visible(name)).strip("' ")[:_LONGEST_NAME] or "Trang tính"
    used = {one.casefold() for one in taken}
    candidates = [plain, *(f"{plain[: _LONGEST_NAME - 5]} ({n})" for n in range(2, len(used) + 2))]
    return next(one for one in candidates if one.casefold() not in used)


def _saved(book: Workbook) -> bytes:
    if not any(sheet.sheet_state == "visible" for sheet in book.worksheets):
        book.worksheets[0].sheet_state = "visible"
    written = io.BytesIO()
    book.save(written)
    package = Package.read(written.getvalue())
    package.forget_when_written()
    return package.saved()


_AS_IT_IS = Copy(_as_it_is)
_WRITTEN_ANEW = Copy(
    _written_anew,
    "Bản đánh dấu này không có hình vẽ, biểu đồ, macro và đối tượng nhúng của tệp gốc; ô và định dạng được"
    " giữ nguyên.",
)
_FROM_XLS = Copy(
    _from_xls,
    "Bản đánh dấu này được chuyển từ tệp .xls: giữ định dạng ô; công thức được thay bằng kết quả; không có"
    " hình vẽ, biểu đồ và chú thích của tệp gốc.",
)
_ROWS = Copy(
    _rows, "Bản đánh dấu này chỉ có nội dung các ô như hệ thống đọc được, không có định dạng của tệp gốc."
)
