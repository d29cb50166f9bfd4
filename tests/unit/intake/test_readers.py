"""Opening files: every accepted kind, and every way in which a file can be broken."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.readers import ACCEPTED_TYPES, percent_decimals, read_sheets
from tests.unit.intake.workbooks import save

GRID = [["Tiêu đề", None, None], [None, "Cơ quan", "Số liệu"], [None, "Bộ Tư pháp", 12]]


@pytest.mark.parametrize("ending", ACCEPTED_TYPES)
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
    file = save(tmp_path / "x.xlsx", GRID).rename(tmp_path / "x.xls")
    assert read_sheets(file, "x.xls")[0].cell(1, 1) == "Cơ quan"


TEXT = "Biểu mẫu: F06\nCổng thông tin điện tử;Số lượt truy cập\nCổng A;1.234,5\nCổng B;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_csv_in_any_unicode_and_with_any_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "x.csv"
    text = TEXT.replace("1.234,5", '"1.234,5"').replace(";", delimiter)
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    file.write_bytes((mark + text).encode(encoding))
    (sheet,) = read_sheets(file, "x.csv")
    assert sheet.rows() == [
        ["Biểu mẫu: F06", None],
        ["Cổng thông tin điện tử", "Số lượt truy cập"],
        ["Cổng A", "1.234,5"],
        ["Cổng B", None],
    ]  # fmt: skip


def test_csv_in_the_windows_code_page_for_vietnamese(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    text = (
        "Co\u031b quan ba\u0301o ca\u0301o: Bô\u0323 Tu\u031b pha\u0301p;Cô\u0309ng;Sô\u0301 liê\u0323u\n" * 5
    )
    file.write_bytes(text.replace("Co\u031b", "Cơ").replace("Tu\u031b", "Tư").encode("cp1258"))
    cell = read_sheets(file, "x.csv")[0].cell(0, 1)
    from national_kpi.intake.text import clean

    assert clean(cell) == "Cổng"


def _bytes(kind: str, folder: Path) -> bytes:
    good = save(folder / "good.xlsx", GRID).read_bytes()
    sheet = good.index(b"xl/worksheets/sheet1.xml") + 60
    old = save(folder / "good.xls", GRID).read_bytes()
    if kind == "a zip of something else":
        with zipfile.ZipFile(folder / "z.zip", "w") as archive:
            archive.writestr("readme.txt", "x")
        return (folder / "z.zip").read_bytes()
    if kind == "a workbook without cells":
        return save(folder / "n.xlsx", [[None]]).read_bytes()
    return {
        "nothing": b"",
        "blanks": b" \r\n\t" * 20,
        "text": "chỉ là văn bản".encode(),
        "a web page": b"<html><table><tr><td>1</td></tr></table></html>",
        "a truncated workbook": good[: len(good) // 2],
        "a workbook with lost bytes": good[:sheet] + b"\0" * 50 + good[sheet + 50 :],
        "zip junk": b"PK\x03\x04" + b"\xff" * 500,
        "OLE junk": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0\xff" * 600,
        "a truncated old workbook": old[: len(old) // 3],
        "a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 504
        + "EncryptedPackage".encode("utf-16-le"),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nothing", "rỗng"),
        ("blanks", "khoảng trắng"),
        ("text", "không phải là bảng tính"),
        ("a web page", "trang web"),
        ("a zip of something else", "không phải là bảng tính"),
        ("a workbook without cells", "không có ô nào"),
        ("a truncated workbook", "hỏng"),
        ("a workbook with lost bytes", "hỏng"),
        ("zip junk", "hỏng"),
        ("OLE junk", "hỏng"),
        ("a truncated old workbook", "hỏng"),
        ("a password", "mật khẩu"),
    ],
)
def test_a_broken_file_is_refused_in_words_its_sender_understands(
    tmp_path: Path, kind: str, said: str
) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(_bytes(kind, tmp_path))
    with pytest.raises(UnreadableFileError) as caught:
        read_sheets(file, "x.xlsx")
    assert said in caught.value.what
    assert caught.value.remedy.endswith(".")


@pytest.mark.parametrize("name", ["x.docx", "x.pdf", "x.txt", "x", "x.xlsx.zip", "x.xlsm"])
def test_other_kinds_of_file_are_refused_with_the_list_of_accepted_ones(tmp_path: Path, name: str) -> None:
    file = save(tmp_path / "x.xlsx", GRID).rename(tmp_path / name)
    with pytest.raises(UnreadableFileError, match="không được tiếp nhận") as caught:
        read_sheets(file, name)
    assert ".xlsx, .xls, .ods, .csv" in caught.value.remedy


def test_binary_bytes_are_no_csv(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a;b\n\0\1\2")
    with pytest.raises(UnreadableFileError, match="bảng mã"):
        read_sheets(tmp_path / "x.csv", "x.csv")


def test_a_stray_cell_far_away_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "STT"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(UnreadableFileError, match="quá lớn"):
        read_sheets(tmp_path / "x.xlsx", "x.xlsx")


def test_formulas_without_result_and_errors_are_not_taken_for_empty_cells(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "=1+1", "#DIV/0!", None])
    book.active["C1"].data_type = "e"
    book.save(tmp_path / "x.xlsx")
    assert read_sheets(tmp_path / "x.xlsx", "x.xlsx")[0].rows() == [["a", "=1+1", "#DIV/0!"]]


def test_numbers_shown_as_percentages_are_known(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([0.9767, 0.32, 13042570, date(2022, 8, 22)])
    book.active["A1"].number_format = "0.00%"
    book.active["B1"].number_format = "0%"
    book.save(tmp_path / "x.xlsx")
    places = {(0, column) for column in range(4)}
    assert percent_decimals(tmp_path / "x.xlsx", "Sheet", places) == {(0, 0): 2, (0, 1): 0}
    assert percent_decimals(save(tmp_path / "x.xls", [[0.5]]), "Trang 1", {(0, 0)}) == {}
    assert percent_decimals(save(tmp_path / "x.ods", [[0.5]]), "Trang 1", {(0, 0)}) == {}
