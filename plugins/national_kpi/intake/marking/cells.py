"""Changing single cells of a sheet's XML and leaving every other byte as it is.

Whatever a library does not know (drawings, drop-downs, formats of newer programs) it loses when it writes a
sheet anew. So the XML is read for the places of the cells, and only there replaced.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import range_boundaries

from national_kpi.intake.marking.notes import Place

_TAG = re.compile(rb"<[^\s>/]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_STYLE = re.compile(rb"(\ss=)(?:\"\d*\"|'\d*')")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']")
_LETTERS = re.compile(r"[A-Za-z]+")
_QUOTED = re.compile(r'"[^"]*"')
_OUTWARD = re.compile(r"\[\d+\][^\[\]!]*!|\|")
_AFTER_LEGACY_DRAWING = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst", "AlternateContent",
}  # fmt: skip
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class OddSheetError(Exception):
    """The sheet's XML is none that can be changed in place."""


@dataclass(frozen=True)
class Cell:
    """A cell in the XML: where its opening tag lies, its style, and whether something is in it."""

    column: int
    start: int
    style: int
    is_filled: bool


@dataclass
class Row:
    """A row in the XML; `close` is where its closing tag lies, None when it has none."""

    number: int
    start: int
    style: int | None
    close: int | None = None
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class _Formula:
    start: int
    end: int
    is_outward: bool
    shared: str | None


def is_outward(formula: str) -> bool:
    """Whether a formula reaches into another file or program."""
    return bool(_OUTWARD.search(_QUOTED.sub("", formula)))


class SheetXml:
    """One sheet's XML, read once for the rows that are to be marked.

    Args:
        content: the part as it is in the package.
        rows: numbers of the rows that are to be marked, from 0.

    Raises:
        OddSheetError: it is not UTF-8, has a document type, or no rows at all.
        expat.ExpatError: it is not well-formed.
    """

    def __init__(self, content: bytes, rows: Iterable[int]) -> None:
        self._content = content
        self._wanted = set(rows)
        self._missing = sorted(self._wanted, reverse=True)
        self._depth = 0
        self._prefix = ""
        self._row_number = -1
        self._column = -1
        self._row: Row | None = None
        self._cell: tuple[int, int, int] | None = None
        self._in_rows = False
        self._is_filled = False
        self._formula: tuple[int, str | None] | None = None
        self._formula_text: list[str] = []
        self._formulas: list[_Formula] = []
        self._column_styles: list[tuple[int, int, int]] = []
        self._places_of_missing: dict[int, int] = {}
        self._drawing_place: int | None = None
        self.rows: dict[int, Row] = {}
        self.comments_drawing: str | None = None
        self._read()

    def _read(self) -> None:
        head = self._content[:200]
        declared = re.search(rb"encoding=[\"']([^\"']+)", head)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (declared and declared[1].lower() != b"utf-8"):
            raise OddSheetError("the XML is not UTF-8")
        parser = expat.ParserCreate()
        parser.ordered_attributes = False
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        self._parser = parser
        parser.Parse(self._content, True)
        if self._drawing_place is None or self._missing:
            raise OddSheetError("the sheet has no rows")

    def _refuse(self, *_: object) -> None:
        raise OddSheetError("the XML has a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        at = self._parser.CurrentByteIndex
        self._depth += 1
        if self._depth == 1:
            self._prefix = f"{prefix}:" if prefix else ""
        if local == "c" and self._in_rows:
            self._column = _column(attributes.get("r"), self._column + 1)
            self._cell, self._is_filled = (self._column, at, int(attributes.get("s") or 0)), False
        elif local in ("v", "is") and self._cell:
            self._is_filled = True
        elif local == "f" and self._cell:
            self._is_filled = True
            self._formula, self._formula_text = (at, attributes.get("si")), []
            self._parser.CharacterDataHandler = self._formula_text.append
        elif local == "row" and self._in_rows:
            self._start_row(at, attributes)
        elif local == "sheetData":
            self._in_rows = True
        elif local == "col":
            low, high = int(attributes.get("min", 0)), int(attributes.get("max", 0))
            self._column_styles.append((low - 1, high, int(attributes.get("style") or 0)))
        elif local == "legacyDrawing":
            self.comments_drawing = next(v for k, v in attributes.items() if k.rpartition(":")[2] == "id")
        elif self._depth == 2 and local in _AFTER_LEGACY_DRAWING and self._drawing_place is None:
            self._drawing_place = at

    def _start_row(self, at: int, attributes: dict[str, str]) -> None:
        self._row_number = int(attributes["r"]) - 1 if "r" in attributes else self._row_number + 1
        self._column = -1
        self._row = None
        while self._missing and self._missing[-1] < self._row_number:
            self._places_of_missing[self._missing.pop()] = at
        if self._row_number in self._wanted:
            own_style = attributes.get("customFormat") in ("1", "true")
            self._row = Row(self._row_number, at, int(attributes.get("s") or 0) if own_style else None)
            self.rows[self._row_number] = self._row
            if self._missing and self._missing[-1] == self._row_number:
                self._missing.pop()

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        at = self._parser.CurrentByteIndex
        self._depth -= 1
        if local == "c" and self._cell:
            if self._row:
                self._row.cells.append(Cell(*self._cell, self._is_filled))
            self._cell = None
        elif local == "f" and self._formula:
            self._end_formula(at)
        elif local == "row" and self._row:
            self._row.close = None if self._is_empty(self._row.start) else at
            self._row = None
        elif local == "sheetData":
            self._in_rows = False
            if self._content.startswith(b"</", at):  # else it ends in its only tag and holds no rows
                self._places_of_missing |= dict.fromkeys(self._missing, at)
                self._missing = []
        elif self._depth == 0 and self._drawing_place is None:
            self._drawing_place = at

    def _end_formula(self, at: int) -> None:
        self._parser.CharacterDataHandler = None
        start, shared = self._formula or (at, None)
        self._formula = None
        end = self._tag(start).end() if self._is_empty(start) else self._content.index(b">", at) + 1
        outward = is_outward("".join(self._formula_text))
        self._formulas.append(_Formula(start, end, outward, shared))

    def _is_empty(self, start: int) -> bool:
        """Whether the element that begins there consists of one tag."""
        return self._tag(start)[0].endswith(b"/>")

    def _tag(self, start: int) -> "re.Match[bytes]":
        found = _TAG.match(self._content, start)
        if found is None:
            raise OddSheetError(f"no tag at byte {start}")
        return found

    def first_filled(self, number: int) -> int:
        """The first filled column of a row, else the first column."""
        row = self.rows.get(number)
        return min((cell.column for cell in row.cells if cell.is_filled), default=0) if row else 0

    @property
    def has_outward_formulas(self) -> bool:
        """Whether a formula reaches into another file or program."""
        return any(formula.is_outward for formula in self._formulas)

    def changed(
        self, styles: Mapping[Place, Callable[[int], int]], drawing: str | None, *, inward: bool = True
    ) -> bytes:
        """The XML with other styles for some cells.

        Args:
            styles: for each cell, from its style now to its new one.
            drawing: relation of the drawing that holds the comments' boxes, for a sheet that has none yet.
            inward: whether formulas that reach into other files give way to the values they had.
        """
        edits: list[tuple[int, int, bytes]] = []
        for number in sorted({row for row, _ in styles}):
            own = {column: style for (row, column), style in sorted(styles.items()) if row == number}
            edits += self._row_edits(number, own)
        if inward:
            cut = {f.shared for f in self._formulas if f.is_outward and f.shared}
            edits += [(f.start, f.end, b"") for f in self._formulas if f.is_outward or f.shared in cut]
        if drawing and self.comments_drawing is None and self._drawing_place is not None:
            tag = f'<{self._prefix}legacyDrawing xmlns:r="{_RELATIONSHIPS}" r:id="{drawing}"/>'
            edits.append((self._drawing_place, self._drawing_place, tag.encode()))
        return _spliced(self._content, edits)

    def _row_edits(
        self, number: int, styles: Mapping[int, Callable[[int], int]]
    ) -> list[tuple[int, int, bytes]]:
        row = self.rows.get(number)
        if row is None:
            cells = b"".join(self._new_cell(number, column, style, None) for column, style in styles.items())
            place = self._places_of_missing[number]
            tag = f"{self._prefix}row"
            return [(place, place, f'<{tag} r="{number + 1}">'.encode() + cells + f"</{tag}>".encode())]
        edits: list[tuple[int, int, bytes]] = []
        present = {cell.column: cell for cell in row.cells}
        appended = b""
        for column, style in styles.items():
            if cell := present.get(column):
                tag_now = self._tag(cell.start)
                edits.append((*tag_now.span(), _with_style(tag_now[0], style(cell.style))))
                continue
            made = self._new_cell(number, column, style, row.style)
            following = [cell.start for cell in row.cells if cell.column > column]
            if following:
                edits.append((min(following), min(following), made))
            else:
                appended += made
        if appended and row.close is not None:
            edits.append((row.close, row.close, appended))
        elif appended:
            tag_now = self._tag(row.start)
            opened = tag_now[0].removesuffix(b">").rstrip().removesuffix(b"/") + b">"
            edits.append((*tag_now.span(), opened + appended + f"</{self._prefix}row>".encode()))
        return edits

    def _new_cell(self, row: int, column: int, style: Callable[[int], int], row_style: int | None) -> bytes:
        base = row_style
        if base is None:
            base = next((s for low, high, s in self._column_styles if low <= column < high), 0)
        reference = f"{get_column_letter(column + 1)}{row + 1}"
        return f'<{self._prefix}c r="{reference}" s="{style(base)}"/>'.encode()


def visible_places(content: bytes) -> Callable[[Place], Place]:
    """From a place to the one that is seen there: of merged cells only the first shows colour and comment."""
    merged = [range_boundaries(found[1].decode()) for found in _MERGED.finditer(content)]

    def place(asked: Place) -> Place:
        row, column = asked[0] + 1, asked[1] + 1
        for left, top, right, bottom in merged:
            if left <= column <= right and top <= row <= bottom:
                return top - 1, left - 1
        return asked

    return place


def _column(reference: str | None, following: int) -> int:
    found = _LETTERS.match(reference or "")
    return column_index_from_string(found[0].upper()) - 1 if found else following


def _with_style(tag: bytes, style: int) -> bytes:
    changed, count = _STYLE.subn(rb'\g<1>"%d"' % style, tag, count=1)
    if count:
        return changed
    end = b"/>" if tag.endswith(b"/>") else b">"
    return tag.removesuffix(end) + b' s="%d"' % style + end


def _spliced(content: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    pieces, at = [], 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [content[at:start], replacement]
        at = end
    return b"".join([*pieces, content[at:]])
