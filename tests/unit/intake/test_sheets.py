"""Sheets by columns: every cell stays where it was."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.intake.sheets import Column, Grid

cells = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from([0.5, 1.0, -0.0]), st.text(max_size=3),
    st.dates(date(2020, 1, 1), date(2020, 1, 3)), st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 3)),
)  # fmt: skip


def kept(cell: Any) -> Any:
    """What is left of a cell: blanks are empty."""
    return None if isinstance(cell, str) and not cell.strip() else cell


@given(st.lists(st.lists(cells, max_size=4), max_size=6))
def test_cells_stay_where_they_were_in_rows_of_any_length(rows: list[list[Any]]) -> None:
    sheet = Grid("Trang 1", rows).to_sheet()
    width = max((len(row) for row in rows), default=0)
    assert (sheet.height, len(sheet.columns)) == (len(rows), width)
    for number, row in enumerate(rows):
        whole = [kept(cell) for cell in row] + [None] * (width - len(row))
        assert sheet.row(number) == whole
        assert [isinstance(cell, bool) for cell in sheet.row(number)] == [isinstance(c, bool) for c in whole]
    assert sheet.is_empty == all(kept(cell) is None for row in rows for cell in row)


def test_a_cell_outside_the_sheet_is_empty() -> None:
    sheet = Grid("Trang 1", [["a"]]).to_sheet()
    assert [sheet.cell(*place) for place in [(0, 0), (1, 0), (0, 1), (-1, 0)]] == ["a", None, None, None]


def test_each_distinct_cell_is_kept_once() -> None:
    column = Column.of(["x", None, "x", "y", "x"])
    assert (column.cells, column.codes.tolist()) == ([None, "x", "y"], [1, 0, 1, 2, 1])


@pytest.mark.parametrize("pieces", [[["x", None, "x", " ", "y"]], [["x", None], ["x", " ", "y"]], [[]]])
def test_texts_make_the_column_their_cells_make(pieces: list[list[str | None]]) -> None:
    column = Column.of_texts(pa.chunked_array([pa.array(piece, pa.string()) for piece in pieces]))
    cells = [kept(cell) for piece in pieces for cell in piece]
    assert [column.cells[code] for code in column.codes] == cells


@pytest.mark.parametrize("in_arrow", [True, False])
def test_only_texts_with_more_than_plain_signs_are_tidied(in_arrow: bool) -> None:
    plain = ["Thủ tục số 1", "000.00.15", "“Đất đai” – ô", "x"]
    odd = ["a  b", " a", "a ", "=1", "#N/A", "a\u0301", "a\u00a0b", "a\u200bb", "\u200ba", "a\nb"]
    texts = [*plain, None, *odd]
    column = Column.of_texts(pa.chunked_array([pa.array(texts)])) if in_arrow else Column.of(texts)
    seen: dict[str, int] = {}

    def tidy(code: int, text: str) -> str:
        seen[text] = code
        return "tidied"

    kept = column.texts(tidy)
    assert kept is not None
    assert [kept[int(code)].as_py() for code in column.codes] == [*plain, None, *["tidied"] * len(odd)]
    assert seen == {text: column.cells.index(text) for text in odd}


def test_a_column_that_holds_more_than_texts_has_no_texts() -> None:
    assert Column.of(["a", 1.0]).texts(lambda _, text: text) is None


@pytest.mark.parametrize("in_arrow", [True, False])
def test_the_codes_of_texts_a_pattern_finds(in_arrow: bool) -> None:
    texts = ["Tổng cộng", None, " cộng", "x", "Tổng cộng"]
    column = Column.of_texts(pa.chunked_array([pa.array(texts)])) if in_arrow else Column.of(texts)
    found = column.codes_like(r"^\s*[tTcC]")
    assert [column.cells[code] for code in found] == ["Tổng cộng", " cộng"]
