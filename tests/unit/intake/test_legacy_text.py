"""Text that only its font makes readable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.intake.legacy_text import LegacyFont, decode, decode_runs, legacy_font
from national_kpi.intake.syllables import LETTERS, is_syllable, read_words
from tests.unit.intake.legacy_writing import TCVN3, VNI, in_tcvn3, in_vni

PLAIN = "abcdeghiklmnopqrstuvxyABCDEGHIKLMNOPQRSTUVXY 0123456789.,;:()/-%"
SMALL = "".join(sorted(letter for letter in LETTERS if letter.islower()))
WORDS = (
    "bộ tài chính ngân sách trung ương địa phương dịch vụ công trực tuyến hồ sơ giải quyết đúng hạn quá hạn"
    " cổng thông tin điện tử tỷ lệ phần trăm nghỉ phép khoẻ hoà thuỷ lưỡng ngoẵng quỹ yếu xoắn nguyễn huỳnh"
    " đắk lắk giếng chữ ký số văn bản đơn vị thẩm định phê duyệt kỹ thuật mỗi cử tuyển ướm thử vẽ nghĩa"
)
SENTENCES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("name", "font"),
    [
        (".VnTime", LegacyFont("tcvn3")),
        (".VnArial Narrow", LegacyFont("tcvn3")),
        (".VnTimeH", LegacyFont("tcvn3", has_capitals_only=True)),
        (".VnArial NarrowH", LegacyFont("tcvn3", has_capitals_only=True)),
        (".VNTIMEH\0", LegacyFont("tcvn3", has_capitals_only=True)),
        ("VNI-Times", LegacyFont("vni")),
        ("VNI-Helve-Condense", LegacyFont("vni")),
        ("Times New Roman", None),
        ("VnUnicode", None),
        ("", None),
        (None, None),
    ],
)
def test_a_font_is_told_by_its_name(name: str | None, font: LegacyFont | None) -> None:
    assert legacy_font(name) == font


def test_all_134_letters_can_be_written_and_read() -> None:
    assert len(LETTERS) == 134
    of_tcvn3 = {write(decode(code, "tcvn3")) for code in TCVN3.values() for write in (str, str.upper)}
    of_vni = {decode(code, "vni") for code in VNI.values()}
    assert of_tcvn3 == LETTERS
    assert of_vni == LETTERS
    assert all(decode(code, "tcvn3") == letter for letter, code in TCVN3.items())
    assert all(decode(code, "vni") == letter for letter, code in VNI.items())


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([("Céng hßa x· héi chñ nghÜa ViÖt Nam", ".VnTime")], "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ([("§éc lËp - Tù do - H¹nh phóc", ".VnTime")], "Độc lập - Tự do - Hạnh phúc"),
        ([("bé tr\u00adëng Bé Tµi chÝnh", ".VnTimeH")], "BỘ TRƯỞNG BỘ TÀI CHÍNH"),
        ([("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI-Times")], "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ([("ÑOÄC LAÄP - Töï do - Haïnh phuùc", "VNI-Times")], "ĐỘC LẬP - Tự do - Hạnh phúc"),
        ([("bé ", ".VnTimeH"), ("Tµi chÝnh", ".VnTime"), (" (thu)", "Arial")], "BỘ Tài chính (thu)"),
        ([("Ha", "VNI-Times"), ("ø Noäi", "VNI-Helve")], "Hà Nội"),
        ([("Bộ Tài chính", "Times New Roman")], "Bộ Tài chính"),
        ([("Bé Tµi chÝnh", "Times New Roman")], "Bé Tµi chÝnh"),
    ],
)  # fmt: skip
def test_each_piece_of_text_is_read_by_its_font(runs: list[tuple[str, str]], text: str) -> None:
    assert decode_runs(runs) == text


@pytest.mark.parametrize(
    "text",
    ["Hồ sơ trực tuyến", "Đà Nẵng", "Cà Mau", "Trà Vinh", "Bình Thạnh", "Ngày làm việc", "Số 06/CKTC",
     unicodedata.normalize("NFD", "Hồ sơ"), "Ha Noi 2003", "100 %", ""],
)  # fmt: skip
@pytest.mark.parametrize("font", [".VnTime", "VNI-Times"])
def test_unicode_text_in_a_legacy_font_is_left_as_it_is(text: str, font: str) -> None:
    assert decode_runs([(text, font)]) == text


@given(st.text(SMALL + "ĂÂĐÊÔƠƯ" + PLAIN))
def test_tcvn3_reads_back(text: str) -> None:
    assert decode(in_tcvn3(text), "tcvn3") == text


@given(st.text([*LETTERS, *PLAIN]))
def test_vni_reads_back(text: str) -> None:
    assert decode(in_vni(text), "vni") == text


@given(SENTENCES)
def test_sentences_read_back_from_every_font(text: str) -> None:
    assert decode_runs([(in_tcvn3(text), ".VnTime")]) == text
    assert decode_runs([(in_tcvn3(text.upper()), ".VnTimeH")]) == text.upper()
    assert decode_runs([(in_vni(text.title()), "VNI-Times")]) == text.title()


@given(st.lists(st.tuples(st.text(), st.sampled_from([".VnTime", ".VnTimeH", "VNI-Times", "Arial", None]))))
def test_no_text_breaks_decoding(runs: list[tuple[str, str | None]]) -> None:
    assert isinstance(decode_runs(runs), str)


@pytest.mark.parametrize("word", [*WORDS.split(), "Việt", "QUYẾT", "giá", "gì", "ủy", "uỷ", "Ỷ", "ô", "ạ"])
def test_vietnamese_words_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["cỏc", "mểp", "bỡnh", "thø", "ß", "hồsơ", "café́", "über", "ưn", "qò", "đ"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)


def test_abbreviations_and_plain_words_say_nothing_about_a_text() -> None:
    assert read_words("NĐ-CP QĐ ha noi 2022 Đ") == read_words("")
    reading = read_words("Bộ bộ BỘ thø")
    assert (reading.valid, reading.invalid, reading.is_vietnamese) == (1, 1, False)
