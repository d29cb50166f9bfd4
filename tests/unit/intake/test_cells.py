"""Typing cells, and showing them to people."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.cells import BadCellError, address, read_cell, read_printed_value, shown
from national_kpi.intake.number_locale import NumberLocale

AS_THE_FORM = NumberLocale("vi")


def column(data_type: str, **fields: Any) -> FormColumn:
    given = {
        "form_code": "F01", "position": 1, "column_name": "x", "header_vi": "X", "header_aliases": (),
        "is_required": True, "is_key": False, "allowed_values": (), "element_code": None,
        "constraint_text": None, "note": None,
    }  # fmt: skip
    return FormColumn(**given | fields | {"data_type": data_type})


@pytest.mark.parametrize(
    ("data_type", "cell", "value"),
    [
        ("integer", "13.042.570", 13_042_570),
        ("integer", 12.0, 12),
        ("decimal", "1.234,5", Decimal("1234.500000")),
        ("decimal", 1 / 3, Decimal("0.333333")),
        ("decimal", "0,0000005", Decimal("0.000001")),
        ("date", "22/08/2022", date(2022, 8, 22)),
        ("date", datetime(2022, 8, 22, 0, 0), date(2022, 8, 22)),
        ("yes_no", "x", True),
        ("yes_no", "Không", False),
        ("text", " nhiều\u00a0 khoảng \n trắng ", "nhiều khoảng trắng"),
        ("code", 1.0, "1"),
        ("code", "1.000001", "1.000001"),
    ],
)
def test_a_cell_becomes_what_its_column_means(data_type: str, cell: Any, value: object) -> None:
    assert read_cell(column(data_type), cell, AS_THE_FORM).value == value


@pytest.mark.parametrize("written", ["Toàn trình", "TOÀN  TRÌNH", "toan trinh", "toa\u0300n trình"])
def test_a_choice_is_understood_in_any_spelling(written: str) -> None:
    levels = column("enum", allowed_values=("toàn trình", "một phần"))
    assert read_cell(levels, written, AS_THE_FORM).value == "toàn trình"


@pytest.mark.parametrize(
    ("data_type", "cell", "rule_id"),
    [
        ("integer", "mười", "CELL-01"),
        ("integer", 1.5, "CELL-01"),
        ("decimal", "1,2,3", "CELL-01"),
        ("date", "31/02/2022", "CELL-01"),
        ("yes_no", "có thể", "CELL-01"),
        ("enum", "mức 5", "CELL-01"),
        ("integer", "=SUM(A1:A3)", "CELL-03"),
        ("text", "#DIV/0!", "CELL-03"),
    ],
)
def test_a_cell_its_column_cannot_take(data_type: str, cell: str, rule_id: str) -> None:
    with pytest.raises(BadCellError) as caught:
        read_cell(
            column(data_type, allowed_values=("mức 3",) if data_type == "enum" else ()), cell, AS_THE_FORM
        )
    assert caught.value.rule_id == rule_id
    assert caught.value.expected


@pytest.mark.parametrize(
    ("cell", "percent_decimals", "text", "value"),
    [
        ("97,67%", None, "97,67%", Decimal("97.67")),
        (0.9767, 2, "97,67%", Decimal("97.67")),
        (0.285, 0, "29%", Decimal(29)),
        (13042570.0, None, "13042570", Decimal(13042570)),
        ("khoảng 40%", None, "khoảng 40%", Decimal(40)),
    ],
)
def test_a_published_value_is_kept_as_printed(
    cell: Any, percent_decimals: int | None, text: str, value: Decimal
) -> None:
    printed = read_printed_value(column("printed_value"), cell, percent_decimals)
    assert (printed.text, printed.value.stated_value) == (text, value)


@pytest.mark.parametrize(
    ("cell", "rule_id"),
    [(datetime(2026, 6, 4), "CELL-04"), ("rất cao", "CELL-01"), ("#REF!", "CELL-03")],
)
def test_a_published_value_that_says_no_value(cell: Any, rule_id: str) -> None:
    with pytest.raises(BadCellError) as caught:
        read_printed_value(column("printed_value"), cell, None)
    assert caught.value.rule_id == rule_id


def test_cells_are_shown_as_people_see_them() -> None:
    assert [shown(c) for c in (1.0, 0.5, date(2022, 8, 2), datetime(2022, 8, 2, 9, 30), True, None)] == [
        "1", "0,5", "02/08/2022", "02/08/2022 09:30", "TRUE", "",
    ]  # fmt: skip
    assert (address(6, 3), address(0, 26)) == ("D7", "AA1")
