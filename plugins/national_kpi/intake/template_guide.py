"""The sheets beside a form: how to fill it in and send it, and where to explain what looks odd."""

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.body import ORDINAL
from national_kpi.intake.outcomes import OUTCOMES, SEVERITIES_VI
from national_kpi.intake.template import Template
from national_kpi.intake.template_style import GIVEN, GRID, REQUIRED, protect, put, set_up_page

GUIDE = "Hướng dẫn"
EXPLANATIONS = "Giải trình"

_HEADERS = (
    "Số cột",
    "Tên cột trong biểu",
    "Loại dữ liệu",
    "Bắt buộc",
    "Yêu cầu và cách ghi",
    "Chọn một trong",
)
_WIDTHS = (9, 34, 18, 11, 52, 40)
EXPLANATION_HEADERS = ("Ô", "Mã quy tắc", "Trang tính", "Nội dung giải trình")
_EXPLANATION_WIDTHS = (10, 16, 16, 90)
_EXPLANATION_ROWS = 15
_MOST_CHOICES = 10
_TYPES = {
    "integer": "Số nguyên",
    "decimal": "Số",
    "text": "Chữ",
    "code": "Mã",
    "enum": "Chọn từ danh sách",
    "yes_no": "Có hoặc Không",
    "date": "Ngày/tháng/năm",
    "agency": "Tên cơ quan, đơn vị",
    "printed_value": "Giá trị như nguồn",
}


def add_guide(book: Workbook, template: Template) -> None:
    """Add the sheet that says how to fill in the form, column by column, and what happens to it."""
    sheet = book.create_sheet(GUIDE)
    _set_widths(sheet, _WIDTHS)
    last = len(_WIDTHS)
    put(
        sheet, 1, 1, f"HƯỚNG DẪN GHI BIỂU {template.form.form_code}", last=last, bold=True, size=14,
        align="center",
    )  # fmt: skip
    put(sheet, 2, 1, template.form.description_vi, last=last, italic=True, align="center")
    row = 3
    for line in _text(template):
        is_title = line.startswith("# ")
        row += 2 if is_title else 1
        put(sheet, row, 1, line[2:] if is_title else f"– {line}", last=last, bold=is_title)
    row = _add_columns(sheet, template, row + 2)
    _add_codes(sheet, template, row + 1)
    protect(sheet)
    set_up_page(sheet, f"Hướng dẫn ghi biểu {template.form.form_code}")


def add_explanations(book: Workbook) -> None:
    """Add the sheet that takes explanations of warnings, for forms that have no column for them."""
    sheet = book.create_sheet(EXPLANATIONS)
    _set_widths(sheet, _EXPLANATION_WIDTHS)
    for column, text in enumerate(EXPLANATION_HEADERS, start=1):
        put(sheet, 1, column, text, bold=True, align="center", fill=REQUIRED, grid=True)
        for row in range(2, 2 + _EXPLANATION_ROWS):
            cell = sheet.cell(row, column)
            cell.border = GRID
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    set_up_page(sheet, EXPLANATIONS)


def _text(template: Template) -> Iterator[str]:
    """The lines of the guide; those that begin with `# ` are titles."""
    explanation = next((one for one in template.columns if one.column_name == "explanation"), None)
    text = (
        _environment()
        .get_template("huong-dan-bieu.txt.j2")
        .render(
            form=template.form,
            prefilled=bool(template.prefilled),
            totalled=bool(template.totalled),
            nil_header=nil_column(template).header_vi if template.form.may_be_nil else None,
            file_name=template.file_name,
            folder=template.folder,
            outcomes=[f"“{outcome.name_vi}”" for outcome in OUTCOMES.values()],
            severities=SEVERITIES_VI,
            explanation_header=explanation and explanation.header_vi,
            explanations=EXPLANATIONS,
        )
    )
    yield from filter(None, text.splitlines())


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("national_kpi.intake", "."),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),  # of HTML only: this is text for spreadsheet cells
    )


def nil_column(template: Template) -> FormColumn:
    """Where to write that nothing happened: the first column that takes any text."""
    free = (
        column
        for column in template.columns
        if column.data_type in ("text", "code", "agency")
        and (column.column_name not in template.choices or column.data_type == "agency")
    )
    return next(free)


def _add_columns(sheet: Worksheet, template: Template, row: int) -> int:
    put(sheet, row, 1, "5. Các cột của biểu", last=len(_WIDTHS), bold=True)
    row += 1
    for column, text in enumerate(_HEADERS, start=1):
        put(sheet, row, column, text, bold=True, align="center", fill=REQUIRED, grid=True)
    for number, one in enumerate(template.columns, start=1):
        row += 1
        for column, text in enumerate(_about(template, one, number), start=1):
            align = "center" if column in (1, 4) else "left"
            put(sheet, row, column, text, align=align, grid=True)
    return row + 1


def _about(template: Template, column: FormColumn, number: int) -> tuple[str, ...]:
    """A column's line in the table of columns."""
    choices = [choice.value for choice in template.choices.get(column.column_name, ())]
    listed = (
        "; ".join(choices) if len(choices) <= _MOST_CHOICES else "Danh sách thả xuống; xem danh mục dưới đây"
    )
    notes = " ".join(f"{text.removesuffix('.')}." for text in (column.constraint_text, column.note) if text)
    if column.column_name == ORDINAL:
        notes = "Ghi số thứ tự dòng, hoặc để trống."
    required = "Có" if column.is_required else "Không"
    return (
        f"({number})",
        column.header_vi.replace(" > ", " – "),
        _TYPES[column.data_type],
        required,
        notes,
        listed,
    )


def _add_codes(sheet: Worksheet, template: Template, row: int) -> None:
    """The lists of codes that are too long for the table of columns, with what each code means."""
    number = 5
    for column in template.columns:
        choices = template.choices.get(column.column_name, ())
        if len(choices) <= _MOST_CHOICES:
            continue
        number += 1
        put(sheet, row, 1, f"{number}. Danh mục của cột “{column.header_vi}”", last=len(_WIDTHS), bold=True)
        for choice in choices:
            row += 1
            put(sheet, row, 1, choice.value, last=2, grid=True, fill=GIVEN)
            put(sheet, row, 3, choice.meaning, last=len(_WIDTHS), grid=True)
        row += 2


def _set_widths(sheet: Worksheet, widths: tuple[int, ...]) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
