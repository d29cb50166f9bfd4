"""Delimited text: any encoding, any delimiter, rows of any width, as a person sees them."""

import csv
import io
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.reading import delimited
from national_kpi.intake.reading.delimited import read_delimited
from national_kpi.limits import DEFAULT_LIMITS, Limits
from tests.unit.intake.legacy_writing import in_tcvn3
from tests.unit.intake.test_charsets import windows_1258

TEXT = "Biểu mẫu: F06\nCổng thông tin điện tử;Số lượt truy cập\nCổng A;1.234,5\nCổng B;\n"


def rows_of(content: bytes | str, limits: Limits = DEFAULT_LIMITS) -> list[list[object]]:
    return read_delimited(content.encode() if isinstance(content, str) else content, "x", limits).rows()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_any_unicode_and_any_delimiter(encoding: str, delimiter: str) -> None:
    text = TEXT.replace("1.234,5", '"1.234,5"').replace(";", delimiter)
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    assert rows_of((mark + text).encode(encoding)) == [
        ["Biểu mẫu: F06", None],
        ["Cổng thông tin điện tử", "Số lượt truy cập"],
        ["Cổng A", "1.234,5"],
        ["Cổng B", None],
    ]


@pytest.mark.parametrize("rows", [1, 100_000])
def test_other_encodings_are_decoded_wherever_they_show(rows: int) -> None:
    filler = "Cong;So\n" * rows
    text = filler + "Bộ Tư pháp;Tên đơn vị;Số liệu tổng hợp trong kỳ báo cáo của năm trước\n" * 5
    for content in (windows_1258(text), in_tcvn3(text).encode("cp1252"), in_tcvn3(text).encode()):
        assert rows_of(content)[-1][:2] == ["Bộ Tư pháp", "Tên đơn vị"]


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnreadableFileError, match="READ-12"):
        rows_of(b"a;b\n\0\1\2")


def test_a_quotation_mark_that_is_never_closed_is_refused_as_it_swallows_all_rows_behind_it() -> None:
    for text in ('a;b\nc;"d\ne;f\ng;h', 'a;b\n"c;d\ne;f', 'x\na;"b\nc'):
        with pytest.raises(UnreadableFileError, match="READ-01"):
            rows_of(text)
    assert rows_of('a;b\nc;"d\ne"') == [["a", "b"], ["c", "d\ne"]]
    assert rows_of('a;b\nc;5" màn') == [["a", "b"], ["c", '5" màn']]


def test_row_numbers_are_those_a_person_counts() -> None:
    assert rows_of("Biểu mẫu: F06\n\na;b\n\n1;2\n\n\n") == [
        ["Biểu mẫu: F06", None], [None, None], ["a", "b"], [None, None], ["1", "2"],
    ]  # fmt: skip


def test_rows_that_differ_in_width_are_filled_up() -> None:
    text = "a;b\n" * 300 + "1;2;3\nTổng\n" + "a;b\n" * 60_000 + "9;8;7;6"
    rows = rows_of(text)
    assert len(rows) == 60_303
    assert rows[299:303] == [["a", "b", None, None], ["1", "2", "3", None], ["Tổng", *[None] * 3], rows[0]]
    assert rows[-1] == ["9", "8", "7", "6"]


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("a;b\n" * 11, Limits(rows=10)),
        ("a;b;c", Limits(columns=2)),
        ("a;b\n" * 11, Limits(cells=20)),
        ("a;b\n" + "c;d;e\n" * 11, Limits(rows=10)),
        ("a;b\nc;d;e", Limits(columns=2)),
    ],
)
def test_too_many_rows_columns_or_cells_are_refused(text: str, limits: Limits) -> None:
    with pytest.raises(UnreadableFileError, match="READ-08"):
        rows_of(text, limits)


@given(st.text('ab1;"\r\n ẵ', max_size=40))
@settings(max_examples=500, deadline=None)
def test_fast_reading_gives_what_reading_row_by_row_gives(text: str) -> None:
    text = text.strip("\r\n")
    fast = delimited._read_regular(text.encode())
    if fast is None:
        return
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimited._delimiter(text.encode())))
    expected = [list(row) for row in zip(*zip_longest(*rows), strict=True)]
    cells = zip(*[column.to_pylist() for column in fast], strict=True)
    assert [[cell or None for cell in row] for row in cells] == [[c or None for c in r] for r in expected]
