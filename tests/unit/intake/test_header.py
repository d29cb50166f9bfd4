"""What stands above a table, and in a file's name."""

from datetime import date
from typing import Any

import pytest

from national_kpi.intake.header import Heading, read_file_name, read_heading, read_period
from national_kpi.intake.sheets import Grid


def heading(*rows: list[Any]) -> Heading:
    return read_heading(Grid("Trang 1", list(rows)).to_sheet(), len(rows))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2022-M08", "2022-M08"),
        ("2022-M08G", "2022-M08G"),
        ("Tháng 8/2022", "2022-M08"),
        ("tháng 08 năm 2022", "2022-M08"),
        ("Quý III/2022", "2022-Q3"),
        ("Quý 4 năm 2022", "2022-Q4"),
        ("6 tháng đầu năm 2022", "2022-H1"),
        ("Sáu tháng cuối năm 2022", "2022-H2"),
        ("Năm 2022", "2022-Y"),
        ("Từ ngày 01/01/2022 đến ngày 22/08/2022", "2022-01-01..2022-08-22"),
        ("(Từ 1/1/2022 đến hết ngày 31-01-2022)", "2022-M01"),
        ("Từ ngày 15/07/2022 đến ngày 14/08/2022", "2022-M08G"),
        ("từ ngày 15 tháng 12 năm 2021 đến ngày 14 tháng 12 năm 2022", "2022-YG"),
        ("Tính đến hết ngày 31/12/2019", "..2019-12-31"),
        ("Đến ngày 29/07/2019", "..2019-07-29"),
    ],
)
def test_periods_as_people_write_them(text: str, code: str) -> None:
    period = read_period(text)
    assert period is not None
    assert period.code == code


@pytest.mark.parametrize(
    "text", ["", "tháng này", "Tháng 13/2022", "Từ ngày 31/02/2022 đến ngày 01/03/2022", "Quý V/2022"]
)
def test_what_names_no_period(text: str) -> None:
    assert read_period(text) is None


def test_the_lines_above_a_table() -> None:
    found = heading(
        ["BỘ TƯ PHÁP", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["Biểu mẫu: F04"],
        ["Cơ quan báo cáo:", "Bộ Tư pháp"],
        ["Kỳ báo cáo: Tháng 8/2022"],
        ["Đơn vị tính: văn bản"],
    )
    assert (found.form_code, found.agency, found.period_text) == ("F04", "Bộ Tư pháp", None)
    assert found.period is not None
    assert found.period.code == "2022-M08"


@pytest.mark.parametrize(
    "row",
    [
        ["Từ ngày 01/01/2022 đến ngày 22/08/2022"],
        ["Từ ngày", date(2022, 1, 1), "đến ngày", date(2022, 8, 22)],
        ["Kỳ báo cáo:", "Từ ngày 01/01/2022 đến ngày 22/08/2022"],
    ],
)
def test_a_window_in_one_cell_or_in_several(row: list[Any]) -> None:
    found = heading([None, *row])
    assert found.period is not None
    assert found.period.code == "2022-01-01..2022-08-22"


def test_a_period_line_that_says_nothing_readable_is_kept_for_the_receipt() -> None:
    assert heading(["Kỳ báo cáo: tháng tám"]).period_text == "tháng tám"
    assert heading(["Kỳ báo cáo:"]).period_text is None


@pytest.mark.parametrize("text", ["Biểu mẫu: F07", "BIỂU SỐ F07", "Mẫu F07", "Biểu F07/BC"])
def test_the_forms_code_in_several_wordings(text: str) -> None:
    assert heading([text]).form_code == "F07"


@pytest.mark.parametrize(
    ("name", "form_code", "period_code"),
    [
        ("F07_2022-01-01..2022-08-22_VPCP.xlsx", "F07", "2022-01-01..2022-08-22"),
        ("f04_2022-M08G_bo-tu-phap.csv", "F04", "2022-M08G"),
        ("bao cao thang 8.xlsx", None, None),
        ("F99_2022-M13.xlsx", None, None),
        ("..2019-12-31_F01.xls", "F01", "..2019-12-31"),
    ],
)
def test_what_a_files_name_says(name: str, form_code: str | None, period_code: str | None) -> None:
    found = read_file_name(name, {"F01", "F04", "F07"})
    assert found.form_code == form_code
    assert (found.period.code if found.period else None) == period_code
