"""Workbooks of before 2007: `.xls`, an OLE container."""

import io
import re
import struct
from collections.abc import Iterator
from contextlib import suppress

import olefile
import xlrd

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.sheets import Cell, Grid, Place

START = olefile.MAGIC
_STREAMS = ("Workbook", "Book")
_ENCRYPTED = "EncryptedPackage"
_MACRO_STORAGES = ("_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA", "Macros")
_PASSWORD_RECORD, _SHEET_RECORD, _END_RECORD = 0x2F, 0x85, 0x0A
_MACRO_SHEET = 1
_DAMAGED = (OSError, struct.error, ValueError, IndexError, TypeError, RecursionError)
_ERRORS = re.compile(
    rb"\x05\x02\x08\x00.{6}[\x00\x07\x0f\x17\x1d\x24\x2a]\x01"  # a cell that holds an error
    rb"|\x06\x00..{7}\x02.[\x00\x07\x0f\x17\x1d\x24\x2a]...\xff\xff",  # a formula whose result is one
    re.DOTALL,
)


def look_over(content: bytes) -> bytes:
    """Refuse what must not be opened; gives back the stream that holds the workbook.

    Raises:
        UnreadableFileError: it is damaged or encrypted, or holds macros.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            names = {part for path in container.listdir(streams=True, storages=True) for part in path}
            if _ENCRYPTED in names:
                raise UnreadableFileError("READ-05")
            if names & set(_MACRO_STORAGES):
                raise UnreadableFileError("READ-06")
            stream = next((name for name in _STREAMS if container.exists(name)), None)
            if stream is None:
                raise UnreadableFileError("READ-11", found="tệp kiểu cũ (OLE) không phải là bảng tính")
            book: bytes = container.openstream(stream).read()
    except _DAMAGED as error:
        raise UnreadableFileError("READ-01") from error
    for kind, record in _records(book):
        if kind == _PASSWORD_RECORD:
            raise UnreadableFileError("READ-05")
        if kind == _SHEET_RECORD and record[5:6] == bytes([_MACRO_SHEET]):
            raise UnreadableFileError("READ-06")
    return book


def _records(book: bytes) -> Iterator[tuple[int, bytes]]:
    """The records that describe the workbook, before those of its sheets."""
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        if kind == _END_RECORD:
            return
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def may_hold_errors(book: bytes) -> bool:
    """Whether some cell may show an error such as `#DIV/0!`."""
    return _ERRORS.search(book) is not None


def open_book(content: bytes, *, with_formats: bool = False) -> xlrd.Book:
    """The workbook as xlrd reads it.

    Raises:
        UnreadableFileError: it is damaged or encrypted.
    """
    try:
        return xlrd.open_workbook(
            file_contents=content, formatting_info=with_formats, on_demand=False, logfile=io.StringIO()
        )
    except xlrd.XLRDError as error:
        raise UnreadableFileError("READ-05" if "encrypted" in str(error) else "READ-01") from error
    except Exception as error:  # xlrd lets struct, index and assertion errors through
        raise UnreadableFileError("READ-01") from error


def read_by_xlrd(content: bytes) -> list[Grid]:
    """The sheets as xlrd reads them.

    Raises:
        UnreadableFileError: the workbook is damaged or encrypted.
    """
    book = open_book(content)
    return [
        Grid(
            sheet.name,
            [[_value(book, cell) for cell in sheet.row(index)] for index in range(sheet.nrows)],
            is_hidden=sheet.visibility != 0,
        )
        for sheet in book.sheets()
    ]


def _value(book: xlrd.Book, cell: xlrd.sheet.Cell) -> Cell:
    held: Cell = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE:
        with suppress(ValueError, OverflowError):  # a number no calendar has stays a number
            held = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
        held = bool(cell.value)
    elif cell.ctype == xlrd.XL_CELL_ERROR:
        held = str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return held


def errors(content: bytes) -> dict[str, dict[Place, str]]:
    """Cells that show an error, by sheet and place.

    Raises:
        UnreadableFileError: the workbook is damaged.
    """
    book = open_book(content)
    return {
        sheet.name: {
            (row, column): str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
            for row in range(sheet.nrows)
            for column, cell in enumerate(sheet.row(row))
            if cell.ctype == xlrd.XL_CELL_ERROR
        }
        for sheet in book.sheets()
    }
