"""Writing an official document as `.docx`, with python-docx: real headings, repeated table heads."""

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.section import Section
from docx.shared import Length, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from national_kpi.documents import wording
from national_kpi.documents.model import (
    Align,
    Annex,
    BarChart,
    Block,
    BulletList,
    Heading,
    Letterhead,
    NewPage,
    OfficialDocument,
    Paragraph,
    Run,
    Signature,
    Table,
    Title,
)
from national_kpi.documents.word_parts import (
    add_page_number,
    add_rule,
    describe_picture,
    keep_rows_whole,
    keep_together,
    repeat_first_row,
    same_bytes,
    set_borders,
    set_cell_margins,
    set_core_properties,
    set_styles,
    set_widths,
    shade,
)

TONE_FILLS = {
    "met": "CFE2F3",
    "on_track": "E3EEF8",
    "behind": "FFE9A8",
    "missed": "F6CDBB",
    "muted": "ECEFF1",
}
HEAD_FILL = "E6EBF0"
ROWS_KEPT_TOGETHER = 24
LEFT_MARGIN, RIGHT_MARGIN, OTHER_MARGINS = Mm(30), Mm(20), Mm(20)
SHORT_SIDE, LONG_SIDE = Mm(210), Mm(297)
ALIGNMENTS: dict[Align, WD_ALIGN_PARAGRAPH] = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


Entry = tuple[Run, Align, str | None]
"""A cell to be: its text, how it is aligned, its colour."""


def write_docx(document: OfficialDocument) -> bytes:
    """A document as `.docx`: the same bytes every time.

    Args:
        document: what it says.
    """
    word = Document()
    set_styles(word)
    set_core_properties(word, document)
    _set_page(word.sections[0], is_landscape=False)
    _number_pages(word.sections[0], document.stamp)
    _add_letterhead(word, document.letterhead)
    if document.title:
        _add_title(word, document.title)
    if document.addressees:
        _add_addressees(word, document.addressees)
    for block in document.body:
        _add(word, block)
    if document.signature and isinstance(document.body[-1], Paragraph):
        word.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs on a page without a word
    _add_ending(word, document.signature, document.recipients)
    for block in document.annexes:
        _add(word, block)
    file = io.BytesIO()
    word.save(file)
    return same_bytes(file.getvalue())


def _set_page(section: Section, *, is_landscape: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    sides = (LONG_SIDE, SHORT_SIDE) if is_landscape else (SHORT_SIDE, LONG_SIDE)
    section.page_width, section.page_height = sides
    section.left_margin, section.right_margin = LEFT_MARGIN, RIGHT_MARGIN
    section.top_margin = section.bottom_margin = OTHER_MARGINS
    section.header_distance = section.footer_distance = Mm(10)


def _number_pages(section: Section, stamp: str) -> None:
    """The number stands at the top of every page but the first, which has the stamp at its foot."""
    section.different_first_page_header_footer = True
    add_page_number(section.header.paragraphs[0])
    foot = section.first_page_footer.paragraphs[0]
    run = foot.add_run(stamp)
    run.italic, run.font.size = True, Pt(9)


def _add_letterhead(word: WordDocument, head: Letterhead) -> None:
    left, right = _side_by_side(word, Mm(72), Mm(98))  # the national title needs more than the text's width
    lines = [Run(head.superior.upper())] if head.superior else []
    _centred(left, [*lines, Run(head.issuer.upper(), bold=True)], Pt(12))
    add_rule(left.add_paragraph(), side_indent=Mm(25))
    _centred(left, [Run(head.number)], Pt(13))
    if head.about:
        _centred(left, [Run(head.about)], Pt(12))
    _centred(right, [Run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True)], Pt(12))
    _centred(right, [Run("Độc lập - Tự do - Hạnh phúc", bold=True)], Pt(13))
    add_rule(right.add_paragraph(), side_indent=Mm(24))
    _centred(right, [Run(f"{head.place}, {wording.day_in_words(head.day)}", italic=True)], Pt(13))
    for cell in (left, right):
        _drop_first_paragraph(cell)


def _add_title(word: WordDocument, title: Title) -> None:
    kind = _paragraph(word, [Run(title.kind.upper(), bold=True)], "center", Pt(14))
    kind.paragraph_format.space_before = Pt(18)
    kind.paragraph_format.space_after = Pt(0)
    _paragraph(word, [Run(title.subject, bold=True)], "center", Pt(14)).paragraph_format.space_after = Pt(0)
    add_rule(word.add_paragraph(), side_indent=Mm(62))


def _add_addressees(word: WordDocument, names: Sequence[str]) -> None:
    if len(names) == 1:
        _paragraph(word, [Run(f"Kính gửi: {names[0]}")], "center")
        return
    first = _paragraph(word, [Run("Kính gửi:")], "left")
    first.paragraph_format.left_indent = Mm(25)
    for index, name in enumerate(names, start=1):
        line = _paragraph(word, [Run(f"- {name}{'.' if index == len(names) else ';'}")], "left")
        line.paragraph_format.left_indent = Mm(45)


def _add_ending(word: WordDocument, signature: Signature | None, recipients: Sequence[str]) -> None:
    if not (signature or recipients):
        return
    word.add_paragraph().paragraph_format.keep_with_next = True
    left, right = _side_by_side(word, Mm(76), Mm(84))
    if recipients:
        _aligned(left, [Run("Nơi nhận:", bold=True, italic=True)], Pt(12), "left")
        for index, name in enumerate(recipients, start=1):
            _aligned(left, [Run(f"- {name}{'.' if index == len(recipients) else ';'}")], Pt(11), "left")
        _drop_first_paragraph(left)
    if signature:
        _centred(right, [Run(line.upper(), bold=True) for line in signature.office], Pt(13))
        for _ in range(4):
            right.add_paragraph().paragraph_format.space_after = Pt(0)
        _centred(right, [Run(signature.name, bold=True)], Pt(13))
        _drop_first_paragraph(right)


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case Heading():
            word.add_paragraph(block.text, style=f"Heading {block.level}")
        case Paragraph():
            paragraph = _paragraph(word, block.runs, block.align)
            if block.is_indented and block.align == "justify":
                paragraph.paragraph_format.first_line_indent = Mm(10)
        case BulletList():
            for item in block.items:
                paragraph = _paragraph(word, (Run("– "), *item), "justify")
                paragraph.paragraph_format.left_indent = Mm(14)
                paragraph.paragraph_format.first_line_indent = Mm(-4)
        case Table():
            _add_table(word, block)
        case BarChart():
            _add_chart(word, block)
        case Annex():
            _paragraph(word, [Run(block.number, bold=True)], "center", Pt(14))
            heading = word.add_paragraph(block.title.upper(), style="Heading 1")
            heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _paragraph(word, [Run(block.belongs_to, italic=True)], "center")
        case NewPage():
            section = word.add_section(WD_SECTION.NEW_PAGE)
            section.different_first_page_header_footer = False
            _set_page(section, is_landscape=block.is_landscape)


def _add_table(word: WordDocument, block: Table) -> None:
    size = Pt(9) if block.is_small else Pt(11)
    if block.caption:
        caption = _paragraph(word, [Run(block.caption, bold=True)], "center", Pt(12))
        caption.paragraph_format.space_before = Pt(6)
        caption.paragraph_format.keep_with_next = True
    table = word.add_table(rows=1 + len(block.rows), cols=len(block.columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    set_borders(table)
    set_cell_margins(table, Mm(1))
    total = sum(column.share for column in block.columns)
    set_widths(table, [Length(_text_width(word) * column.share // total) for column in block.columns])
    heads: list[Entry] = [(Run(column.title, bold=True), "center", HEAD_FILL) for column in block.columns]
    _fill_row(table.rows[0].cells, heads, size)
    for row, cells in zip(table.rows[1:], block.cells(), strict=True):
        entries: list[Entry] = [
            (Run(cell.text, bold=cell.is_bold), column.align, TONE_FILLS.get(cell.tone or ""))
            for cell, column in zip(cells, block.columns, strict=True)
        ]
        _fill_row(row.cells, entries, size)
    repeat_first_row(table)
    keep_rows_whole(table)
    if len(block.rows) <= ROWS_KEPT_TOGETHER and not block.is_small:
        keep_together(table)
    note = _paragraph(word, [Run(block.note, italic=True)], "left", Pt(10.5))
    note.paragraph_format.space_before = Pt(3)


def _fill_row(cells: Sequence[_Cell], entries: Sequence[Entry], size: Length) -> None:
    for cell, (run, align, fill) in zip(cells, entries, strict=True):
        paragraph = cell.paragraphs[0]
        _write(paragraph, [run], size)
        paragraph.alignment = ALIGNMENTS[align]
        paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
        if fill:
            shade(cell, fill)


def _add_chart(word: WordDocument, chart: BarChart) -> None:
    from national_kpi.documents.charts import as_png  # loads matplotlib, which takes long

    paragraph = word.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(io.BytesIO(as_png(chart)), width=_text_width(word))
    describe_picture(picture, chart.description)
    _paragraph(word, [Run(chart.caption, bold=True)], "center", Pt(12))


def _text_width(word: WordDocument) -> Length:
    section = word.sections[-1]
    return Length((section.page_width or SHORT_SIDE) - LEFT_MARGIN - RIGHT_MARGIN)


def _side_by_side(word: WordDocument, *widths: Length) -> tuple[_Cell, ...]:
    table = word.add_table(rows=1, cols=len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    set_widths(table, widths)
    set_cell_margins(table, Mm(0))
    keep_rows_whole(table)
    return tuple(table.rows[0].cells)


def _drop_first_paragraph(cell: _Cell) -> None:
    """Remove the empty paragraph a new cell begins with."""
    first = cell.paragraphs[0]._p
    first.getparent().remove(first)


def _centred(cell: _Cell, lines: Sequence[Run], size: Length) -> None:
    _aligned(cell, lines, size, "center")


def _aligned(cell: _Cell, lines: Sequence[Run], size: Length, align: Align) -> None:
    for line in lines:
        paragraph = cell.add_paragraph()
        _write(paragraph, [line], size)
        paragraph.alignment = ALIGNMENTS[align]
        paragraph.paragraph_format.space_after = Pt(0)


def _paragraph(
    word: WordDocument, runs: Sequence[Run], align: Align, size: Length | None = None
) -> WordParagraph:
    paragraph = word.add_paragraph()
    _write(paragraph, runs, size)
    paragraph.alignment = ALIGNMENTS[align]
    return paragraph


def _write(paragraph: WordParagraph, runs: Sequence[Run], size: Length | None = None) -> None:
    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold, written.italic = run.bold or None, run.italic or None
        written.font.size = size
