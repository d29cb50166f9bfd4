"""Text files: the encoding is told for certain, or the file is refused with what to do."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.catalogue import Catalogue
from national_kpi.errors import UnreadableFileError
from national_kpi.intake.charsets import decode_text
from national_kpi.intake.examine import Examination
from tests.unit.intake.legacy_writing import in_tcvn3, in_vni
from tests.unit.intake.workbooks import form_grid, save

TEXT = (
    "Biểu mẫu: F04\nCơ quan báo cáo: Bộ Tư pháp\nTên đơn vị;Văn bản gửi;Đã ký số;Tỷ lệ\n"
    "Cục Công nghệ thông tin;1.200;1.000;83,3%\nVăn phòng – Bộ;50;5;10%\n"
)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def windows_1258(text: str) -> bytes:
    """As Windows writes it: letters with their own mark, tones as signs of their own."""
    signs = []
    for letter in text:
        marked = unicodedata.normalize("NFD", letter)
        signs.append(unicodedata.normalize("NFC", "".join(sign for sign in marked if sign not in TONES)))
        signs += [sign for sign in marked if sign in TONES]
    return "".join(signs).encode("cp1258")


ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": TEXT.encode("utf-8-sig"),
    "utf-8 decomposed": unicodedata.normalize("NFD", TEXT).encode(),
    "utf-16 little, with mark": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big, with mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 little, without": TEXT.encode("utf-16-le"),
    "utf-16 big, without": TEXT.encode("utf-16-be"),
    "utf-32": TEXT.encode("utf-32"),
    "windows-1258": windows_1258(TEXT),
    "vni": in_vni(TEXT).encode("cp1252"),
    "vni saved as utf-8": in_vni(TEXT).encode(),
    "vni saved as utf-16": in_vni(TEXT).encode("utf-16"),
    "tcvn3": in_tcvn3(TEXT).encode("cp1252"),
    "tcvn3 saved as utf-8": in_tcvn3(TEXT).encode(),
    "tcvn3 saved as utf-16": in_tcvn3(TEXT).encode("utf-16"),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_one_text_reads_the_same_in_every_encoding(content: bytes) -> None:
    assert decode_text(content) == TEXT


@pytest.mark.parametrize(
    "text",
    ["", "a;b;1,5\n", "Tư pháp", "naïve;café;Zürich", "Bộ;bé", "ông bà cháu có cá gà vé ví dù thú",
     "có không? Có", "https://dvc.gov.vn/tim?ma=x;https://dvc.gov.vn/tim?ma=y;1\n" * 20],
)  # fmt: skip
def test_unicode_text_is_left_as_it_is(text: str) -> None:
    assert decode_text(text.encode()) == text


def test_signs_that_are_the_same_in_all_encodings_do_not_make_a_file_doubtful() -> None:
    assert decode_text(b"F04\xa0\x96 \x93Bo\x94;12\n") == "F04\u00a0– “Bo”;12\n"


@pytest.mark.parametrize(
    "content",
    [
        "Généré par l'école à côté du théâtre, élève; très; déjà; été".encode("cp1252"),
        "Бюджет;Министерство".encode("cp1251"),
        "予算;省".encode("shift_jis"),
        "Bộ".encode()[:-1] + b";1",
        in_vni("bộ").encode("cp1252"),
        TEXT.encode("utf-16-le")[:-1],
        b"\xff\xfea",
        b"a;b\n\0\1\2",
        bytes(range(256)),
    ],
    ids=str,
)  # fmt: skip
def test_a_text_whose_encoding_is_not_certain_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="READ-12"):
        decode_text(content)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_letters_lost_as_question_marks_are_not_taken_for_text(encoding: str) -> None:
    lost = "Bi?u m?u;Co quan báo cáo;Tên don v?;S? luu?t;T? l?;?ã ký s?;?on v?\nB? Tu pháp;1;2;3;4;Vi?t;H?i"
    with pytest.raises(UnreadableFileError, match="READ-18"):
        decode_text(lost.encode(encoding))


WORDS = (
    "bộ tài chính ngân sách trung ương địa phương dịch vụ trực tuyến hồ sơ giải quyết đúng hạn quá cổng điện"
    " tử tỷ lệ phần trăm nghỉ phép lưỡng quỹ yếu xoắn huỳnh giếng chữ ký số văn bản đơn vị thẩm định"
)
TEXTS = (
    st.lists(st.sampled_from(WORDS.split()), min_size=15, max_size=60)
    .filter(lambda words: len(set(words)) >= 10)
    .map(" ".join)
)


@given(TEXTS)
def test_a_text_of_ten_different_words_reads_back_from_every_encoding(text: str) -> None:
    for content in (
        text.encode("utf-16-le"),
        windows_1258(text),
        in_vni(text).encode("cp1252"),
        in_tcvn3(text).encode("cp1252"),
        in_tcvn3(text).encode(),
    ):
        assert decode_text(content) == text


@given(st.binary(max_size=400))
def test_no_bytes_break_decoding(content: bytes) -> None:
    try:
        text = decode_text(content)
    except UnreadableFileError as refusal:
        assert refusal.rule_id in ("READ-12", "READ-18")
    else:
        assert unicodedata.is_normalized("NFC", text)


@given(st.text())
def test_unicode_is_never_refused_but_for_lost_letters(text: str) -> None:
    content = text.encode("utf-8", "ignore")
    try:
        decode_text(content)
    except UnreadableFileError as refusal:
        assert refusal.rule_id == "READ-18" or b"\0" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff")


FORM = {
    "utf-8 decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "utf-8 with no-break spaces": lambda text: text.replace(" ", "\u00a0").encode(),
    "utf-16 without mark": lambda text: text.encode("utf-16-le"),
    "windows-1258": windows_1258,
    "tcvn3": lambda text: in_tcvn3(text).encode("cp1252"),
    "vni": lambda text: in_vni(text).encode("cp1252"),
}


@pytest.mark.parametrize("write", FORM.values(), ids=FORM)
def test_a_form_is_understood_whatever_its_encoding(
    tmp_path: Path,
    catalogue: Catalogue,
    examine: Callable[..., Examination],
    write: Callable[[str], bytes],
) -> None:
    plain = save(tmp_path / "moi.csv", form_grid(catalogue, "F04"))
    encoded = tmp_path / "cu.csv"
    encoded.write_bytes(write(plain.read_text(encoding="utf-8-sig")))
    one, other = examine(encoded), examine(plain)
    assert one.rows is not None and other.rows is not None
    assert one.rows.drop_columns(["sheet"]).equals(other.rows.drop_columns(["sheet"]))
    assert [p.rule_id for p in one.problems] == [p.rule_id for p in other.problems]


def test_a_workbook_in_decomposed_letters_with_no_break_spaces_is_understood(
    tmp_path: Path, catalogue: Catalogue, examine: Callable[..., Examination]
) -> None:
    grid = form_grid(catalogue, "F04")
    odd = [
        [
            unicodedata.normalize("NFD", cell.replace(" ", "\u00a0")) if isinstance(cell, str) else cell
            for cell in row
        ]
        for row in grid
    ]
    one, other = (
        examine(save(tmp_path / f"{name}.xlsx", cells)) for name, cells in (("a", odd), ("b", grid))
    )
    assert one.rows is not None and other.rows is not None
    assert one.rows.equals(other.rows)
