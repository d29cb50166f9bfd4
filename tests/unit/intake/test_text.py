"""Text made comparable."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from national_kpi.intake.text import clean, fold, shorten


def test_damaged_and_decomposed_text_becomes_one_line_of_nfc() -> None:
    assert clean(unicodedata.normalize("NFD", " Bộ\u00a0Tư \n pháp\u200b ")) == "Bộ Tư pháp"
    assert clean("a\x00b\x1fc") == "abc"
    assert clean(None) == ""


def test_headers_compare_without_case_accents_and_punctuation() -> None:
    assert fold("SỐ LƯỢT\ntruy cập (lượt)") == fold("Số lượt truy cập – lượt") == "so luot truy cap luot"
    assert fold("Tiếp nhận > Tổng số") == "tiep nhan > tong so"
    assert fold("Đơn vị") == "don vi"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


def test_long_text_is_cut_for_receipts() -> None:
    assert shorten("á" * 300, 10) == "á" * 9 + "…"
    assert shorten("ngắn") == "ngắn"
