"""What python-docx has no words for: fields, shading, borders, descriptions, and a file without a clock."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shape import InlineShape
from docx.shared import Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from national_kpi.documents.model import OfficialDocument

FONT = "Times New Roman"
BODY_SIZE = Pt(13)
LANGUAGE = "vi-VN"
EPOCH = (1980, 1, 1, 0, 0, 0)
LINE = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": "52606D"}


def set_styles(word: WordDocument) -> None:
    """Body text and headings in Times New Roman, black, as Decree 30/2020/NĐ-CP asks."""
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        style = word.styles[name]
        if not isinstance(style, ParagraphStyle):
            raise TypeError(f"the style {name} is not a paragraph's")
        style.font.name, style.font.size = FONT, BODY_SIZE
        style.font.color.rgb = RGBColor(0, 0, 0)
        _name_every_font(style)
        style.paragraph_format.space_after = Pt(6)
        style.paragraph_format.line_spacing = 1.1
        if name != "Normal":
            style.font.bold, style.font.italic = name != "Heading 3", name == "Heading 3"
            style.paragraph_format.space_before = Pt(8)
            style.paragraph_format.keep_with_next = True


def _name_every_font(style: ParagraphStyle) -> None:
    """The template's theme would have its own fonts for some scripts, and English for spelling."""
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for attribute in list(fonts.attrib):
        if attribute.lower().endswith("theme"):
            del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    for language in properties.findall(qn("w:lang")):
        properties.remove(language)
    properties.append(_element("w:lang", {"w:val": LANGUAGE, "w:eastAsia": LANGUAGE}))


def set_core_properties(word: WordDocument, document: OfficialDocument) -> None:
    """Title, author and dates: those of the document, never of the moment it is written."""
    core, day = word.core_properties, datetime.combine(document.letterhead.day, time())
    core.title, core.author, core.language = document.name, document.letterhead.issuer, LANGUAGE
    core.last_modified_by = document.letterhead.issuer
    core.comments, core.keywords, core.revision = "", "", 1
    core.created = core.modified = day


def add_page_number(paragraph: WordParagraph) -> None:
    """The number of the page, centred."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind in ("begin", "instruction", "end"):
        if kind == "instruction":
            instruction = _element("w:instrText", {"xml:space": "preserve"})
            instruction.text = "PAGE"
            run._r.append(instruction)
        else:
            run._r.append(_element("w:fldChar", {"w:fldCharType": kind}))


def add_rule(paragraph: WordParagraph, *, side_indent: Length) -> None:
    """Make a paragraph a line, as long as the indents at both sides leave it."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = side_indent
    form.space_after, form.space_before, form.line_spacing = Pt(4), Pt(0), Pt(4)
    borders = _element("w:pBdr")
    borders.append(_element("w:bottom", LINE | {"w:color": "000000", "w:space": "1"}))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def set_borders(table: WordTable) -> None:
    """Thin lines around every cell."""
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(f"w:{side}", LINE))
    table._tbl.tblPr.append(borders)


def set_cell_margins(table: WordTable, width: Length) -> None:
    """How far text stays from the left and the right of its cell."""
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", {"w:w": str(round(width.twips)), "w:type": "dxa"}))
    table._tbl.tblPr.append(margins)


def set_widths(table: WordTable, widths: Sequence[Length]) -> None:
    """Columns that do not depend on what is in them."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def repeat_first_row(table: WordTable) -> None:
    """The first row is the head, repeated on every page."""
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", {"w:val": "true"}))


def keep_rows_whole(table: WordTable) -> None:
    """No row is broken by a page."""
    for row in table.rows:
        row._tr.get_or_add_trPr().insert(0, _element("w:cantSplit", {"w:val": "true"}))


def keep_together(table: WordTable) -> None:
    """The whole table stays on one page."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def shade(cell: _Cell, fill: str) -> None:
    """Colour a cell: six hexadecimal digits."""
    cell._tc.get_or_add_tcPr().append(
        _element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": fill})
    )


def describe_picture(picture: InlineShape, description: str) -> None:
    """Say what a picture shows, for those who cannot see it."""
    picture._inline.docPr.set("descr", description)


def same_bytes(content: bytes) -> bytes:
    """The same `.docx` without the times at which its parts were packed."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            target.writestr(entry, source.read(name))
    return packed.getvalue()


def _element(name: str, attributes: dict[str, str] | None = None) -> BaseOxmlElement:
    element = OxmlElement(name)
    for attribute, value in (attributes or {}).items():
        element.set(qn(attribute), value)
    return element
