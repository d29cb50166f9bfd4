"""A file's cells say how it writes numbers; that settles the cells that could be read in two ways."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.intake.digits import LARGEST_COUNT, NumberError
from national_kpi.intake.number_locale import NumberLocale, Reading, infer_locale, read_integer, read_number
from national_kpi.intake.numbers import parse_date, parse_yes_no
from tests.unit.intake.test_numbers import ANYTHING, in_vietnamese

FORM_VI, FORM_EN = NumberLocale("vi"), NumberLocale("en")
FILE_VI, FILE_EN = NumberLocale("vi", is_inferred=True), NumberLocale("en", is_inferred=True)


@pytest.mark.parametrize(
    ("decimals", "integers", "inferred"),
    [
        ([], [], FORM_VI),
        (["1.234", "1,234", "12", 7, 0.5, None, "x"], ["5"], FORM_VI),
        (["68.257,5"], [], FILE_VI),
        (["70,5"], [], FILE_VI),
        (["1.234.567"], [], FILE_VI),
        (["0,123"], [], FILE_VI),
        (["1 234,5"], [], FILE_VI),
        (["97,667%"], [], FILE_VI),
        (["1,9 triệu"], [], FILE_VI),
        ([], ["1.234"], FILE_VI),
        (["12,345.67"], [], FILE_EN),
        (["0.3"], [], FILE_EN),
        (["1,234,567"], [], FILE_EN),
        (["1234.567"], [], FILE_EN),
        (["97.667%"], [], FILE_EN),
        ([], ["1,234"], FILE_EN),
        (["1.234"], ["1,234"], FILE_EN),
        (["70,5", "0.3"], [], FORM_VI),
        (["70,5"] * 2 + ["0.3"], [], FORM_VI),
        (["70,5"] * 3 + ["0.3"], [], FILE_VI),
        (["70,5"], ["1,234"] * 3, FILE_EN),
        (["1.23.456", "1,2,3", "khoảng 40,5", "01/08/2022", "1.2.3"], [], FORM_VI),
    ],
)
def test_cells_with_one_reading_say_how_the_file_writes_numbers(
    decimals: list[object], integers: list[object], inferred: NumberLocale
) -> None:
    assert infer_locale("vi", decimals=decimals, integers=integers) == inferred


def test_without_evidence_the_forms_way_of_writing_stands_in() -> None:
    assert infer_locale("en", decimals=["1.234", "1,234"]) == FORM_EN


@pytest.mark.parametrize(
    ("cell", "locale", "number", "doubt"),
    [
        # Two readings: the file settles them, or the form does and the reading is in doubt.
        ("1.234", FILE_VI, "1234", None),
        ("1.234", FILE_EN, "1.234", None),
        ("1,234", FILE_VI, "1.234", None),
        ("1,234", FILE_EN, "1234", None),
        ("1.234", FORM_VI, "1234", "ambiguous"),
        ("1,234", FORM_VI, "1.234", "ambiguous"),
        ("1.234", FORM_EN, "1.234", "ambiguous"),
        # One reading: it is taken, whatever the file's.
        ("0.3", FILE_VI, "0.3", "other_style"),
        ("28.5", FILE_VI, "28.5", "other_style"),
        ("0.306", FILE_VI, "0.306", "other_style"),
        ("1234.567", FILE_VI, "1234.567", "other_style"),
        ("1,234.5", FILE_VI, "1234.5", "other_style"),
        ("70,5", FILE_EN, "70.5", "other_style"),
        ("1.234,5", FILE_EN, "1234.5", "other_style"),
        ("1.234.567", FILE_EN, "1234567", "other_style"),
        ("0.3", FILE_EN, "0.3", None),
        ("70,5", FILE_VI, "70.5", None),
        ("68.257,5", FILE_VI, "68257.5", None),
        # Shares.
        ("97,67%", FILE_VI, "97.67", None),
        ("70,5 %", FORM_VI, "70.5", None),
        ("97.667%", FORM_EN, "97.667", None),
        ("97.667%", FILE_VI, "97.667", "other_style"),
        # Words for thousands and more.
        ("1,9 triệu", FILE_VI, "1900000", "scale_word"),
        ("2 nghìn tỷ", FORM_VI, "2000000000000", "scale_word"),
        ("1.234 triệu", FORM_VI, "1234000000", "ambiguous"),
        ("1.234 triệu", FILE_EN, "1234000", "scale_word"),
        # Numbers kept as text, and as numbers.
        ("'1 234 567", FORM_VI, "1234567", None),
        ("\u00a01\u00a0234,5\u00a0", FORM_VI, "1234.5", None),
        ("1\u202f234", FORM_VI, "1234", None),
        ("-3,5", FORM_VI, "-3.5", None),
        ("− 3", FORM_VI, "-3", None),
        ("+12", FORM_VI, "12", None),
        (12, FORM_VI, "12", None),
        (0.1 + 0.2, FORM_VI, "0.3", None),
        (1.234, FORM_VI, "1.234", None),
        (Decimal("28.125"), FORM_EN, "28.125", None),
    ],
)
def test_a_number_is_read_the_one_way_it_can_be_else_as_its_file_writes(
    cell: object, locale: NumberLocale, number: str, doubt: str | None
) -> None:
    assert read_number(cell, locale) == Reading(Decimal(number), doubt)


@pytest.mark.parametrize(
    ("cell", "locale", "number", "doubt"),
    [
        ("1.234", FORM_VI, 1234, None),
        ("1,234", FORM_EN, 1234, None),
        ("68.257", FILE_VI, 68257, None),
        ("68.257", FILE_EN, 68257, "other_style"),
        ("1,234", FILE_VI, 1234, "other_style"),
        ("1.234.567", FILE_VI, 1234567, None),
        ("1,000", FILE_EN, 1000, None),
        ("12,0", FILE_VI, 12, None),
        ("1.234,00", FILE_VI, 1234, None),
        ("1.234,000", FILE_VI, 1234, "ambiguous"),
        ("1,234.000", FILE_EN, 1234, "ambiguous"),
        ("1,9 triệu", FORM_VI, 1900000, "scale_word"),
        ("1,234 triệu", FORM_VI, 1234000, "ambiguous"),
        ("1,234 triệu", FILE_VI, 1234000, "scale_word"),
        ("12 nghìn", FORM_VI, 12000, "scale_word"),
        ("007", FORM_VI, 7, None),
        ("13 042 570", FORM_VI, 13042570, None),
        (7, FORM_VI, 7, None),
        (7.0, FORM_VI, 7, None),
    ],
)
def test_a_whole_number_is_read_whatever_groups_its_thousands(
    cell: object, locale: NumberLocale, number: int, doubt: str | None
) -> None:
    assert read_integer(cell, locale) == Reading(number, doubt)


@pytest.mark.parametrize(
    "cell",
    [None, "", True, float("nan"), float("inf"), "1.2.3", "1e5", 1e30, "x", "-", "9" * 23, "1,2,34",
     "9" * 22 + ".9999999", "9 tỷ tỷ tỷ", "1 " * 200, "01/08/2022", "5 triệu %"],
)  # fmt: skip
def test_what_is_no_number_is_refused(cell: object) -> None:
    for read in (read_number, read_integer):
        with pytest.raises(NumberError) as refusal:
            read(cell, FORM_VI)
        assert len(refusal.value.found) < 500


@pytest.mark.parametrize("cell", ["12,5", 12.5, "1.23", "50%", "1,23456 nghìn", "9" * 20, 10**15])
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    with pytest.raises(NumberError, match="số nguyên"):
        read_integer(cell, FORM_VI)


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("khoảng 40", "không kèm từ chỉ mức ước lượng"),
        ("trên 1.200", "không kèm từ chỉ mức ước lượng"),
        ("5-7 nghìn", "không kèm từ chỉ mức ước lượng"),
        ("từ 20 trở lên", "không kèm từ chỉ mức ước lượng"),
        ("66/302", "tử số và mẫu số vào các cột riêng"),
        ("12 hồ sơ", "không ghi kèm đơn vị"),
        ("chưa có số liệu", "ví dụ 1.234"),
    ],
)
def test_text_that_only_says_about_how_much_is_refused_with_what_to_change(cell: str, advice: str) -> None:
    for read in (read_number, read_integer):
        with pytest.raises(NumberError, match=advice):
            read(cell, FORM_VI)


def test_an_integer_too_long_to_be_written_out_is_refused() -> None:
    for read in (parse_date, parse_yes_no, lambda cell: read_number(cell, FORM_VI)):
        with pytest.raises(NumberError, match=r"1\.000000e\+5000"):
            read(10**5000)


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_a_number_with_decimals_reads_back_in_either_way_of_writing(value: Decimal) -> None:
    for locale in (FORM_VI, FORM_EN, FILE_VI, FILE_EN):
        assert read_number(in_vietnamese(value), locale).value == value
        assert read_number(f"{value:,f}", locale).value == value


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_a_file_that_shows_its_way_of_writing_leaves_nothing_ambiguous(value: Decimal) -> None:
    for written, sure in ((in_vietnamese(value), "70,5"), (f"{value:,f}", "70.5")):
        locale = infer_locale("vi", decimals=[sure, sure, sure, written])
        assert read_number(written, locale) == Reading(value)


@given(st.integers(0, LARGEST_COUNT))
def test_a_whole_number_reads_back_in_either_way_of_writing(value: int) -> None:
    for locale in (FORM_VI, FORM_EN):
        assert read_integer(f"{value:,}", locale).value == value
        assert read_integer(in_vietnamese(Decimal(value)), locale).value == value


@given(ANYTHING, st.sampled_from([FORM_VI, FORM_EN, FILE_VI, FILE_EN]))
def test_no_cell_whatever_it_holds_breaks_reading(cell: object, locale: NumberLocale) -> None:
    assert infer_locale("vi", decimals=[cell], integers=[cell]).style in ("vi", "en")
    for read in (read_number, read_integer):
        try:
            value = read(cell, locale).value
        except NumberError as refusal:
            assert refusal.expected
        else:
            assert abs(value) < 10**22
