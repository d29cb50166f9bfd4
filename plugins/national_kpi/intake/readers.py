"""Opening received files: what lies in which cell, without knowing what it means."""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import xlrd
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.charsets import decode_text
from national_kpi.intake.legacy_fonts import show_legacy_text
from national_kpi.intake.sheets import Cell, Grid, Place, Sheet

ACCEPTED_TYPES = (".xlsx", ".xls", ".ods", ".csv")
_MAX_UNPACKED_BYTES = 2 * 1024**3
_MAX_CELLS = 20_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_DELIMITERS = ";,\t|"
_WITHOUT_VALUE = re.compile(rb'</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>|<f[^>]*/>\s*</c>|\bt="e"')
_WIDE_CELL = re.compile(rb'\br="([A-Z]{2,3})[0-9]{1,7}"')
_LAST_ROW = re.compile(rb'<row[^>]*\br="([0-9]{1,7})"')

_RESEND = "Mở lại tệp trên máy, lưu dưới dạng Excel (.xlsx) rồi gửi lại."
_SAVE_AS_XLSX = "Mở tệp bằng Excel, chọn “Lưu thành” với kiểu “Sổ làm việc Excel (.xlsx)” rồi gửi lại."


def read_sheets(path: Path, file_name: str) -> list[Sheet]:
    """Read every sheet of a file.

    Args:
        path: where the bytes are.
        file_name: the name it was sent under; its ending must be one of `ACCEPTED_TYPES`.

    Raises:
        UnreadableFileError: with a message and a remedy in Vietnamese, for the sender.
    """
    ending = Path(file_name).suffix.lower()
    if ending not in ACCEPTED_TYPES:
        raise UnreadableFileError(
            f"Kiểu tệp “{ending or file_name}” không được tiếp nhận.",
            where=file_name,
            remedy=f"Gửi tệp thuộc một trong các kiểu: {', '.join(ACCEPTED_TYPES)}.",
        )
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise UnreadableFileError(
            "Tệp rỗng, không có nội dung." if not start else "Tệp chỉ có khoảng trắng.",
            where=file_name,
            remedy="Kiểm tra tệp trên máy có số liệu rồi gửi lại; việc tải lên có thể đã bị gián đoạn.",
        )
    if start.startswith(b"PK\x03\x04"):
        grids = _read_zip(path, file_name)
    elif start.startswith(_OLE):
        grids = _read_ole(path, file_name)
    elif ending == ".csv":
        grids = [Grid(Path(file_name).stem, _read_csv(path.read_bytes(), file_name))]
    else:
        is_web_page = re.match(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype|html|table|\?xml)", start, re.IGNORECASE)
        raise UnreadableFileError(
            f"Tệp mang đuôi “{ending}” nhưng nội dung "
            + ("là một trang web (HTML/XML)." if is_web_page else "không phải là bảng tính."),
            where=file_name,
            remedy=_SAVE_AS_XLSX,
        )
    if start.startswith((b"PK\x03\x04", _OLE)):
        show_legacy_text(path, file_name, grids)
    sheets = [grid.to_sheet() for grid in grids]
    if all(sheet.is_empty for sheet in sheets):
        raise UnreadableFileError(
            "Tệp không có ô nào có dữ liệu.", where=file_name, remedy="Điền số liệu vào biểu mẫu rồi gửi lại."
        )
    return sheets


def damaged(file_name: str) -> UnreadableFileError:
    """What to tell the sender of a file that no program can open."""
    return UnreadableFileError(
        "Tệp bị hỏng hoặc tải lên chưa đầy đủ, không mở được.", where=file_name, remedy=_RESEND
    )


def _locked(file_name: str) -> UnreadableFileError:
    return UnreadableFileError(
        "Tệp được bảo vệ bằng mật khẩu, không mở được.",
        where=file_name,
        remedy="Bỏ mật khẩu (Tệp > Thông tin > Bảo vệ sổ làm việc) rồi gửi lại.",
    )


def _read_zip(path: Path, file_name: str) -> list[Grid]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            size = sum(entry.file_size for entry in archive.infolist())
            if size > _MAX_UNPACKED_BYTES or _spread(archive) > _MAX_CELLS:
                raise UnreadableFileError(
                    "Vùng dữ liệu của tệp quá lớn.",
                    where=file_name,
                    remedy="Xóa các hàng, cột thừa ở ngoài bảng rồi gửi lại, hoặc chia thành nhiều tệp.",
                )
            if not names & {"[Content_Types].xml", "content.xml"}:
                raise UnreadableFileError(
                    "Tệp nén không phải là bảng tính.", where=file_name, remedy=_SAVE_AS_XLSX
                )
            needs_overlay = any(
                _WITHOUT_VALUE.search(archive.read(name)) for name in names if _is_sheet(name)
            )
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise damaged(file_name) from error
    grids = _read_calamine(path, file_name)
    if needs_overlay:
        _show_formulas_and_errors(path, grids)
    return grids


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/sheet") and name.endswith(".xml")


def _spread(archive: zipfile.ZipFile) -> int:
    """Cells in the largest rectangle any sheet spans: the reader would hold them all in memory."""
    largest = 0
    for name in filter(_is_sheet, archive.namelist()):
        content = archive.read(name)
        wide = {match[1] for match in _WIDE_CELL.finditer(content)}
        columns = max((column_index_from_string(letters.decode()) for letters in wide), default=26)
        rows = max((int(match[1]) for match in _LAST_ROW.finditer(content)), default=0)
        largest = max(largest, columns * rows)
    return largest


def _read_ole(path: Path, file_name: str) -> list[Grid]:
    if _ENCRYPTED_STREAM in path.read_bytes():
        raise _locked(file_name)
    try:
        return _read_calamine(path, file_name)
    except UnreadableFileError as refused:
        # Old writers produce files that only one of the two libraries can read.
        try:
            book = xlrd.open_workbook(str(path), on_demand=False)
        except xlrd.XLRDError as error:
            raise (_locked(file_name) if "encrypted" in str(error) else refused) from error
        except Exception as error:  # xlrd lets struct, index and assertion errors through
            raise refused from error
        return [_from_xlrd(book, sheet) for sheet in book.sheets()]


def _from_xlrd(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Grid:
    def value(cell: xlrd.sheet.Cell) -> Cell:
        held: Cell = cell.value
        if cell.ctype == xlrd.XL_CELL_DATE:
            held = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
        elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
            held = bool(cell.value)
        elif cell.ctype == xlrd.XL_CELL_ERROR:
            held = str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
        return held

    rows = [[value(cell) for cell in sheet.row(index)] for index in range(sheet.nrows)]
    return Grid(sheet.name, rows, is_hidden=sheet.visibility != 0)


def _read_calamine(path: Path, file_name: str) -> list[Grid]:
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:  # by content, not by name
            grids = []
            for meta in book.sheets_metadata:
                sheet = book.get_sheet_by_name(meta.name)
                rows: list[list[Cell]] = [[*row] for row in sheet.to_python(skip_empty_area=False)]
                hidden = meta.visible != SheetVisibleEnum.Visible
                grids.append(Grid(meta.name, rows, list(sheet.merged_cell_ranges or []), hidden))
            return grids
    except PasswordError as error:
        raise _locked(file_name) from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(file_name) from error
    except BaseException as error:
        if type(error).__module__ == "pyo3_runtime":  # the library's own crash on a malformed file
            raise damaged(file_name) from error
        raise


def _show_formulas_and_errors(path: Path, grids: list[Grid]) -> None:
    """Fill cells that look empty to calamine: `#DIV/0!`, and formulas saved without their result."""
    content = path.read_bytes()  # by content: the archive's names have no ending, which openpyxl looks at
    values = load_workbook(io.BytesIO(content), data_only=True)
    formulas = load_workbook(io.BytesIO(content))
    for grid in grids:
        if grid.name not in values.sheetnames:
            continue
        for row_index, row in enumerate(grid.rows):
            for column_index, cell in enumerate(row):
                if cell is None or cell == "":
                    place = {"row": row_index + 1, "column": column_index + 1}
                    value = values[grid.name].cell(**place).value
                    shown = formulas[grid.name].cell(**place).value if value is None else value
                    row[column_index] = None if shown is None else str(shown)


def _read_csv(content: bytes, file_name: str) -> list[list[Cell]]:
    text = decode_text(content, file_name)
    delimiter = max(_DELIMITERS, key=lambda candidate: _regularity(text, candidate))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise damaged(file_name) from error
    return [list(row) for row in rows]


def _regularity(text: str, delimiter: str) -> int:
    """How much of the text a delimiter cuts into rows of one width."""
    sample = io.StringIO(text[:100_000], newline="")
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if any(row))
    except csv.Error:
        return 0
    return max((count * (width - 1) for width, count in widths.items()), default=0)


def percent_decimals(path: Path, sheet_name: str, places: set[Place]) -> dict[Place, int]:
    """Which of these number cells are shown as a percentage, and with how many decimals.

    Only `.xlsx` and `.xls` keep this where it can be read; for other files the answer is empty.
    """
    with path.open("rb") as file:
        start = file.read(8)
    formats: dict[Place, str] = {}
    if start.startswith(_OLE):
        book = xlrd.open_workbook(str(path), formatting_info=True)
        sheet = book.sheet_by_name(sheet_name)
        for row, column in places:
            style = book.xf_list[sheet.cell_xf_index(row, column)]
            formats[row, column] = book.format_map[style.format_key].format_str
    elif start.startswith(b"PK") and zipfile.ZipFile(path).namelist().count("xl/workbook.xml"):
        worksheet = load_workbook(io.BytesIO(path.read_bytes()))[sheet_name]
        for row, column in places:
            formats[row, column] = worksheet.cell(row + 1, column + 1).number_format
    shown = {place: re.search(r"0(?:[.,](0+))?\s*%", code) for place, code in formats.items()}
    return {place: len(match[1] or "") for place, match in shown.items() if match}
