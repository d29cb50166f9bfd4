"""An agency's empty form: what it holds, and that it is accepted once it is filled in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from national_kpi.agencies import in_scope
from national_kpi.catalogue import Catalogue
from national_kpi.errors import TemplateError
from national_kpi.intake.examine import Examination
from national_kpi.intake.forms import FormFinder
from national_kpi.intake.header import read_file_name, read_heading, read_period
from national_kpi.intake.locate import find_tables
from national_kpi.intake.pipeline import check_file
from national_kpi.intake.reading.files import read_sheets
from national_kpi.intake.template import Template, plan_template
from national_kpi.intake.template_guide import EXPLANATIONS, GUIDE, nil_column
from national_kpi.intake.template_workbook import LISTS, write_template
from national_kpi.periods import NAMED_KINDS, Period, named_period, parse_period, period_of
from tests.unit.intake.conftest import TODAY
from tests.unit.intake.workbooks import GOOD_ROWS

Examine = Callable[..., Examination]

FORMS = tuple(GOOD_ROWS)
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def publisher_or(form_code: str, agency_code: str) -> str:
    return "G22" if form_code == "F07" else agency_code


def plan(catalogue: Catalogue, form_code: str, agency_code: str, period: str, **more: Any) -> Template:
    return plan_template(catalogue, form_code, agency_code, parse_period(period), TODAY, **more)


def written(template: Template, folder: Path) -> Path:
    file = folder / template.file_name
    write_template(template, file)
    return file


def first_row(sheet: Worksheet) -> int:
    """The first row for figures, below the row that numbers the columns."""
    return next(row[0].row + 1 for row in sheet.iter_rows() if row[0].value == "(1)")


def fill_in(file: Path, template: Template, rows: list[Mapping[str, Any]]) -> None:
    """Write figures as an officer would: into the row that is prefilled for them, else into an empty one."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    names = [column.column_name for column in template.columns]
    first = first_row(sheet)
    for offset, figures in enumerate(rows):
        place = next(
            (
                index
                for index, known in enumerate(template.prefilled)
                if any(figures.get(name) == text for name, text in known.items())
            ),
            len(template.prefilled) + offset,
        )
        for number, name in enumerate(names, start=1):
            if figures.get(name) is not None:
                sheet.cell(first + place, number).value = figures[name]
    book.save(file)


def rules(examination: Examination, *severities: str) -> list[str]:
    wanted = severities or ("block", "warn", "info")
    return [one.rule_id for one in examination.problems if one.severity in wanted]


@pytest.mark.parametrize("form_code", FORMS)
def test_a_form_that_is_filled_in_gets_a_receipt_without_a_warning(
    catalogue: Catalogue, tmp_path: Path, form_code: str
) -> None:
    template = plan(catalogue, form_code, publisher_or(form_code, "G15"), "2022-M08")
    file = written(template, tmp_path)
    fill_in(file, template, [GOOD_ROWS[form_code]])
    result = check_file(catalogue, file, template.folder.agency_code, NOW)
    body = result.body
    assert [one["rule_id"] for one in body["findings"] if one["severity"] != "info"] == []
    assert result.outcome == "accepted"
    assert (body["form_code"], body["period_code"], body["rows_understood"]) == (form_code, "2022-M08", 1)
    assert body["reported_by_name"] == template.agency.name_vi


@pytest.mark.parametrize(
    ("agency_code", "period"), [("H05", "2025-Q3"), ("H02", "2022-H2"), ("G04.X-CDK", "2022-M08G")]
)
@pytest.mark.parametrize("form_code", FORMS)
def test_forms_of_every_kind_of_agency_and_period_are_accepted(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, form_code: str, agency_code: str, period: str
) -> None:
    template = plan(catalogue, form_code, publisher_or(form_code, agency_code), period)
    file = written(template, tmp_path)
    fill_in(file, template, [GOOD_ROWS[form_code]])
    found = examine(file, template.folder.agency_code)
    assert (rules(found, "block", "warn"), found.outcome, found.rows_understood) == ([], "accepted", 1)
    assert (found.reporter, found.period and found.period.code) == (template.agency, period)


@pytest.mark.parametrize("form_code", FORMS)
def test_a_form_that_is_sent_as_handed_out_has_no_rows_and_no_other_fault(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, form_code: str
) -> None:
    template = plan(catalogue, form_code, publisher_or(form_code, "G04"), "2022-M08")
    found = examine(written(template, tmp_path), template.folder.agency_code)
    assert (found.outcome, rules(found, "block", "warn")) == ("rejected", ["FORM-06"])


@pytest.mark.parametrize("form_code", FORMS)
def test_nothing_to_report_is_said_where_the_guide_says(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, form_code: str
) -> None:
    template = plan(catalogue, form_code, publisher_or(form_code, "G04"), "2022-M08")
    file, column = written(template, tmp_path), nil_column(template)
    fill_in(file, template, [{column.column_name: "Không phát sinh"}])
    found = examine(file, template.folder.agency_code)
    assert (found.outcome, found.is_nil) == (
        ("accepted", True) if template.form.may_be_nil else ("rejected", False)
    )
    guide = openpyxl.load_workbook(file)[GUIDE]
    lines = [str(row[0]) for row in guide.iter_rows(values_only=True)]
    assert any("“Không phát sinh”" in line for line in lines) == template.form.may_be_nil


def test_a_doubt_is_explained_on_the_sheet_that_the_form_brings_along(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    template = plan(catalogue, "F08", "G15", "2022-M08")
    file = written(template, tmp_path)
    fill_in(file, template, [GOOD_ROWS["F08"] | {"procedure_code": "LLTP-01"}])
    (doubt,) = [one for one in examine(file).problems if one.severity == "warn"]
    book = openpyxl.load_workbook(file)
    for column, text in enumerate((doubt.cell, None, doubt.sheet, "Hồ sơ có gia hạn theo quy định"), start=1):
        book[EXPLANATIONS].cell(2, column).value = text
    book.save(file)
    found = examine(file)
    assert [one.explanation for one in found.problems] == ["Hồ sơ có gia hạn theo quy định"]
    assert found.outcome == "accepted"


PERIODS = ["2022-M08", "2022-M08G", "2022-Q3", "2022-Q3G", "2022-H1", "2022-H2G", "2022-Y", "2022-YG",
           "2022-01-01..2022-08-22", "2022-08-05..2022-08-05", "..2022-08-22"]  # fmt: skip


@pytest.mark.parametrize("period", PERIODS)
def test_period_agency_and_form_are_read_back_as_written(
    catalogue: Catalogue, tmp_path: Path, period: str
) -> None:
    file = written(plan(catalogue, "F06", "H05", period), tmp_path)
    sheet = read_sheets(file, file.name)[0]
    heading = read_heading(sheet, 8)
    assert (heading.form_code, heading.agency) == ("F06", "UBND tỉnh Bắc Ninh")
    assert heading.period is not None
    assert heading.period.code == period
    name = read_file_name(file.name, set(FORMS))
    assert name.period is not None
    assert (name.form_code, name.period.code) == ("F06", period)


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
NAMED = st.builds(
    lambda kind, year, number: named_period(
        kind, year, number % {"month": 12, "quarter": 4, "half": 2, "year": 1}[kind.removesuffix("_gov")] + 1
    ),
    st.sampled_from(NAMED_KINDS),
    st.integers(2000, 2099),
    st.integers(0, 11),
)
WINDOWS = st.tuples(DAYS, DAYS).map(lambda days: period_of(min(days), max(days)))


@given(st.one_of(NAMED, WINDOWS, DAYS.map(lambda day: period_of(None, day))))
def test_every_period_line_is_read_back_as_that_period(catalogue: Catalogue, period: Period) -> None:
    template = plan_template(catalogue, "F06", "G15", period, TODAY)
    words = template.period_line.removeprefix("Kỳ báo cáo: ")
    read = read_period(words)
    assert read is not None
    assert read.code == period.code


@pytest.mark.parametrize("form_code", FORMS)
def test_only_the_first_sheet_is_taken_for_the_form(
    catalogue: Catalogue, tmp_path: Path, form_code: str
) -> None:
    file = written(plan(catalogue, form_code, publisher_or(form_code, "G04"), "2022-M08"), tmp_path)
    sheets, finder = read_sheets(file, file.name), FormFinder(catalogue)
    tables, noticed = find_tables(catalogue, finder, sheets, None)
    assert ([table.sheet.name for table in tables], noticed) == ([form_code], [])
    assert [sheet.name for sheet in sheets if finder.find(sheet)] == [form_code]
    assert [sheet.name for sheet in sheets if sheet.is_hidden] == [LISTS]
    has_column = any(c.column_name == "explanation" for c in catalogue.columns_of(form_code))
    assert [sheet.name for sheet in sheets] == [
        form_code,
        *([] if has_column else [EXPLANATIONS]),
        GUIDE,
        LISTS,
    ]


@pytest.mark.parametrize("form_code", FORMS)
def test_the_table_holds_every_column_of_the_catalogue_in_its_order(
    catalogue: Catalogue, tmp_path: Path, form_code: str
) -> None:
    file = written(plan(catalogue, form_code, publisher_or(form_code, "G15"), "2022-M08"), tmp_path)
    table = FormFinder(catalogue).find(read_sheets(file, file.name)[0])
    assert table is not None
    assert table.columns == {c.column_name: i for i, c in enumerate(catalogue.columns_of(form_code))}
    assert (table.ignored, table.doubled) == ([], [])


def test_the_official_form_has_its_three_row_header_and_the_sums_in_its_column_numbers(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    sheet = openpyxl.load_workbook(written(plan(catalogue, "F03", "G15", "2022-M08"), tmp_path)).worksheets[0]
    numbers = [cell.value for cell in sheet[first_row(sheet) - 1]]
    assert numbers == [
        "(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)",
        "(11)=(12)+(13)", "(12)", "(13)",
    ]  # fmt: skip
    top = first_row(sheet) - 4
    merged = {str(one) for one in sheet.merged_cells.ranges if top <= one.min_row < top + 3}
    assert merged == {
        f"A{top}:A{top + 2}", f"B{top}:B{top + 2}", f"C{top}:F{top}", f"G{top}:J{top}", f"K{top}:M{top}",
        f"D{top + 1}:E{top + 1}", *(f"{letter}{top + 1}:{letter}{top + 2}" for letter in "CFGHIJKLM"),
    }  # fmt: skip
    assert sheet.cell(7, 13).value is None
    assert any(cell.value == "Đơn vị tính: hồ sơ" for cell in sheet[7])


def test_a_ministry_is_asked_for_its_elements_its_tasks_and_its_units(catalogue: Catalogue) -> None:
    asked = [row["element_code"] for row in plan(catalogue, "F01", "G15", "2022-M08").prefilled]
    ministry = catalogue.agency("G15@0001-01-01")
    assert asked == [e.element_code for e in catalogue.data_elements if in_scope(e.reported_by, ministry)]
    assert "services_count" in asked
    assert "road_badges_count" not in asked
    tasks = [row["milestone_code"] for row in plan(catalogue, "F05", "G04", "2022-M08").prefilled]
    assert {"MS_SHARED_DATABASES", "MS_LGSP", "MS_REPORT_TO_VPCP"} <= set(tasks)
    assert len(tasks) == len(set(tasks))
    assert "MS_PAPERLESS_MEETING" not in tasks  # of its office
    units = [row["unit"] for row in plan(catalogue, "F04", "G04", "2022-M08").prefilled]
    assert "Vụ Vận tải" in units
    assert "Bộ Giao thông vận tải" not in units  # its figures would be counted twice
    assert [row["unit"] for row in plan(catalogue, "F04", "G15", "2022-M08").prefilled] == ["Bộ Tư pháp"]


def test_tasks_pass_to_whom_an_agency_s_duties_passed(catalogue: Catalogue) -> None:
    after = {row["milestone_code"] for row in plan(catalogue, "F05", "G17", "2025-M09").prefilled}
    before = {row["milestone_code"] for row in plan(catalogue, "F05", "G17", "2022-M09").prefilled}
    assert "MS_SHARED_DATABASES" in after - before


def test_drop_downs_hold_what_the_column_takes(catalogue: Catalogue, tmp_path: Path) -> None:
    template = plan(catalogue, "F02", "G04", "2022-M08", entry_rows=30)
    book = openpyxl.load_workbook(written(template, tmp_path))
    sheet, first = book.worksheets[0], first_row(book.worksheets[0])
    offered = {}
    for validation in sheet.data_validations.dataValidation:
        letter = str(validation.sqref).split(":")[0].rstrip("0123456789")
        assert str(validation.sqref) == f"{letter}{first}:{letter}{first + 29}"
        assert len(validation.prompt or "") <= 255
        assert len(validation.promptTitle or "") <= 32
        if validation.type == "list":
            name, place = validation.formula1.split("!")
            offered[letter] = [cell.value for (cell,) in book[name][place.replace("$", "")]]
        else:
            offered[letter] = (validation.type, validation.operator, validation.formula1)
    level = next(column for column in template.columns if column.column_name == "service_level")
    assert offered["E"] == list(level.allowed_values)
    assert offered["F"] == offered["N"] == ["Có", "Không"]
    assert offered["G"] == offered["H"] == ("whole", "greaterThanOrEqual", "0")
    assert offered["O"][0] == "Bộ Giao thông vận tải"
    assert "Cục Đăng kiểm" in offered["O"]


def test_what_is_given_is_locked_what_is_asked_is_not_and_there_is_no_password(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    template = plan(catalogue, "F01", "G15", "2022-M08")
    sheet = openpyxl.load_workbook(written(template, tmp_path)).worksheets[0]
    first = first_row(sheet)
    locked = [cell.protection.locked for cell in sheet[first]]
    assert locked == [False, True, True, True, False, False, False]
    empty = sheet[first + len(template.prefilled)]
    assert not any(cell.protection.locked for cell in empty)
    assert all(cell.protection.locked for row in sheet.iter_rows(max_row=first - 1) for cell in row)
    assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
    assert not sheet.protection.insertRows  # False: allowed
    assert sheet.freeze_panes == f"C{first}"


def test_formats_are_vietnamese_and_codes_stay_text(catalogue: Catalogue, tmp_path: Path) -> None:
    template = plan(catalogue, "F08", "G15", "2022-M08")
    sheet = openpyxl.load_workbook(written(template, tmp_path)).worksheets[0]
    formats = [cell.number_format for cell in sheet[first_row(sheet)]]
    assert formats[:5] == ["@", "@", "@", "dd/mm/yyyy", "General"]
    f06 = openpyxl.load_workbook(written(plan(catalogue, "F06", "G15", "2022-M08"), tmp_path)).worksheets[0]
    assert f06.cell(first_row(f06), 3).number_format == "#,##0"
    setup = f06.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
    assert f06.print_title_rows == f"${first_row(f06) - 2}:${first_row(f06) - 1}"


@pytest.mark.parametrize(("total", "expected"), [(12, []), (13, ["TOTAL-01"])])
def test_a_total_that_the_spreadsheet_computed_is_compared_and_not_counted(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, total: int, expected: list[str]
) -> None:
    template = plan(catalogue, "F06", "G15", "2022-M08", entry_rows=3)
    file = written(template, tmp_path)
    fill_in(file, template, [{"portal": "A", "visits": 5}, {"portal": "B", "visits": 7}])
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    cell = sheet.cell(first_row(sheet) + 3, 3)
    assert str(cell.value).startswith("=IF(COUNT(C")
    cell.value = total
    book.save(file)
    found = examine(file)
    assert (rules(found), found.rows_understood) == (expected, 2)


def test_the_same_form_is_written_the_same_again(catalogue: Catalogue, tmp_path: Path) -> None:
    def cells(folder: str) -> list[tuple[str, str, Any, str]]:
        (tmp_path / folder).mkdir()
        file = written(plan(catalogue, "F04", "G04", "2022-M08"), tmp_path / folder)
        return [
            (sheet.title, cell.coordinate, cell.value, cell.number_format)
            for sheet in openpyxl.load_workbook(file)
            for row in sheet.iter_rows()
            for cell in row
        ]

    assert cells("a") == cells("b")


@pytest.mark.parametrize(
    ("form_code", "agency_code", "period", "said"),
    [
        ("F99", "G15", "2022-M08", "no form 'F99'"),
        ("F06", "G99", "2022-M08", "'G99' is not the code"),
        ("F06", "VN", "2022-M08", "'VN' is not the code"),
        ("F06", "G14", "2025-M08", "G06 (Bộ Khoa học và Công nghệ)"),
        ("F06", "H02", "2025-M08", "H05 (UBND tỉnh Bắc Ninh)"),
        ("F07", "G15", "2022-M08", "may not publish"),
    ],
)
def test_a_form_nobody_could_send_is_refused_with_a_remedy(
    catalogue: Catalogue, form_code: str, agency_code: str, period: str, said: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        plan(catalogue, form_code, agency_code, period)
    assert said in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("form_code", "agency_code", "period", "name", "folder"),
    [
        ("F06", "G06", "2022-M08", "Bộ Khoa học và Công nghệ", "G06"),
        ("F06", "G14", "2022-M08", "Bộ Thông tin và Truyền thông", "G06"),
        ("F07", "G14", "2022-M08", "Bộ Thông tin và Truyền thông", "G06"),
        ("F06", "H02", "2022-M08", "UBND tỉnh Bắc Giang", "H05"),
        ("F06", "G04.X-CDK", "2022-M08", "Cục Đăng kiểm", "G17"),
    ],
)
def test_a_form_speaks_for_the_agency_of_that_time_and_names_the_folder_of_today(
    catalogue: Catalogue,
    tmp_path: Path,
    form_code: str,
    agency_code: str,
    period: str,
    name: str,
    folder: str,
) -> None:
    template = plan(catalogue, form_code, agency_code, period)
    assert (template.agency.name_vi, template.folder.agency_code) == (name, folder)
    guide = openpyxl.load_workbook(written(template, tmp_path))[GUIDE]
    assert any(f"{folder}/inbox" in str(row[0]) for row in guide.iter_rows(values_only=True))
