"""Cells are read with the one meaning they have, or refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.errors import KpiPlatformError
from national_kpi.intake.digits import LARGEST_COUNT, NumberError
from national_kpi.intake.numbers import (
    PrintedValue,
    parse_date,
    parse_printed_value,
    parse_yes_no,
)


def exactly(number: str, decimals: int, unit: str | None) -> PrintedValue:
    value = Decimal(number)
    return PrintedValue(value, "=", value, value, decimals, unit)


def fraction(numerator: int, denominator: int, unit: str | None = None) -> PrintedValue:
    return PrintedValue(None, "=", None, None, None, unit, Decimal(numerator), Decimal(denominator))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13.042.570 lượt", exactly("13042570", 0, "lượt")),
        ("(7.604.781 lượt;", exactly("7604781", 0, "lượt")),
        ("790.910 lượt", exactly("790910", 0, "lượt")),
        ("13\u00a0042\u00a0570 lượt", exactly("13042570", 0, "lượt")),
        ("68.257 văn bản gửi", exactly("68257", 0, "văn bản gửi")),
        ("1.110.785 hồ sơ", exactly("1110785", 0, "hồ sơ")),
        ("34 dịch vụ", exactly("34", 0, "dịch vụ")),
        ("34 dịch vụ mức độ 3, 4", exactly("34", 0, "dịch vụ mức độ 3, 4")),
        ("63 tỉnh, thành phố", exactly("63", 0, "tỉnh, thành phố")),
        ("12 bộ, cơ quan", exactly("12", 0, "bộ, cơ quan")),
        (
            "4 bộ, cơ quan chưa ban hành quy chế",
            exactly("4", 0, "bộ, cơ quan chưa ban hành quy chế"),
        ),
        ("97,67%", exactly("97.67", 2, "%")),
        ("30,90%", exactly("30.90", 2, "%")),
        ("100 %", exactly("100", 0, "%")),
        ("0.3%", exactly("0.3", 1, "%")),
        ("28.5%", exactly("28.5", 1, "%")),
        ("70,5%", exactly("70.5", 1, "%")),
        ("97.667%", exactly("97.667", 3, "%")),
        ("đạt tỷ lệ 28,33%", exactly("28.33", 2, "%")),
        ("'56,6%", exactly("56.6", 1, "%")),
    ],
)
def test_a_plain_number_keeps_its_decimals_and_unit(text: str, expected: PrintedValue) -> None:
    assert parse_printed_value(text) == expected


@pytest.mark.parametrize(
    ("text", "numerator", "denominator", "stated", "decimals"),
    [
        ("01/326 văn bản, đạt 0.3%", 1, 326, "0.3", 1),
        ("66/302 văn bản, đạt 22%", 66, 302, "22", 0),
        ("124/436 văn bản, đạt 28.5%", 124, 436, "28.5", 1),
        ("105/149 văn bản, đạt 70,5%", 105, 149, "70.5", 1),
        ("66/302 (22%)", 66, 302, "22", 0),
        ("1.105/1.490 văn bản, đạt 74,2%", 1105, 1490, "74.2", 1),
    ],
)
def test_a_fraction_and_its_percentage_are_both_kept(
    text: str, numerator: int, denominator: int, stated: str, decimals: int
) -> None:
    value = Decimal(stated)
    assert parse_printed_value(text) == PrintedValue(
        value, "=", value, value, decimals, "%", Decimal(numerator), Decimal(denominator)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("62/95", fraction(62, 95)),
        ("54/54", fraction(54, 54)),
        ("62/95 bộ, cơ quan, địa phương", fraction(62, 95, "bộ, cơ quan, địa phương")),
        ("7 bộ, cơ quan trong số 12", fraction(7, 12, "bộ, cơ quan")),
        ("7 bộ, cơ quan trong số 12 bộ, cơ quan", fraction(7, 12, "bộ, cơ quan")),
    ],
)
def test_a_bare_fraction_states_no_number(text: str, expected: PrintedValue) -> None:
    assert parse_printed_value(text) == expected


@pytest.mark.parametrize(
    ("text", "value", "bound", "low", "high", "decimals", "unit"),
    [
        ("khoảng 40%", "40", "≈", "38", "42", 0, "%"),
        ("khoảng 97,3%", "97.3", "≈", "92.435", "102.165", 1, "%"),
        ("gần 1,9 triệu phương tiện", "1900000", "<", None, "1900000", -5, "phương tiện"),
        ("gần 52.000 tài khoản", "52000", "<", None, "52000", 0, "tài khoản"),
        ("chưa đến 5%", "5", "<", None, "5", 0, "%"),
        ("trên 20%", "20", ">", "20", None, 0, "%"),
        ("vượt mốc 30%", "30", ">", "30", None, 0, "%"),
        ("từ 20% trở lên", "20", ">", "20", None, 0, "%"),
        ("hơn 59.000 giấy phép", "59000", ">", "59000", None, 0, "giấy phép"),
        ("trên 10.000 tuyến", "10000", ">", "10000", None, 0, "tuyến"),
        ("50-75%", None, "range", "50", "75", 0, "%"),
        ("từ 50 đến 75%", None, "range", "50", "75", 0, "%"),
        ("đạt mức từ 50% – 75,5%", None, "range", "50", "75.5", 1, "%"),
        ("5-7 nghìn hồ sơ", None, "range", "5000", "7000", -3, "hồ sơ"),
    ],
)
def test_a_hedge_is_a_bound_not_a_value(
    text: str, value: str | None, bound: str, low: str | None, high: str | None, decimals: int, unit: str
) -> None:
    read = parse_printed_value(text)
    numbers = [Decimal(number) if number else None for number in (value, low, high)]
    assert [read.stated_value, read.low, read.high] == numbers
    assert (read.bound, read.decimals, read.unit) == (bound, decimals, unit)


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("Bộ đầu tiên phê duyệt Kiến trúc Chính phủ điện tử phiên bản 2.0", "1"),
        ("xếp thứ 5/63 tỉnh, thành phố", "5"),
    ],
)
def test_a_place_in_an_order_is_a_rank(text: str, rank: str) -> None:
    assert parse_printed_value(text) == exactly(rank, 0, "thứ hạng")


@pytest.mark.parametrize(
    "text",
    ["", "   ", "chưa có số liệu", "đạt mức " * 4000 + "5%", "năm 2022", "01/08/2022",
     "34 dịch vụ, đạt 28,33%",
     "không đạt 50%", "1.23.456", "75-50%", "3/0", "Quyết định 846/QĐ-TTg", "9" * 30, "tăng từ 30% lên 40%"],
)  # fmt: skip
def test_what_has_no_single_meaning_is_refused(text: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_printed_value(text)
    assert "cần" in str(refusal.value)
    assert isinstance(refusal.value, KpiPlatformError)
    assert isinstance(refusal.value, ValueError)


@pytest.mark.parametrize(
    "cell",
    ["22/08/2022", "22/8/2022", "22-08-2022", "22.8.2022", "2022-08-22", "2022-08-22T00:00:00", 44795,
     44795.0, "44795", datetime(2022, 8, 22, 9, 30), date(2022, 8, 22), "ngày 22 tháng 8 năm 2022",
     datetime(2022, 8, 21, 18, 0, tzinfo=UTC), "22/08/2022 00:00:00", "22/08/2022 08:15", "8:15 SA 22/8/2022",
     "22/08/2022, 3:05:09 CH", "Ngày 22/8/2022", "22 / 08 / 2022", "2022/08/22", "2022-08-22 08:15:30.5",
     "2022-08-21T18:00:00Z", "2022-08-22T09:30:00+07:00", "'22/08/2022", "\u00a022/08/2022\u00a0", 44795.34,
     "44795.34"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(cell: object) -> None:
    assert parse_date(cell) == date(2022, 8, 22)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "31/02/2022",
        "08/22/2022",
        "22/8/22",
        "22-08-22",
        2022,
        "2022",
        True,
        "hôm qua",
        "9999-12-31T23:59:59Z",
        "22/08/2022 đến 23/08/2022",
    ],
)
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(NumberError):
        parse_date(cell)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("Có", True), ("x", True), ("X", True), ("1", True), (1, True), (1.0, True), (True, True), ("✓", True),
     ("Không", False), ("", False), (None, False), (0, False), ("0", False), ("-", False), (False, False)],
)  # fmt: skip
def test_a_tick_and_a_word_mean_the_same(cell: object, answer: bool) -> None:
    assert parse_yes_no(cell) is answer


def test_an_unclear_tick_is_refused_with_what_was_found() -> None:
    with pytest.raises(NumberError) as refusal:
        parse_yes_no("có lẽ")
    assert (refusal.value.found, refusal.value.expected) == ("có lẽ", "“Có” hoặc “Không”")


def in_vietnamese(value: Decimal) -> str:
    return f"{value:,f}".translate(str.maketrans(".,", ",."))


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(["lượt", "hồ sơ", "văn bản gửi"]))
def test_a_count_with_its_unit_reads_back(count: int, unit: str) -> None:
    assert parse_printed_value(f"{in_vietnamese(Decimal(count))} {unit}") == exactly(str(count), 0, unit)


@given(
    st.decimals(min_value=0, max_value=100, places=2),
    st.sampled_from([("", "="), ("trên ", ">"), ("gần ", "<"), ("khoảng ", "≈"), ("đạt hơn ", ">")]),
    st.sampled_from([".", ","]),
)
def test_a_percentage_reads_back_with_its_hedge(value: Decimal, hedge: tuple[str, str], mark: str) -> None:
    words, bound = hedge
    read = parse_printed_value(f"{words}{str(value).replace('.', mark)}%")
    assert (read.stated_value, read.bound, read.decimals, read.unit) == (value, bound, 2, "%")


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_fraction_reads_back(numerator: int, denominator: int) -> None:
    assert parse_printed_value(f"{numerator}/{denominator}") == fraction(numerator, denominator)


@given(
    st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"]),
)
def test_a_day_reads_back(day: date, pattern: str) -> None:
    assert parse_date(day.strftime(pattern)) == day
    assert parse_date((day - date(1899, 12, 30)).days) == day


SIX_PLACES = Decimal("0.000001")
PIECES = st.lists(
    st.sampled_from(
        ["khoảng", "gần", "trên", "từ", "đến", "-", "/", "trong số", "triệu", "tỷ", "nghìn", "%", "văn bản",
         "đạt", "0,3", "1.234", "22", "9" * 22, "0,12345678", "1,9", "trở lên", "đầu tiên", "thứ"]
    ),
    max_size=6,
).map(" ".join)  # fmt: skip


@given(PIECES)
def test_whatever_is_read_can_be_stored(text: str) -> None:
    try:
        read = parse_printed_value(text)
    except NumberError:
        return
    for number in (read.stated_value, read.low, read.high):
        assert number is None or (number == number.quantize(SIX_PLACES) and abs(number) < 10**22)
    for count in (read.numerator, read.denominator):
        assert count is None or (count == int(count) and count <= LARGEST_COUNT)


@pytest.mark.parametrize(
    ("text", "number"), [("0,1234565%", "0.123457"), ("1,23456789 nghìn hồ sơ", "1234.56789")]
)
def test_more_than_six_decimals_are_rounded_half_up(text: str, number: str) -> None:
    assert parse_printed_value(text).stated_value == Decimal(number)


@pytest.mark.parametrize("text", ["9 tỷ tỷ tỷ tỷ", "1/99999999999999999999", "khoảng " + "9" * 22, "9" * 23])
def test_a_number_too_large_to_store_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        parse_printed_value(text)


ANYTHING = st.one_of(
    st.text(),
    st.text(alphabet="0123456789.,/-% ~≈từđếntrongsốtriệukhoảng"),
    PIECES,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.decimals(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


@given(ANYTHING)
def test_no_cell_whatever_it_holds_breaks_reading(cell: object) -> None:
    for read in (
        parse_printed_value,
        parse_date,
        parse_yes_no,
    ):
        try:
            read(cell)
        except NumberError as refusal:
            assert refusal.expected
