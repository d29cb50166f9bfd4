"""The page of a receipt says all that its JSON says, and shows what strangers wrote as text."""

import re

import pytest

from national_kpi.intake.receipt_page import page_of
from national_kpi.intake.text import visible
from tests.unit.intake.receipts import HOSTILE, placed, whole_receipt


def text_of(page: str) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_says_what_became_of_the_file() -> None:
    text = text_of(page_of(whole_receipt()))
    for said in (
        "Số 12/G15 · 08:00 ngày 22/11/2026",
        "Đã tiếp nhận một phần Đề nghị sửa các dòng đó rồi gửi lại.",
        "điểm bắt buộc sửa: 3; điểm cần kiểm tra: 1; thông tin thêm: 1; điểm đã giải trình: 1.",
        "Hạn nộp 16/09/2022 – nộp quá hạn (khóa kỳ báo cáo: 30/09/2022)",
        "Số dòng chưa được tính 3 Biểu F04: dòng 3, 7, 9",
        "Văn bản đi 1.234.567,5",
        "Lần nộp 2, thay thế lần nộp trước",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"compared_with": "20261022T080000-ab"}, "Đã đối chiếu với lần nộp 20261022T080000-ab"),
        ({"rules_not_evaluated": ["F03-020"]}, "Chưa đối chiếu: hệ thống chưa có số liệu kỳ trước"),
        ({"is_nil": True}, "Cơ quan báo cáo không phát sinh số liệu trong kỳ"),
        ({"origin": "source:cong-dvc"}, "Hệ thống tự lấy từ “cong-dvc”"),
        ({"origin": "source:cong-dvc", "origin_name": "Cổng DVC"}, "Hệ thống tự lấy từ “Cổng DVC”"),
        ({"deadline": None, "revision": None}, "Kỳ báo cáo Tháng 8/2022 Số dòng đọc được 1.234"),
    ],
)
def test_the_page_says_what_only_some_receipts_say(more: dict[str, object], said: str) -> None:
    assert said in text_of(page_of(whole_receipt(**more)))


def test_places_of_one_rule_share_its_words() -> None:
    text = text_of(page_of(whole_receipt()))
    assert text.count("Giá trị không đọc được.") == 2  # the blocked cells, and the one explained
    assert "Ô E7 trang tính “ Biểu F04 ”, cột “Văn bản ký số” mười hai số nguyên không âm Ô E9" in text
    assert "Đối chiếu: văn bản đi: 900" in text


def test_explained_doubts_stand_apart() -> None:
    text = text_of(page_of(whole_receipt()))
    apart = text[text.index("Điểm đã giải trình (1)") :]
    assert "Ô F12" in apart
    assert "Giải trình: Đơn vị sự nghiệp báo cáo riêng." in apart
    assert "Ô F12" not in text[: text.index("Điểm đã giải trình (1)")]


def test_the_page_says_how_to_verify() -> None:
    text = text_of(page_of(whole_receipt()))
    for letter, name in (("a", "tệp"), ("d", "biên nhận"), ("c", "biên nhận trước"), ("b", "bộ quy tắc")):
        assert f"SHA-256 của {name} {letter * 64}" in text
    assert "certutil -hashfile" in text
    first = text_of(page_of(whole_receipt(previous_receipt_sha256=None)))
    assert "SHA-256 của biên nhận trước không có: đây là biên nhận đầu tiên" in first


def test_the_marked_workbook_is_linked_where_it_lies() -> None:
    page = page_of(whole_receipt())
    assert re.findall(r'href="([^"]+)"', page) == ["bao%20c%C3%A1o-danh-dau.xlsx"]
    assert "href" not in page_of(whole_receipt(marked_workbook=None))


@pytest.mark.parametrize(
    "told", [{"file_name": HOSTILE}, {"agency_code": HOSTILE}, {"origin": f"source:{HOSTILE}"}]
)
def test_what_strangers_name_is_shown_as_text(told: dict[str, str]) -> None:
    page = page_of(whole_receipt(**told))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "&lt;script&gt;" in page
    assert "[U+202E]gpj.xlsx[U+0007]" in page


@pytest.mark.parametrize(
    "field", ["sheet", "found", "expected", "message", "mend", "explanation", "evidence"]
)
def test_what_strangers_write_is_shown_as_text(field: str) -> None:
    page = page_of(whole_receipt(findings=[placed("block", **{field: HOSTILE + "javascript:alert(1)"})]))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "[U+202E]" in page
    assert not re.search(r"(?:href|src|on\w+)\s*=\s*[\"']?javascript", page)


def test_nothing_is_fetched_or_run() -> None:
    page = page_of(whole_receipt())
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|img|iframe|link|object)\b|url\(|@import", page)


def test_a_receipt_of_an_earlier_version_is_still_rendered() -> None:
    later = {"$schema", "deadline", "marked_workbook", "rows_left_out", "is_nil"}
    receipt = {key: value for key, value in whole_receipt(outcome="rejected").items() if key not in later}
    receipt["findings"] = [
        {k: v for k, v in one.items() if k not in ("evidence", "explanation", "explained_in")}
        for one in receipt["findings"]
    ]
    assert "Điểm bắt buộc sửa (3)" in text_of(page_of(receipt))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Số liệu", "Số liệu"),
        ("So\u0302\u0301", "Số"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\u200bb\tc\n", "a[U+200B]b[U+0009]c[U+000A]"),
        ("\ud83d", "[U+D83D]"),
        ("\ufeffa\uffff", "[U+FEFF]a[U+FFFF]"),
        ("20 %", "20 %"),
        (None, ""),
    ],
)
def test_what_is_not_seen_is_shown_by_its_code(text: str | None, shown: str) -> None:
    assert visible(text) == shown
