"""Drawing an agency's empty form as an Excel workbook."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.body import ORDINAL
from national_kpi.intake.template import Template
from national_kpi.intake.template_guide import add_explanations, add_guide
from national_kpi.intake.template_style import (
    FONT,
    GIVEN,
    GRID,
    OPTIONAL,
    REQUIRED,
    height,
    protect,
    put,
    raise_row,
    set_up_page,
)

LISTS = "_DanhSach"
"""The hidden sheet that drop-downs take their values from."""

_NUMBER_FORMATS = {"integer": "#,##0", "decimal": "#,##0", "date": "dd/mm/yyyy"}
_WIDTHS = {
    "integer": 10.0,
    "decimal": 16.0,
    "date": 12.0,
    "yes_no": 8.5,
    "agency": 18.0,
    "printed_value": 18.0,
}
_CENTRED = ("enum", "yes_no", "date", "code")
_NARROWEST = 130.0
"""Width that fills a page; narrower forms are stretched to it."""

_ENTRY_FONT = Font(FONT, 11)
_OLDEST_DAY = 36526  # 01/01/2000 as Excel counts days


def write_template(template: Template, path: Path) -> None:
    """Write the form to an Excel file.

    Args:
        template: what the form holds.
        path: where to; an existing file is replaced.
    """
    book = Workbook()
    book.properties.creator = "Hệ thống báo cáo chỉ số quốc gia"
    book.properties.title = f"{template.form.form_code} – {template.form.name_vi}"
    sheet = book.worksheets[0]
    sheet.title = template.form.form_code
    _Drawing(template, book, sheet).draw()
    if not any(column.column_name == "explanation" for column in template.columns):
        add_explanations(book)
    add_guide(book, template)
    book.move_sheet(LISTS, len(book.sheetnames))
    book.save(path)


class _Drawing:
    """The sheet with the form itself. Rows and columns count from 1, as openpyxl has it."""

    def __init__(self, template: Template, book: Workbook, sheet: Worksheet) -> None:
        self._template = template
        self._book = book
        self._sheet = sheet
        self._width = len(template.columns)
        self._widths = _column_widths(template)
        self._depth = max(map(len, template.headers))
        self._top = 8
        self._numbers = self._top + self._depth
        self._first = self._numbers + 1
        self._last = self._numbers + template.rows_count

    def draw(self) -> None:
        """Draw everything."""
        for number, width in enumerate(self._widths, start=1):
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        self._draw_heading()
        self._draw_header()
        self._draw_rows()
        below = self._last + 1
        if self._template.totalled:
            self._draw_total(below)
            below += 1
        self._draw_signatures(below + 1)
        self._add_validations()
        self._set_up()

    def _halves(self) -> tuple[int, int]:
        """The last column of the left half and the first of the right half, by width."""
        total, so_far = sum(self._widths), 0.0
        for number, width in enumerate(self._widths[:-1], start=1):
            so_far += width
            if so_far >= 0.4 * total:
                return number, number + 1
        return self._width - 1, self._width

    def _draw_heading(self) -> None:
        template, (left, right) = self._template, self._halves()
        form, end = template.form, self._width
        self._line(1, 1, left, template.agency.name_vi.upper(), bold=True)
        self._line(1, right, end, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True)
        self._line(2, 1, left, f"Biểu mẫu: {form.form_code} (phiên bản {form.version})")
        self._line(2, right, end, "Độc lập - Tự do - Hạnh phúc", bold=True, underline=True)
        self._line(4, 1, end, form.name_vi.upper(), bold=True, size=14)
        self._line(5, 1, end, template.period_line, italic=True)
        self._line(6, 1, left, f"Cơ quan báo cáo: {template.agency.name_vi}", align="left")
        self._line(6, right, end, f"Mã định danh: {template.agency.agency_code}", align="right")
        legend = "Tiêu đề nền xanh: cột bắt buộc; nền xám: cột ghi nếu có"
        self._line(7, 1, left, legend, italic=True, size=10, align="left")
        if template.unit:
            self._line(7, right, end, f"Đơn vị tính: {template.unit}", italic=True, align="right")

    def _line(
        self,
        row: int,
        first: int,
        last: int,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        size: int = 12,
        align: str = "center",
    ) -> None:
        """A line above or below the table, over the columns from `first` to `last`."""
        put(
            self._sheet, row, first, text,
            last=last, bold=bold, italic=italic, underline=underline, size=size, align=align,
        )  # fmt: skip

    def _draw_header(self) -> None:
        for row, first, last_row, last, text in _header_cells(self._template.headers):
            cell = self._sheet.cell(self._top + row, first + 1, text)
            if (last_row, last) != (row, first):
                self._sheet.merge_cells(
                    start_row=self._top + row,
                    start_column=first + 1,
                    end_row=self._top + last_row,
                    end_column=last + 1,
                )
            required = any(one.is_required for one in self._template.columns[first : last + 1])
            for covered_row in range(row, last_row + 1):
                for covered in range(first, last + 1):
                    place = self._sheet.cell(self._top + covered_row, covered + 1)
                    place.border = GRID
                    place.fill = REQUIRED if required else OPTIONAL
            cell.font = Font(FONT, 11, b=True)
            cell.alignment = Alignment("center", "center", wrap_text=True)
            needed = height(text, sum(self._widths[first : last + 1]), 1.1) / (last_row - row + 1)
            for covered_row in range(row, last_row + 1):
                raise_row(self._sheet, self._top + covered_row, needed)
        for number, text in enumerate(self._template.column_numbers, start=1):
            cell = self._sheet.cell(self._numbers, number, text)
            cell.font = Font(FONT, 9, i=True)
            cell.alignment = Alignment("center", "center", wrap_text=True)
            cell.border = GRID
            raise_row(self._sheet, self._numbers, height(text, self._widths[number - 1], 9 / 11))

    def _draw_rows(self) -> None:
        for row in range(self._first, self._last + 1):
            index = row - self._first
            known = self._template.prefilled[index] if index < len(self._template.prefilled) else {}
            for number, column in enumerate(self._template.columns, start=1):
                cell = self._sheet.cell(row, number)
                self._dress(cell, column)
                text = known.get(column.column_name)
                if known and column.column_name == ORDINAL:
                    cell.value = index + 1
                elif text is not None:
                    cell.value = text
                    if column.column_name in self._template.given:
                        cell.fill = GIVEN
                        cell.protection = Protection(locked=True)
                    raise_row(self._sheet, row, height(text, self._widths[number - 1]))
            # A row may only be deleted where all of its cells are unlocked, those beside the form too.
            if not known:
                self._sheet.row_dimensions[row].protection = Protection(locked=False)

    def _dress(self, cell: Cell, column: FormColumn) -> None:
        """Give an entry cell the look of its column."""
        is_ordinal = column.column_name == ORDINAL
        is_number = column.data_type in ("integer", "decimal") and not is_ordinal
        is_choice = is_ordinal or column.data_type in ("enum", "yes_no")
        align = "right" if is_number else "center" if is_ordinal or column.data_type in _CENTRED else "left"
        cell.font = _ENTRY_FONT
        cell.border = GRID
        cell.alignment = Alignment(
            align, "center", wrap_text=not is_number, indent=1 if align == "left" else 0
        )
        # Codes and printed values stay text: a spreadsheet would turn 1.10 into a number and 4/6 into a day.
        number_format = _NUMBER_FORMATS.get(column.data_type, "@")
        cell.number_format = "General" if is_choice else number_format
        cell.protection = Protection(locked=False)

    def _draw_total(self, row: int) -> None:
        summed = [column.column_name in self._template.totalled for column in self._template.columns]
        for number, is_summed in enumerate(summed, start=1):
            cell = self._sheet.cell(row, number)
            cell.border = GRID
            cell.fill = GIVEN
            cell.font = Font(FONT, 11, b=True)
            cell.alignment = Alignment("right" if is_summed else "center", "center")
            if is_summed:
                letter = get_column_letter(number)
                # From the row of column numbers, which are text, down to here, wherever rows are inserted.
                above = f"{letter}{self._numbers}:INDEX({letter}:{letter},ROW()-1)"
                cell.value = f'=IF(COUNT({above})=0,"",SUM({above}))'
                cell.number_format = _NUMBER_FORMATS["integer"]
        self._sheet.cell(row, 1).value = "Tổng cộng"
        if (first := summed.index(True)) > 1:
            self._sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=first)

    def _draw_signatures(self, row: int) -> None:
        left, right = self._halves()
        self._line(row, right, self._width, "……………, ngày …… tháng …… năm ………", italic=True)
        self._line(row + 1, 1, left, "NGƯỜI LẬP BIỂU", bold=True)
        self._line(row + 1, right, self._width, "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", bold=True)
        self._line(row + 2, 1, left, "(Ký, ghi rõ họ tên)", italic=True)
        self._line(row + 2, right, self._width, "(Ký, ghi rõ họ tên, đóng dấu)", italic=True)

    def _add_validations(self) -> None:
        lists = self._book.create_sheet(LISTS)
        lists.sheet_state = "hidden"
        places: dict[tuple[str, ...], str] = {}
        for number, column in enumerate(self._template.columns, start=1):
            values = tuple(choice.value for choice in self._template.choices.get(column.column_name, ()))
            if values and values not in places:
                letter = get_column_letter(len(places) + 1)
                for row, value in enumerate(values, start=1):
                    lists[f"{letter}{row}"] = value
                places[values] = f"{LISTS}!${letter}$1:${letter}${len(values)}"
            validation = _validation(self._template, column, places.get(values))
            if validation:
                letter = get_column_letter(number)
                validation.add(f"{letter}{self._first}:{letter}{self._last}")
                self._sheet.add_data_validation(validation)
            if column.data_type == "decimal":
                self._show_decimals(get_column_letter(number))

    def _show_decimals(self, letter: str) -> None:
        """Decimals where there are any: no number format shows them and leaves whole numbers bare."""
        style = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode="#,##0.######"))
        place = f"{letter}{self._first}"
        rule = FormulaRule([f"AND(ISNUMBER({place}),{place}<>INT({place}))"])
        rule.dxf = style
        self._sheet.conditional_formatting.add(f"{place}:{letter}{self._last}", rule)

    def _set_up(self) -> None:
        sheet = self._sheet
        key = next((n for n, c in enumerate(self._template.columns, 1) if c.is_key), 1)
        sheet.freeze_panes = sheet.cell(self._first, key + 1)
        sheet.sheet_format.defaultRowHeight = 18
        protect(sheet)
        set_up_page(sheet, self._template.file_name.removesuffix(".xlsx"))
        sheet.print_title_rows = f"{self._top}:{self._numbers}"


def _validation(template: Template, column: FormColumn, listed: str | None) -> DataValidation | None:
    """What a column's cells take: refused at once where nothing else can be right, else asked about."""
    expected = column.constraint_text or ""
    if listed:
        # Units and agencies may also be written in another way, or be missing from the catalogue.
        style = "warning" if column.data_type == "agency" else "stop"
        validation = DataValidation("list", formula1=listed, allow_blank=True, errorStyle=style)
        validation.error = "Đề nghị chọn một giá trị trong danh sách thả xuống."
    elif column.data_type == "date":
        # A spreadsheet set to another language takes `25/08/2022` for text, which is read all the same.
        validation = DataValidation(
            "date",
            operator="greaterThanOrEqual",
            formula1=str(_OLDEST_DAY),
            allow_blank=True,
            errorStyle="warning",
        )
        validation.error = "Đề nghị ghi theo dạng ngày/tháng/năm, ví dụ 25/08/2022."
        expected = expected or "Ghi theo dạng ngày/tháng/năm, ví dụ 25/08/2022."
    elif column.data_type in ("integer", "decimal") and column.column_name != ORDINAL:
        kind = "whole" if column.data_type == "integer" else "decimal"
        lowest = 0 if template.is_never_negative(column) else -(10**15)
        validation = DataValidation(
            kind, operator="greaterThanOrEqual", formula1=str(lowest), allow_blank=True, errorStyle="stop"
        )
        whole = "số nguyên không âm" if kind == "whole" else "một số"
        validation.error = f"Đề nghị ghi {whole}, không kèm chữ hoặc đơn vị tính."
    elif expected or column.note:
        validation = DataValidation(allow_blank=True)
    else:
        return None
    validation.errorTitle = "Giá trị chưa phù hợp"
    prompt = [expected, column.note or "", "" if column.is_required else "Không bắt buộc."]
    validation.promptTitle = textwrap.shorten(column.header_vi.split(" > ")[-1], 32, placeholder="…")
    validation.prompt = textwrap.shorten(
        " ".join(_sentence(text) for text in prompt if text), 250, placeholder="…"
    )
    validation.showInputMessage = bool(validation.prompt)
    validation.showErrorMessage = True
    return validation


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _header_cells(headers: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int, int, int, str]]:
    """Header cells as (row, column, last row, last column, text), from 0: a group stands over its columns."""
    depth = max(map(len, headers))
    for row in range(depth):
        column = 0
        while column < len(headers):
            header, last = headers[column], column
            if len(header) <= row:
                column += 1
                continue
            is_group = len(header) > row + 1
            while is_group and last + 1 < len(headers) and headers[last + 1][: row + 1] == header[: row + 1]:
                last += 1
            yield row, column, row if is_group else depth - 1, last, header[row]
            column = last + 1


def _column_widths(template: Template) -> list[float]:
    widths = [_column_width(template, column) for column in template.columns]
    stretch = max(_NARROWEST / sum(widths), 1.0)
    return [round(width * stretch, 1) for width in widths]


def _column_width(template: Template, column: FormColumn) -> float:
    """A width at which a column's usual content stands on one line, or a name on two or three."""
    if column.column_name == ORDINAL:
        return 5.5
    longest_word = max(len(word) for word in column.header_vi.split(" > ")[-1].split())
    choices = [len(choice.value) for choice in template.choices.get(column.column_name, ())]
    is_name = column.column_name.endswith("_name") or (column.is_key and column.data_type == "text")
    match column.data_type:
        case "enum" | "code" if choices:
            width = min(max(choices) * 0.85 + 3, 36.0)
        case "code":
            width = 15.0
        case "text":
            width = 30.0 if is_name else 14.0
        case kind:
            width = _WIDTHS.get(kind, 14.0)
    return max(width, longest_word * 1.2 + 1)
