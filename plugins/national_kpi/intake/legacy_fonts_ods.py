"""The fonts of an OpenDocument spreadsheet's cells, for `legacy_fonts`."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from national_kpi.intake.sheets import Place

Run = tuple[str, str | None]
"""A piece of a cell's text with the name of its font."""

_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_STYLE, _TABLE, _TEXT = (_NAMESPACE % name for name in ("style", "table", "text"))
_OFFICE, _SVG, _FO = (_NAMESPACE % name for name in ("office", "svg-compatible", "xsl-fo-compatible"))
_WIDEST = 16_384


@dataclass
class _Styles:
    """Which font each style draws with.

    Attributes:
        faces: the family of each font face, by the name styles use for it.
        fonts: what each style says of its font.
        parents: the style each style is based on.
    """

    faces: dict[str, str] = field(default_factory=dict)
    fonts: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def add(self, document: Element) -> None:
        """Take in the styles of one part of the file."""
        for face in document.iter(f"{_STYLE}font-face"):
            family = face.get(f"{_SVG}font-family", "").strip("'\"")
            self.faces[face.get(f"{_STYLE}name", "")] = family
        for style in document.iter(f"{_STYLE}style"):
            name, parent = style.get(f"{_STYLE}name", ""), style.get(f"{_STYLE}parent-style-name")
            if parent and parent != name:
                self.parents[name] = parent
            for text in style.iter(f"{_STYLE}text-properties"):
                if font := text.get(f"{_STYLE}font-name") or text.get(f"{_FO}font-family"):
                    self.fonts[name] = font

    def font(self, style: str | None) -> str | None:
        """The font a style draws with; None when neither it nor those it is based on say."""
        seen: set[str] = set()
        while style and style not in seen:
            if font := self.fonts.get(style):
                return self.faces.get(font, font).strip("'\"")
            seen.add(style)
            style = self.parents.get(style)
        return None


def cells_of_ods(content: bytes) -> Iterator[tuple[str, Place, list[Run]]]:
    """Every text cell with its sheet, its place and the pieces of its text.

    Args:
        content: an `.ods` file.
    """
    styles = _Styles()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document = fromstring(archive.read("content.xml"))
        if "styles.xml" in archive.namelist():
            styles.add(fromstring(archive.read("styles.xml")))
    styles.add(document)
    for table in document.iter(f"{_TABLE}table"):
        name = table.get(f"{_TABLE}name", "")
        columns = _column_styles(table)
        row = 0
        for line in table.iter(f"{_TABLE}table-row"):
            times = _repeated(line, "rows")
            for column, width, runs in _cells_of_row(line, columns, styles):
                for place in (
                    (row + down, column + right) for down in range(times) for right in range(width)
                ):
                    yield name, place, runs
            row += times


def _column_styles(table: Element) -> list[str | None]:
    styles: list[str | None] = []
    for column in table.iter(f"{_TABLE}table-column"):
        default = column.get(f"{_TABLE}default-cell-style-name")
        styles += [default] * min(_repeated(column, "columns"), _WIDEST)
    return styles


def _cells_of_row(
    line: Element, columns: list[str | None], styles: _Styles
) -> Iterator[tuple[int, int, list[Run]]]:
    """The row's text cells: where each begins, how many times it stands there, and its text."""
    column = 0
    for cell in line:
        width = _repeated(cell, "columns")
        if cell.get(f"{_OFFICE}value-type", "string") == "string":
            default = columns[column] if column < len(columns) else None
            style = cell.get(f"{_TABLE}style-name") or line.get(f"{_TABLE}default-cell-style-name") or default
            runs: list[Run] = []
            for number, paragraph in enumerate(cell.iterfind(f"{_TEXT}p")):
                runs += [("\n", None)] * bool(number)
                runs += _runs(paragraph, styles.font(style), styles)
            if runs:
                yield column, width, runs
        column += width


def _runs(element: Element, font: str | None, styles: _Styles) -> Iterator[Run]:
    if element.text:
        yield element.text, font
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " " * int(child.get(f"{_TEXT}c", "1")), font
        elif child.tag in (f"{_TEXT}span", f"{_TEXT}a"):
            yield from _runs(child, styles.font(child.get(f"{_TEXT}style-name")) or font, styles)
        if child.tail:
            yield child.tail, font


def _repeated(element: Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))
