import io
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Length
from pypdf import PdfReader

from national_kpi.documents import OfficialDocument, Paragraph, Table, write_docx, write_pdf
from national_kpi.documents.pdf import draw_pages
from tests.unit.documents.samples import LETTERHEAD, TABLE, whole_document

SAID = (
    "TỔ CÔNG TÁC CỦA THỦ TƯỚNG",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Hà Nội, ngày 08 tháng 9 năm 2022",
    "BÁO CÁO",
    "Tình hình thực hiện các chỉ tiêu Chính phủ điện tử",
    "Kính gửi: Thủ tướng Chính phủ",
    "I. KẾT QUẢ",
    "còn thiếu 4.120 hồ sơ.",
    "– Bộ Y tế chưa có số liệu.",
    "Bảng 1. Kết quả của các bộ",
    "Chưa có số liệu",
    "Biểu đồ 1. Tỷ lệ hồ sơ xử lý trực tuyến",
    "TỔ PHÓ",
    "Nguyễn Văn A",
    "- Lưu: VT, TCT.",
    "Phụ lục I",
    "NGUỒN SỐ LIỆU",
    "bao_cao_60.xlsx",
)


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def docx_text(content: bytes) -> str:
    """All text in the order in which it stands, of paragraphs and tables."""
    body = Document(io.BytesIO(content)).element.body
    return "\n".join("".join(part.text or "" for part in row.iter(qn("w:t"))) for row in body.iter(qn("w:p")))


@pytest.mark.parametrize("said", SAID)
def test_both_files_say_what_the_document_says(said: str, both_texts: tuple[str, str]) -> None:
    for text in both_texts:
        assert said in text


@pytest.fixture(scope="module")
def both_texts() -> tuple[str, str]:
    document = whole_document(rows=60)
    return docx_text(write_docx(document)), pdf_text(write_pdf(document))


def test_a_document_has_the_same_bytes_every_time() -> None:
    document = whole_document("Bản phát hành số 1")
    assert write_docx(document) == write_docx(document)
    assert write_pdf(document) == write_pdf(document)


def test_the_stamp_stands_on_the_first_page_only() -> None:
    document = whole_document("Bản phát hành số 1", rows=60)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(document))).pages]
    assert ["Bản phát hành số 1" in page for page in pages] == [True] + [False] * (len(pages) - 1)
    first = Document(io.BytesIO(write_docx(document))).sections[0]
    assert first.first_page_footer.paragraphs[0].text == "Bản phát hành số 1"


def test_pages_are_numbered_from_the_second_one_on() -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(whole_document(rows=60)))).pages]
    assert not pages[0].startswith("1")
    assert [page.split()[0] for page in pages[1:]] == [str(number) for number in range(2, len(pages) + 1)]
    word = Document(io.BytesIO(write_docx(whole_document())))
    assert "PAGE" in word.sections[0].header.paragraphs[0]._p.xml
    assert [section.different_first_page_header_footer for section in word.sections] == [True, False]


def test_the_page_is_that_of_decree_30() -> None:
    word = Document(io.BytesIO(write_docx(whole_document())))
    upright, lying = word.sections
    assert _in_mm(upright.page_width, upright.page_height) == [210, 297]
    assert _in_mm(lying.page_width, lying.page_height) == [297, 210]
    margins = (upright.top_margin, upright.bottom_margin, upright.left_margin, upright.right_margin)
    assert _in_mm(*margins) == [20, 20, 30, 20]
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(write_pdf(whole_document()))).pages]
    assert [box.width < box.height for box in boxes] == [True, False]


def _in_mm(*lengths: Length | None) -> list[int]:
    return [round(length.mm) for length in lengths if length is not None]


def test_headings_of_the_word_file_are_headings_in_times_new_roman() -> None:
    word = Document(io.BytesIO(write_docx(whole_document())))
    headings = [
        (row.text, row.style.name) for row in word.paragraphs if row.style and "Heading" in row.style.name
    ]
    assert headings == [
        ("I. KẾT QUẢ", "Heading 1"),
        ("1. Các bộ", "Heading 2"),
        ("NGUỒN SỐ LIỆU", "Heading 1"),
    ]
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        fonts = word.styles[name].element.rPr.find(qn("w:rFonts"))
        assert set(fonts.attrib.values()) == {"Times New Roman"}


def test_a_table_repeats_its_head_on_every_page() -> None:
    document = whole_document(rows=60)
    word = Document(io.BytesIO(write_docx(document)))
    for table in (table for table in word.tables if len(table.rows) > 1):
        assert [row._tr.xml.count("w:tblHeader") for row in table.rows[:2]] == [1, 0]
    lying = [page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(document))).pages][1:]
    assert len(lying) > 1
    assert all("Tệp" in page for page in lying)


def test_pictures_say_what_they_show() -> None:
    word = zipfile.ZipFile(io.BytesIO(write_docx(whole_document()))).read("word/document.xml").decode()
    assert 'descr="Bộ Công Thương 99,99 %;' in word


@pytest.mark.parametrize(
    "text",
    [
        '#panic("no") *a* _b_ $x^2$ `c` <d> @e //f /* g */ \\ ~ = h',
        '#image("/etc/passwd") #read("official.typ") [ ] { } \' "',
        "<w:p/> & ]]> </w:t>",
    ],
)
def test_text_is_never_markup(text: str) -> None:
    document = OfficialDocument(
        name=text,
        letterhead=replace(LETTERHEAD, about=text),
        body=(Paragraph.of(text, is_indented=False), Table(TABLE.columns, ((text, "", ""),))),
        addressees=(text, text),
        recipients=(text,),
        stamp=text,
    )
    squeezed = text.replace(" ", "")
    for said in (docx_text(write_docx(document)), pdf_text(write_pdf(document))):
        assert "".join(said.split()).replace("\u200b", "").count(squeezed) >= 5


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1 has 1 cells"):
        Table(TABLE.columns, (("Bộ Y tế",),))


def test_pages_can_be_looked_at() -> None:
    pages = draw_pages(whole_document(rows=60), 30)
    assert len(pages) == len(PdfReader(io.BytesIO(write_pdf(whole_document(rows=60)))).pages)
    assert all(page.startswith(b"\x89PNG") for page in pages)
