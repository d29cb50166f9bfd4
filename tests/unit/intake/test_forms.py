"""Finding a form in a sheet as agencies really lay it out."""

from typing import Any

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.forms import FormFinder, Table
from national_kpi.intake.sheets import Grid
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid


@pytest.fixture(scope="module")
def finder(catalogue: Catalogue) -> FormFinder:
    return FormFinder(catalogue)


def found(finder: FormFinder, grid: list[list[Any]], **sheet: Any) -> Table:
    table = finder.find(Grid("Trang 1", grid, **sheet).to_sheet())
    assert table is not None
    return table


@pytest.mark.parametrize("form_code", list(GOOD_ROWS))
def test_every_form_is_known_by_its_own_headers(
    catalogue: Catalogue, finder: FormFinder, form_code: str
) -> None:
    grid = form_grid(catalogue, form_code)[3:]
    table = found(finder, grid)
    assert (table.form_code, table.top, table.height) == (form_code, 0, 1)
    assert list(table.columns.values()) == list(range(len(catalogue.columns_of(form_code))))
    assert (table.missing(catalogue), table.ignored, table.doubled) == ([], [], [])
    assert finder.body(table).data.tolist() == [1]


@pytest.mark.parametrize("form_code", list(GOOD_ROWS))
def test_every_alias_of_a_header_is_understood(
    catalogue: Catalogue, finder: FormFinder, form_code: str
) -> None:
    columns = catalogue.columns_of(form_code)
    for column in columns:
        for alias in column.header_aliases:
            header = [alias.upper() if one is column else one.header_vi for one in columns]
            table = finder.find(Grid("Trang 1", [header]).to_sheet(), form_code)
            assert table is not None
            assert table.columns[column.column_name] == columns.index(column), alias


def test_title_rows_an_empty_column_other_order_and_further_columns(
    catalogue: Catalogue, finder: FormFinder
) -> None:
    grid = [
        ["BỘ TƯ PHÁP", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        [None, "BÁO CÁO LƯỢT TRUY CẬP"],
        [],
        [None, "Ghi  chú", "Phụ trách", "SỐ LƯỢT\nTRUY CẬP", "Tên cổng"],
        [None, None, "An", 12, "Cổng A"],
    ]
    table = found(finder, grid)
    assert (table.form_code, table.top) == ("F06", 3)
    assert table.columns == {"note": 1, "visits": 3, "portal": 4}
    assert table.ignored == [("Phụ trách", 2)]
    assert finder.body(table).data.tolist() == [4]


F03_HEADER = [
    ["TT", "Lĩnh vực, công việc giải quyết theo cấp", "Số lượng hồ sơ tiếp nhận", None, None, None,
     "Số lượng hồ sơ đã giải quyết", None, None, None, "Số lượng hồ sơ đang giải quyết", None, None],
    [None, None, "Tổng số", "Trong kỳ", None, "Từ kỳ trước", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn",
     "Tổng số", "Trong hạn", "Quá hạn"],
    [None, None, None, "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", None, None, None, None, None, None, None,
     None],
    ["(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)",
     "(11)=(12)+(13)", "(12)", "(13)"],
    [1, "Hộ tịch", 10, 4, 5, 1, 7, 3, 3, 1, 3, 2, 1],
]  # fmt: skip
F03_MERGED = [
    ((0, 0), (2, 0)), ((0, 1), (2, 1)), ((0, 2), (0, 5)), ((0, 6), (0, 9)), ((0, 10), (0, 12)),
    ((1, 2), (2, 2)), ((1, 3), (1, 4)), ((1, 5), (2, 5)), *(((1, c), (2, c)) for c in range(6, 13)),
]  # fmt: skip


@pytest.mark.parametrize("merged", [F03_MERGED, []], ids=["merged cells", "no merged cells, as in CSV"])
def test_the_official_three_row_header_of_form_ii_06a(
    catalogue: Catalogue, finder: FormFinder, merged: Any
) -> None:
    table = found(finder, [["BÁO CÁO"], *F03_HEADER], merged=merged and [
        ((a[0] + 1, a[1]), (b[0] + 1, b[1])) for a, b in merged
    ])  # fmt: skip
    assert (table.form_code, table.top, table.height) == ("F03", 1, 3)
    assert table.columns == {c.column_name: i for i, c in enumerate(catalogue.columns_of("F03"))}
    assert finder.body(table).data.tolist() == [5]


HEADER = ["STT", "Cổng thông tin điện tử", "Số lượt truy cập", "Ghi chú"]


def body_of(finder: FormFinder, *rows: list[Any]) -> dict[str, list[int]]:
    body = finder.body(found(finder, [HEADER, *rows]))
    return {"data": body.data.tolist(), "totals": body.totals, "headings": body.headings}


def test_column_numbers_totals_headings_and_the_signature_block_are_no_data(finder: FormFinder) -> None:
    rows = [
        ["(1)", "(2)", "(3)", "(4)"],
        ["I", "Khối bộ", None, None],
        [1, "Cổng A", 5, None],
        [None, None, None, None],
        [2, "Cổng B", 6, "ghi chú: ngày 5 tháng 8 năm 2022"],
        [None, "Tổng cộng", 11, None],
        [None, None, None, "Hà Nội, ngày 05 tháng 8 năm 2022"],
        [None, "NGƯỜI LẬP BIỂU", None, "KT. BỘ TRƯỞNG"],
        [None, "Nguyễn Văn A", None, "Trần Thị B"],
    ]
    assert body_of(finder, *rows) == {"data": [3, 5], "totals": [6], "headings": [2]}


@pytest.mark.parametrize(
    "numbers", [[1, 2, 3, 4], ["1", "2", "3", "4"], ["A", "B", "(1)", "(2)"], [1.0, 2.0]]
)
def test_rows_that_number_the_columns(finder: FormFinder, numbers: list[Any]) -> None:
    assert body_of(finder, numbers, [1, "Cổng A", 5, None])["data"] == [2]


def test_a_header_repeated_on_the_next_page_is_skipped(finder: FormFinder) -> None:
    assert body_of(finder, [1, "A", 5, None], HEADER, [2, "B", 6, None])["data"] == [1, 3]


def test_a_numbered_row_without_figures_stays_data_so_that_it_is_reported(finder: FormFinder) -> None:
    assert body_of(finder, [1, "Cổng A", None, None])["data"] == [1]


def test_the_signature_block_ends_the_table_even_under_a_missing_total(finder: FormFinder) -> None:
    assert body_of(finder, [1, "A", 5, None], ["Nơi nhận:"], [9, "B", 6, None])["data"] == [1]


def test_two_columns_with_the_same_meaning_are_told(finder: FormFinder) -> None:
    table = found(finder, [[*HEADER, "Lượt truy cập"], [1, "A", 5, None, 6]])
    assert table.columns["visits"] == 2
    assert table.doubled == [("visits", 4)]


@pytest.mark.parametrize("grid", [[], [[]], [[None, 1, 2]], [["Họ và tên", "Ngày sinh"], ["An", "1990"]]])
def test_a_sheet_without_any_form(finder: FormFinder, grid: list[list[Any]]) -> None:
    assert finder.find(Grid("Trang 1", grid).to_sheet()) is None


@pytest.mark.parametrize(
    ("form_code", "row"),
    [
        (
            "F01",
            {"stt": 1, "element_code": "services_count", "element_name": "Số dịch vụ", "unit": "dịch vụ"},
        ),
        ("F01", {"stt": 2, "element_code": "services_count"}),
        ("F04", {"stt": "2", "unit": "Vụ Tài chính"}),
        ("F05", {"milestone_code": "MS_LGSP", "milestone_name": "Hoàn thiện nền tảng LGSP"}),
        (
            "F05",
            {"stt": 3, "milestone_code": "MS_LEADER_DSIG", "milestone_name": "Thủ trưởng dùng chữ ký số"},
        ),
    ],
)
def test_a_row_left_as_handed_out_is_neither_data_nor_a_mistake(
    catalogue: Catalogue, finder: FormFinder, form_code: str, row: dict[str, Any]
) -> None:
    given = form_grid(catalogue, form_code, [row, GOOD_ROWS[form_code], {"stt": 3}])
    body = finder.body(found(finder, given))
    assert (body.unfilled, body.data, body.headings) == ([4], [5], [])


@pytest.mark.parametrize(
    ("form_code", "row"),
    [
        ("F01", {"element_code": "services_count", "note": "chưa tổng hợp"}),
        ("F02", {"stt": 1, "procedure_code": "1.000105"}),
        ("F05", {"milestone_code": "MS_LGSP", "obstacle": "Chưa có kinh phí"}),
    ],
)
def test_a_row_begun_but_not_finished_is_data(
    catalogue: Catalogue, finder: FormFinder, form_code: str, row: dict[str, Any]
) -> None:
    assert finder.body(found(finder, form_grid(catalogue, form_code, [row]))).data == [4]
