"""Opening files of every accepted kind: cells stand where their sender sees them."""

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook

from national_kpi.intake.reading.files import percent_decimals, read_sheets
from tests.unit.intake.workbooks import save

GRID = [["Tiêu đề", None, None], [None, "Cơ quan", "Số liệu"], [None, "Bộ Tư pháp", 12]]


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods", ".csv", ".tsv", ".zip"])
def test_cells_stand_where_a_person_sees_them(tmp_path: Path, ending: str) -> None:
    file = save(tmp_path / f"bao-cao{ending}", GRID)
    (sheet,) = read_sheets(file, file.name)
    assert sheet.cell(0, 0) == "Tiêu đề"
    assert sheet.cell(1, 0) is None
    assert sheet.cell(1, 1) == "Cơ quan"
    assert sheet.cell(2, 2) in (12, "12")
    assert sheet.cell(99, 99) is None


def test_all_sheets_are_read_and_hidden_ones_are_marked(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "b"])
    hidden = book.create_sheet("Ẩn")
    hidden.append([1])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "x.xlsx")
    assert [(s.name, s.is_hidden) for s in read_sheets(tmp_path / "x.xlsx", "x.xlsx")] == [
        ("Sheet", False), ("Ẩn", True),
    ]  # fmt: skip


def test_a_workbook_is_told_by_its_content_not_by_its_ending(tmp_path: Path) -> None:
    for name in ("x.xls", "x.csv", "x.zip"):
        file = save(tmp_path / "x.xlsx", GRID).rename(tmp_path / name)
        assert read_sheets(file, name)[0].cell(1, 1) == "Cơ quan"


def test_formulas_without_result_and_errors_are_not_taken_for_empty_cells(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "=1+1", "#DIV/0!", None])
    book.active["C1"].data_type = "e"
    book.create_sheet("Trang <2>").append([None, "=A1&B1"])
    book.save(tmp_path / "x.xlsx")
    first, second = read_sheets(tmp_path / "x.xlsx", "x.xlsx")
    assert first.rows() == [["a", "=1+1", "#DIV/0!"]]
    assert (second.name, second.rows()) == ("Trang <2>", [[None, "=A1&B1"]])


def test_formulas_with_a_result_show_it(tmp_path: Path) -> None:
    made, kept = tmp_path / "made.xlsx", tmp_path / "x.xlsx"
    save(made, [["a", "=1+1"]])
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, count = re.subn(rb'<c r="B1".*?</c>', CELLS, part)
                assert count == 1
            new.writestr(name, part)
    assert read_sheets(kept, kept.name)[0].rows() == [["a", 2, 3, "=(công thức)"]]


CELLS = (
    b'<c r="B1"><f>1+1</f><v>2</v></c><c r="C1"><f t="shared" si="0"/><v>3</v></c>'
    b'<c r="D1"><f t="shared" si="0"/></c>'
)


def test_errors_in_old_workbooks_are_not_taken_for_empty_cells(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("x")
    sheet.write(0, 0, "a")
    sheet.row(0).set_cell_error(1, "#DIV/0!")
    book.save(str(tmp_path / "x.xls"))
    assert read_sheets(tmp_path / "x.xls", "x.xls")[0].rows() == [["a", "#DIV/0!"]]


def test_numbers_shown_as_percentages_are_known(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([0.9767, 0.32, 13042570, date(2022, 8, 22)])
    book.active["A1"].number_format = "0.00%"
    book.active["B1"].number_format = "0%"
    file = tmp_path / "x.xlsx"
    book.save(file)
    places = {(0, column) for column in range(4)}
    assert percent_decimals(file, "x.xlsx", "Sheet", places) == {(0, 0): 2, (0, 1): 0}
    for ending in (".xls", ".ods", ".csv"):
        other = save(tmp_path / f"y{ending}", [[0.5]])
        assert percent_decimals(other, other.name, "Trang 1", {(0, 0)}) == {}


def test_numbers_shown_as_percentages_are_known_in_archives_too(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([0.9767])
    book.active["A1"].number_format = "0.00%"
    book.save(tmp_path / "x.xlsx")
    file = tmp_path / "z.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "x.xlsx", "a/x.xlsx")
    assert percent_decimals(file, "z.zip", "Sheet", {(0, 0)}) == {(0, 0): 2}
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("b.csv", "a;b\n1;2\n")
    assert percent_decimals(file, "z.zip", "a/x.xlsx / Sheet", {(0, 0)}) == {(0, 0): 2}
    assert percent_decimals(file, "z.zip", "b.csv / b", {(0, 0)}) == {}


def test_all_files_of_an_archive_are_read_and_what_systems_leave_there_is_not(tmp_path: Path) -> None:
    file = tmp_path / "z.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("F06_2022-M08/a.csv", "a;b\n1;2\n")
        archive.writestr("b.json", '[{"a": 3}]')
        for left in ("__MACOSX/._a.csv", ".DS_Store", "x/Thumbs.db", "~$a.xlsx", "desktop.ini", "trong/"):
            archive.writestr(left, "")
    sheets = read_sheets(file, "z.zip")
    assert [(sheet.name, sheet.file_name, sheet.rows()) for sheet in sheets] == [
        ("F06_2022-M08/a.csv / a", "a.csv", [["a", "b"], ["1", "2"]]),
        ("b.json / b", "b.json", [["a"], [3]]),
    ]


def test_an_archive_of_one_file_is_that_file(tmp_path: Path) -> None:
    file = tmp_path / "z.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("F06_2022-M08.csv", "a;b\n1;2\n")
    (sheet,) = read_sheets(file, "z.zip")
    assert (sheet.name, sheet.file_name) == ("F06_2022-M08", "F06_2022-M08.csv")
