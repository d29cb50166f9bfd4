"""Helps to test marking: receipts with findings, workbooks as agencies make them, what a package holds."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from national_kpi.intake.marking import mark_workbook
from national_kpi.intake.outcomes import SEVERITIES_VI

SHEET = "Biểu F04"
SHEET_PART = "xl/worksheets/sheet1.xml"
RED = "00FFC7CE"
NAMES = {"x14": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"}
LIST_OF_NEWER_EXCEL = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="' + NAMES["x14"] + '">'
    '<x14:dataValidations count="1"><x14:dataValidation type="list"/></x14:dataValidations></ext></extLst>'
)


def finding(
    cell: str | None = "B5", severity: str = "block", *, row: int | None = None, **more: Any
) -> dict[str, Any]:
    """A finding as a receipt holds it."""
    row = row or (int("".join(filter(str.isdigit, cell))) if cell else None)
    return {
        "rule_id": "CELL-01", "severity": severity, "severity_text": SEVERITIES_VI[severity], "sheet": SHEET,
        "row_number": row, "column_name": "documents_sent", "column_header": "Văn bản đi", "cell": cell,
        "found": "mười", "expected": "số nguyên không âm", "message": "Giá trị không đọc được.",
        "mend": "Sửa lại ô.", **more,
    }  # fmt: skip


def receipt(*findings: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The part of a receipt that marking reads."""
    return {
        "number": 7, "issued_at": "2026-11-22T08:00:00+07:00", "agency_code": "G15",
        "agency_name": "Bộ Tư pháp", "file_name": "bao-cao.xlsx", "outcome_text": "Chưa được tiếp nhận",
        "next_step": "Đề nghị sửa.", "rows_understood": 3, "findings": list(findings), **more,
    }  # fmt: skip


def form_workbook(file: Path) -> Path:
    """A form with everything that makes it an agency's own: formats, formulas, lists, a note, a chart."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet["A1"] = "Biểu mẫu: F04"
    sheet["A1"].font = Font(name="Times New Roman", bold=True, size=14)
    sheet.merge_cells("A1:D1")
    thin = Side("thin")
    for row in range(3, 9):
        for column in range(1, 5):
            cell = sheet.cell(row, column, row * column)
            cell.border = Border(thin, thin, thin, thin)
            cell.number_format = "#,##0.00"
            cell.font = Font(name="Times New Roman", italic=True)
    sheet["B7"].value = None
    sheet["D8"] = "=SUM(D3:D7)"
    sheet["C5"].comment = Comment("Số liệu do Văn phòng cung cấp", "Chị Lan")
    sheet.column_dimensions["A"].width = 33
    sheet.row_dimensions[3].height = 40
    sheet.freeze_panes = "B4"
    sheet.print_area = "A1:D8"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation = "landscape"
    sheet.protection.sheet = True
    choices = DataValidation(type="list", formula1='"có,không"', sqref="C4:C8")
    sheet.add_data_validation(choices)
    rule = CellIsRule(operator="greaterThan", formula=["30"], fill=PatternFill("solid", bgColor="00FF00"))
    sheet.conditional_formatting.add("A3:D8", rule)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, max_col=2, min_row=3, max_row=8))
    sheet.add_chart(chart, "H3")
    other = book.create_sheet("Danh mục")
    other["A1"] = "có"
    other.print_area = "A1:A9"
    other.sheet_state = "hidden"
    book.save(file)
    return file


def repacked(file: Path, changes: Mapping[str, str | bytes | tuple[str, str]]) -> Path:
    """The same package with parts added, replaced, or (old text, new text) changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        if isinstance(change, tuple):
            old, new = (text.encode() for text in change)
            assert old in parts[name], f"{name} has no {change[0]}"
            parts[name] = parts[name].replace(old, new, 1)
        else:
            parts[name] = change if isinstance(change, bytes) else change.encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def parts_of(file: Path) -> dict[str, bytes]:
    """Every part of a package."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def marked(source: Path, *findings: Mapping[str, Any], remark: str = "", **more: Any) -> Path:
    """The marked copy of a file, beside it; it must be made in the way that `remark` says."""
    target = source.with_name(f"{source.stem}-danh-dau.xlsx")
    archived = source.with_name("0" * 64)  # as intake keeps it, without an ending
    archived.write_bytes(source.read_bytes())
    said = mark_workbook(archived, source.name, receipt(*findings, **more), target)
    assert remark in said if remark else said == ""
    return target


def opened(file: Path) -> Workbook:
    return load_workbook(file)


def listed(book: Workbook) -> list[Sequence[Any]]:
    """The rows of the findings sheet below its header."""
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    top = next(number for number, row in enumerate(rows) if row[0] == "STT")
    assert rows[top] == (
        "STT", "Mức độ", "Trang tính", "Ô", "Tìm thấy", "Yêu cầu", "Nội dung", "Cách xử lý", "Mã quy tắc"
    )  # fmt: skip
    return rows[top + 1 :]
