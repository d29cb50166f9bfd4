"""The agency gets its own workbook back, marked; and nothing in it that bites."""

import re
import time
from datetime import date, datetime
from pathlib import Path

import pytest
import xlwt
from defusedxml import ElementTree
from openpyxl import Workbook

from national_kpi.intake.marking.notes import AUTHOR
from national_kpi.intake.outcomes import FINDINGS_SHEET
from national_kpi.intake.reading.files import read_sheets
from tests.unit.intake.marked import (
    LIST_OF_NEWER_EXCEL,
    RED,
    SHEET,
    SHEET_PART,
    finding,
    form_workbook,
    listed,
    marked,
    opened,
    parts_of,
    repacked,
)
from tests.unit.intake.workbooks import save

YELLOW, PURPLE = "00FFEB9C", "00E4DFEC"


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return form_workbook(tmp_path / "bao-cao.xlsx")


def test_each_finding_colours_its_cell_and_says_what_to_do(form: Path) -> None:
    sheet = opened(marked(form, finding("B5"), finding("C6", "warn"), finding("D4", "info", found=None)))[
        SHEET
    ]
    assert [sheet[at].fill.fgColor.rgb for at in ("B5", "C6", "D4")] == [RED, YELLOW, PURPLE]
    assert sheet["B5"].comment.text == (
        "BẮT BUỘC SỬA [CELL-01]\nGiá trị không đọc được.\nTìm thấy: mười\nYêu cầu: số nguyên không âm\n"
        "Cách xử lý: Sửa lại ô."
    )
    assert sheet["B5"].comment.author == AUTHOR
    assert "Tìm thấy" not in sheet["D4"].comment.text
    assert sheet["A5"].fill.patternType is None


def test_several_findings_of_a_cell_share_a_comment_and_the_gravest_colour(form: Path) -> None:
    sheet = opened(marked(form, finding("B5", "info", message="Một."), finding("B5", message="Hai.")))[SHEET]
    assert sheet["B5"].fill.fgColor.rgb == RED
    assert [line for line in sheet["B5"].comment.text.split("\n") if line in ("Một.", "Hai.")] == [
        "Hai.", "Một.",
    ]  # fmt: skip


def test_everything_else_stays_as_the_agency_made_it(form: Path) -> None:
    before, after = opened(form), opened(marked(form, finding("B5"), finding("D8", "warn")))
    assert after.sheetnames == [FINDINGS_SHEET, SHEET, "Danh mục"]
    assert after["Danh mục"].sheet_state == "hidden"
    old, new = before[SHEET], after[SHEET]
    for row in old.iter_rows():
        for cell in row:
            own = new[cell.coordinate]
            assert (own.value, own.number_format, repr(own.font), repr(own.border)) == (
                cell.value, cell.number_format, repr(cell.font), repr(cell.border),
            )  # fmt: skip
    assert new["D8"].value == "=SUM(D3:D7)"
    assert new["C5"].comment.text == "Số liệu do Văn phòng cung cấp"
    assert new.merged_cells.ranges == old.merged_cells.ranges
    assert (new.freeze_panes, new.print_area, new.print_title_rows) == ("B4", old.print_area, "$3:$3")
    assert after["Danh mục"].print_area == before["Danh mục"].print_area
    assert new.page_setup.orientation == "landscape"
    assert (new.column_dimensions["A"].width, new.row_dimensions[3].height) == (33, 40)
    assert new.protection.sheet
    assert str(new.data_validations.dataValidation[0].sqref) == "C4:C8"
    assert [str(ranges.sqref) for ranges in new.conditional_formatting] == ["A3:D8"]
    was, now = parts_of(form), parts_of(form.with_name("bao-cao-danh-dau.xlsx"))
    same = [name for name in was if name.startswith(("xl/charts/chart", "xl/drawings/drawing", "xl/theme/"))]
    assert len(same) == 3
    assert all(now[name] == was[name] for name in same)


def test_parts_no_library_knows_are_kept(form: Path) -> None:
    repacked(form, {SHEET_PART: ("</worksheet>", f"{LIST_OF_NEWER_EXCEL}</worksheet>")})
    content = parts_of(marked(form, finding("B5")))[SHEET_PART].decode()
    assert LIST_OF_NEWER_EXCEL in content


ORDER = [
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection",
    "autoFilter", "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions",
    "pageMargins", "pageSetup", "headerFooter", "drawing", "legacyDrawing", "tableParts", "extLst",
]  # fmt: skip


@pytest.mark.parametrize("tail", ["", LIST_OF_NEWER_EXCEL, '<tableParts count="0"/>'])
def test_excel_finds_a_sheets_elements_in_the_order_it_demands(form: Path, tail: str) -> None:
    book = opened(form)
    book[SHEET]["C5"].comment = None  # so that the box of comments is new
    book.save(form)
    repacked(form, {SHEET_PART: ("</worksheet>", f"{tail}</worksheet>")})
    root = ElementTree.fromstring(parts_of(marked(form, finding("B5")))[SHEET_PART])
    names = [element.tag.rpartition("}")[2] for element in root]
    assert "legacyDrawing" in names
    assert names == sorted(names, key=ORDER.index)


def test_the_workbook_opens_at_the_findings_alone(form: Path) -> None:
    book = opened(marked(form, finding("B5")))
    assert book.active.title == FINDINGS_SHEET
    assert not any(sheet.sheet_view.tabSelected for sheet in book.worksheets[1:])


def test_the_findings_sheet_lists_all_gravest_first(form: Path) -> None:
    found = [
        finding("C6", "warn", rule_id="F04-02"),
        finding(None, "block", sheet=None, rule_id="FORM-01", found=None, expected=None),
        finding(None, "block", row=7, rule_id="ROW-01"),
    ]
    book = opened(marked(form, *found))
    assert [row[:5] + row[8:] for row in listed(book)] == [
        (1, "Bắt buộc sửa", None, None, None, "FORM-01"),
        (2, "Bắt buộc sửa", SHEET, "dòng 7", "mười", "ROW-01"),
        (3, "Cần kiểm tra", SHEET, "C6", "mười", "F04-02"),
    ]
    said = [row[0] for row in book.worksheets[0].iter_rows(max_row=5, values_only=True)]
    assert said == [
        "KẾT QUẢ KIỂM TRA BÁO CÁO",
        "Biên nhận số 7, 08:00 ngày 22/11/2026",
        "Thư mục: G15 – Bộ Tư pháp",
        "Tệp: bao-cao.xlsx",
        "Kết quả: Chưa được tiếp nhận. Đề nghị sửa.",
    ]


def test_rows_of_the_list_are_high_enough_for_their_words(form: Path) -> None:
    sheet = opened(marked(form, finding("B5"), finding("B6", mend="Đề nghị kiểm tra lại. " * 10))).worksheets[
        0
    ]
    heights = [sheet.row_dimensions[sheet.max_row + back].height for back in (-1, 0)]
    assert heights == [15, 75]


def test_an_explained_doubt_is_listed_last_and_marked_for_information(form: Path) -> None:
    explained = finding("B5", "warn", explanation="Đơn vị mới thành lập.")
    book = opened(marked(form, explained, finding("C6", "warn")))
    assert [row[1] for row in listed(book)] == ["Cần kiểm tra", "Cần kiểm tra (đã giải trình)"]
    assert book[SHEET]["B5"].fill.fgColor.rgb == PURPLE
    assert book[SHEET]["B5"].comment.text.endswith("Đã giải trình: Đơn vị mới thành lập.")


def test_a_finding_about_a_row_marks_its_first_filled_cell(form: Path) -> None:
    book = opened(form)
    book[SHEET]["A6"].value = None
    book.save(form)
    sheet = opened(marked(form, finding(None, row=6)))[SHEET]
    assert (sheet["A6"].comment, sheet["B6"].fill.fgColor.rgb) == (None, RED)


def test_cells_and_rows_that_are_not_in_the_file_are_marked_too(form: Path) -> None:
    repacked(form, {SHEET_PART: ("</sheetData>", '<row r="12" spans="1:4"/></sheetData>')})
    places = ["B7", "Z5", "C2", "D12", "E30", "F30"]
    sheet = opened(marked(form, *(finding(at) for at in places)))[SHEET]
    assert [sheet[at].fill.fgColor.rgb for at in places] == [RED] * len(places)
    content = parts_of(form.with_name("bao-cao-danh-dau.xlsx"))[SHEET_PART].decode()
    rows = [int(number) for number in re.findall(r'<row r="(\d+)"', content)]
    assert rows == sorted(set(rows))
    for row in re.findall(r"<row .*?</row>", content):
        columns = [(len(letters), letters) for letters in re.findall(r'<c r="([A-Z]+)', row)]
        assert columns == sorted(set(columns))


def test_a_finding_in_merged_cells_marks_the_one_that_is_seen(form: Path) -> None:
    sheet = opened(marked(form, finding("C1")))[SHEET]
    assert (sheet["A1"].fill.fgColor.rgb, bool(sheet["A1"].comment)) == (RED, True)


def test_the_agencys_own_comment_is_kept_and_ours_follows(form: Path) -> None:
    comment = opened(marked(form, finding("C5")))[SHEET]["C5"].comment
    assert comment.author == "Chị Lan"
    assert comment.text.startswith("Số liệu do Văn phòng cung cấp\n— Kết quả kiểm tra —\nBẮT BUỘC SỬA")


@pytest.mark.parametrize("forgetful", [False, True], ids=["Excel", "LibreOffice"])
def test_marking_what_was_marked_before_renews_the_marks(form: Path, forgetful: bool) -> None:
    first = marked(form, finding("B5"), finding("C5"), finding("C6", "warn"))
    if forgetful:
        comments = next(name for name in parts_of(first) if name.startswith("xl/comments"))
        repacked(first, {comments: (AUTHOR, " ")})
    again = marked(first, finding("C6", message="Mới."))
    book = opened(again)
    assert book.sheetnames == [FINDINGS_SHEET, SHEET, "Danh mục"]
    assert len(listed(book)) == 1
    sheet = book[SHEET]
    assert (sheet["B5"].comment, sheet["B5"].fill.patternType) == (None, None)
    assert sheet["C5"].comment.text == "Số liệu do Văn phòng cung cấp"
    assert (sheet["C6"].fill.fgColor.rgb, sheet["C6"].comment.text.count("BẮT BUỘC")) == (RED, 1)
    assert sheet.print_area == opened(form)[SHEET].print_area
    drawing = next(content for name, content in parts_of(again).items() if name.endswith(".vml"))
    assert drawing.count(b'ObjectType="Note"') == 2


def test_the_same_receipt_gives_the_same_bytes(form: Path, tmp_path: Path) -> None:
    grid = [["Biểu mẫu: F06"], ["Cổng", 1], ["a", date(2022, 8, 1)]]
    files = [form, save(tmp_path / "a.xls", grid), save(tmp_path / "b.csv", grid)]
    once = [marked(file, finding("B2")).read_bytes() for file in files]
    time.sleep(2.1)  # as fine as the clock of a zip archive is
    assert [marked(file, finding("B2")).read_bytes() for file in files] == once


def test_an_old_workbook_becomes_a_new_one_with_its_formats(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet(SHEET)
    style = xlwt.easyxf(
        "font: bold on, italic on, height 280, name .VnTime, color red; align: horiz center, wrap on;"
        " borders: left thin, bottom double; pattern: pattern solid, fore_colour yellow",
        num_format_str="#,##0.0",
    )
    sheet.write_merge(0, 0, 0, 3, "Tiêu đề", style)
    sheet.write(4, 1, 12.5, style)
    sheet.write(4, 2, datetime(2022, 8, 1), xlwt.easyxf(num_format_str="dd/mm/yyyy"))
    sheet.write(4, 3, xlwt.Formula("1+1"))
    sheet.write(5, 0, "=1+1")
    sheet.col(1).width = 40 * 256
    sheet.row(4).height_mismatch, sheet.row(4).height = True, 600
    sheet.set_panes_frozen(True)
    sheet.set_horz_split_pos(2)
    file = tmp_path / "cu.xls"
    book.save(str(file))
    made = opened(marked(file, finding("C5", "warn")))[SHEET]
    cell = made["B5"]
    assert (cell.value, cell.number_format, cell.font.name, cell.font.sz) == (12.5, "#,##0.0", ".VnTime", 14)
    assert (cell.font.b, cell.font.i, cell.font.color.rgb) == (True, True, "FFFF0000")
    assert (cell.fill.patternType, cell.fill.fgColor.rgb) == ("solid", "FFFFFF00")
    assert (cell.border.left.style, cell.border.bottom.style) == ("thin", "double")
    assert (cell.alignment.horizontal, cell.alignment.wrap_text) == ("center", True)
    assert (made["C5"].value, made["C5"].number_format) == (datetime(2022, 8, 1), "dd/mm/yyyy")
    assert made["C5"].fill.fgColor.rgb == YELLOW
    assert (made["A6"].value, made["A6"].data_type) == ("=1+1", "s")
    assert [str(merged) for merged in made.merged_cells.ranges] == ["A1:D1"]
    assert (made.column_dimensions["B"].width, made.row_dimensions[5].height) == (40, 30)
    assert made.freeze_panes == "A3"


@pytest.mark.parametrize("ending", ["csv", "ods"])
def test_other_files_become_plain_sheets_with_the_same_addresses(tmp_path: Path, ending: str) -> None:
    file = save(
        tmp_path / f"số liệu.{ending}", [["Biểu mẫu: F06"], [None], ["Cổng", "Số"], ["Cổng A", "mười"]]
    )
    name = read_sheets(file, file.name)[0].name
    book = opened(marked(file, finding("B4", sheet=name)))
    sheet = book[name]
    assert (sheet["A1"].value, sheet["B4"].value, sheet["B4"].fill.fgColor.rgb) == (
        "Biểu mẫu: F06", "mười", RED,
    )  # fmt: skip
    said = [str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert any("như hệ thống đọc được" in line for line in said)


def test_a_sheet_name_excel_does_not_take_is_changed(tmp_path: Path) -> None:
    file = save(tmp_path / ("Báo cáo [tháng 8] " + "x" * 30 + ".csv"), [["a", "b"], ["c", "d"]])
    book = opened(marked(file, finding("B2", sheet=file.stem)))
    assert book.sheetnames[1] == ("Báo cáo -tháng 8- " + "x" * 30)[:31]
    assert book.worksheets[1]["B2"].fill.fgColor.rgb == RED


@pytest.mark.parametrize("ending", ["xlsx", "xls", "csv"])
def test_beyond_twenty_thousand_rows_the_findings_are_listed_only(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("national_kpi.intake.marking.copies.ROWS_MARKED", 50)
    for rows, sheets in ((50, 2), (51, 1)):
        file = save(tmp_path / f"{rows}.{ending}", [["a", number] for number in range(rows)])
        remark = "" if sheets == 2 else "too many rows"
        book = opened(marked(file, finding("B5"), remark=remark))
        assert len(book.sheetnames) == sheets
        assert len(listed(book)) == 1
    said = [str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert any("trên 20.000 dòng" in line for line in said)


def test_a_workbook_other_programs_wrote_is_copied_as_well_as_it_can_be(form: Path) -> None:
    repacked(form, {SHEET_PART: ("<worksheet", "<!DOCTYPE worksheet><worksheet")})
    file = marked(form, finding("B5"), remark="document type")
    assert opened(file)[SHEET]["B5"].fill.fgColor.rgb == RED


def test_prefixed_and_unnumbered_cells_are_found(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = SHEET
    for row in (["a", "b"], ["c", "d"], ["e", "f"]):
        book.active.append(row)
    file = tmp_path / "x.xlsx"
    book.save(file)
    content = parts_of(file)[SHEET_PART].decode()
    content = re.sub(r"<(/?)(\w)", r"<\1x:\2", content).replace("xmlns=", "xmlns:x=")
    content = re.sub(r' r="[A-Z]*\d+"', "", content)
    repacked(file, {SHEET_PART: content})
    sheet = opened(marked(file, finding("B2"), finding("C2", "info")))[SHEET]
    assert (sheet["B2"].value, sheet["B2"].fill.fgColor.rgb, sheet["C2"].fill.fgColor.rgb) == (
        "d",
        RED,
        PURPLE,
    )
