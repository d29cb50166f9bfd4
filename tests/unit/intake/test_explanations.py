"""The sheet “Giải trình”: which lines explain which doubts."""

from typing import Any

import pytest

from national_kpi.intake.explanations import explain, read_explanations
from national_kpi.intake.problems import Problem
from national_kpi.intake.sheets import Grid, Sheet

HEADER = ["STT", "Trang tính", "Ô", "Mã quy tắc", "Nội dung giải trình"]


def sheet(*rows: list[Any], name: str = "Giải trình", header: list[str] = HEADER, **more: Any) -> Sheet:
    return Grid(name, [["BẢNG GIẢI TRÌNH"], [], header, *map(list, rows)], **more).to_sheet()


def doubt(rule_id: str = "F02-010", cell: str = "K6", **more: Any) -> Problem:
    return Problem(rule_id, more.pop("severity", "warn"), "…", "…", cell=cell, sheet="F02", **more)


@pytest.mark.parametrize(
    ("line", "is_about"),
    [
        ([1, None, "K6", None, "Lý do"], True),
        ([1, None, "$K$6", None, "Lý do"], True),
        ([1, "f02", "k6", "f02-010", "Lý do"], True),
        ([1, None, None, "F02-010", "Lý do"], True),
        ([1, None, "K7", "F02-010", "Lý do"], False),
        ([1, "F03", "K6", None, "Lý do"], False),
        ([1, "F02", None, None, "Lý do"], False),  # it does not say what it explains
        ([1, None, "K6", None, None], False),
    ],
)
def test_a_line_explains_what_it_names(line: list[Any], is_about: bool) -> None:
    (one,) = explain([doubt()], read_explanations([sheet(line)]))
    assert one.explanation == ("Lý do" if is_about else None)


def test_what_blocks_and_what_is_explained_in_its_row_stays_as_it_is() -> None:
    lines = read_explanations([sheet([1, None, "K6", None, "Lý do"])])
    found = explain([doubt(severity="block"), doubt(explanation="Ở dòng")], lines)
    assert [one.explanation for one in found] == [None, "Ở dòng"]


def test_other_sheets_and_hidden_ones_explain_nothing() -> None:
    line = [1, None, "K6", None, "Lý do"]
    others = [
        sheet(line, name="F02"),
        sheet(line, is_hidden=True),
        sheet(line, header=["A", "B", "C", "D", "E"]),
    ]
    assert read_explanations(others) == []
