"""The sheet that lists all findings of a receipt, without links and formulas."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from national_kpi.catalogue.tables import Severity
from national_kpi.intake.marking.notes import sorted_findings, weight
from national_kpi.intake.marking.styles import COLOURS
from national_kpi.intake.outcomes import FINDINGS_SHEET, SEVERITIES_VI
from national_kpi.intake.text import visible

_COLUMNS = (
    ("STT", 6), ("Mức độ", 14), ("Trang tính", 18), ("Ô", 10), ("Tìm thấy", 24), ("Yêu cầu", 28),
    ("Nội dung", 44), ("Cách xử lý", 44), ("Mã quy tắc", 14),
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FONT = "Times New Roman"
_LONGEST_CELL = 32_000  # Excel takes no more than 32,767 characters
_LINE = 15
_HIGHEST = 400  # points; Excel takes no more than 409
_THIN = Side(style="thin", color="808080")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_LEGEND = {
    "block": "phải sửa thì tệp mới được tiếp nhận",
    "warn": "đề nghị kiểm tra lại",
    "info": "để cơ quan biết",
}


def findings_workbook(body: Mapping[str, Any], remarks: Sequence[str]) -> Workbook:
    """A workbook that holds the findings sheet alone.

    Args:
        body: the receipt.
        remarks: what else the reader should know about this workbook.
    """
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = FINDINGS_SHEET
    for number, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = width
    _write_heading(sheet, body, remarks)
    top = sheet.max_row + 2
    for number, (header, _) in enumerate(_COLUMNS, start=1):
        cell = write_text(sheet.cell(top, number), header)
        cell.font, cell.border = Font(name=_FONT, size=11, bold=True), _GRID
        cell.fill = PatternFill("solid", fgColor="D9D9D9")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for count, finding in enumerate(sorted_findings(body), start=1):
        _write_finding(sheet, top + count, count, finding)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.print_title_rows = f"{top}:{top}"
    return book


def write_text(cell: Cell, text: str) -> Cell:
    """Write text into a cell so that no program ever takes it for a formula."""
    cell.value = text[:_LONGEST_CELL]
    cell.data_type = "s"
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def _write_heading(sheet: Worksheet, body: Mapping[str, Any], remarks: Sequence[str]) -> None:
    write_text(sheet.cell(1, 1), "KẾT QUẢ KIỂM TRA BÁO CÁO").font = Font(name=_FONT, size=14, bold=True)
    issued = datetime.fromisoformat(body["issued_at"])
    agency = body["agency_name"] or "chưa xác định"
    lines = [
        f"Biên nhận số {body['number']}, {issued:%H:%M ngày %d/%m/%Y}",
        f"Thư mục: {body['agency_code']} – {agency}",
        f"Tệp: {visible(body['file_name'])}",
        f"Kết quả: {body['outcome_text']}. {body['next_step']}",
        *remarks,
    ]
    for number, line in enumerate(lines, start=2):
        write_text(sheet.cell(number, 1), line).font = Font(name=_FONT, size=11)
    for number, (severity, meaning) in enumerate(_LEGEND.items(), start=len(lines) + 2):
        name: Severity = severity  # type: ignore[assignment]
        write_text(sheet.cell(number, 2), SEVERITIES_VI[name])
        write_text(sheet.cell(number, 3), f": {meaning}").font = Font(name=_FONT, size=11)
        _colour(sheet.cell(number, 2), name)


def _write_finding(sheet: Worksheet, row: int, count: int, finding: Mapping[str, Any]) -> None:
    place = finding["cell"] or (f"dòng {finding['row_number']}" if finding["row_number"] else "")
    explained = " (đã giải trình)" if finding.get("explanation") else ""
    texts = [
        finding["severity_text"] + explained, finding["sheet"], place, finding["found"], finding["expected"],
        finding["message"], finding["mend"], finding["rule_id"],
    ]  # fmt: skip
    sheet.cell(row, 1).value = count
    for number, text in enumerate(texts, start=2):
        write_text(sheet.cell(row, number), visible(text))
    for number in range(1, len(_COLUMNS) + 1):
        cell = sheet.cell(row, number)
        cell.font, cell.border, cell.alignment = Font(name=_FONT, size=11), _GRID, _WRAPPED
    _colour(sheet.cell(row, 2), weight(finding))
    lines = [ceil(len(text or "") / width) for text, (_, width) in zip(texts, _COLUMNS[1:], strict=True)]
    sheet.row_dimensions[row].height = min(_HIGHEST, _LINE * max(1, *lines))  # not every program adapts it


def _colour(cell: Cell, severity: Severity) -> None:
    cell.fill = PatternFill("solid", fgColor=COLOURS[severity])
    cell.font, cell.border, cell.alignment = Font(name=_FONT, size=11, bold=True), _GRID, _WRAPPED
