"""Marking a workbook in place: styles, comments and the findings sheet are added, the rest stays as it is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from xml.dom.minidom import Element

from national_kpi.intake.marking.cells import SheetXml, is_outward, visible_places
from national_kpi.intake.marking.comments import NO_COMMENTS, NO_DRAWING, Comments, drawn
from national_kpi.intake.marking.notes import Mark, Note, Notes, Place, marks_of, same_name
from national_kpi.intake.marking.package import (
    COMMENTS_TYPE,
    DRAWING_TYPE,
    SHEET_TYPE,
    TYPE_OF_RELATION,
    WORKBOOK_TYPE,
    Package,
)
from national_kpi.intake.marking.styles import Styles, children, parsed, root_of, serialised, sibling
from national_kpi.intake.outcomes import FINDINGS_SHEET

_SELECTED = re.compile(rb"\stabSelected=(?:\"[^\"]*\"|'[^']*')")
_STYLE_OF_CELL = re.compile(rb"(<c [^>]*?\bs=\")(\d+)(\")")
_RUNS_BY_ITSELF = re.compile(r"^_?(?:xlnm\.)?auto_", re.IGNORECASE)


def mark_package(package: Package, notes: Notes, findings: bytes) -> bytes:
    """The workbook with its cells marked and the findings sheet in front.

    Args:
        package: the workbook; it is changed.
        notes: what is said about which place.
        findings: an .xlsx workbook, made by openpyxl, that holds the findings sheet alone.

    Raises:
        Exception: the workbook is not as programs write it, or holds what must not be carried over.
    """
    added = Package.read(findings)
    ((_, book_part),) = package.related("", "officeDocument")
    ((_, styles_part),) = package.related(book_part, "styles")
    package.types[book_part] = WORKBOOK_TYPE
    styles = Styles(package.parts[styles_part], added.parts["xl/styles.xml"])
    sheet_xml = added.parts["xl/worksheets/sheet1.xml"]
    book = _Book(package, book_part)
    book.remove_earlier_findings()
    for name, part in book.sheets():
        _mark_sheet(package, part, notes.get(same_name(name), ()), styles)
    sheet_xml = _STYLE_OF_CELL.sub(lambda m: m[1] + b"%d" % styles.of_findings(int(m[2])) + m[3], sheet_xml)
    book.put_first(FINDINGS_SHEET, sheet_xml)
    package.parts[book_part] = book.saved()
    package.parts[styles_part] = styles.saved()
    return package.saved()


def _mark_sheet(package: Package, part: str, notes: Sequence[Note], styles: Styles) -> None:
    before, name, after = package.parts[part].partition(b"sheetData")
    content = _SELECTED.sub(b"", before) + name + after
    held = package.related(part, "comments")
    comments = Comments(package.parts[held[0][1]] if held else NO_COMMENTS)
    if not notes and not comments.earlier:
        if package.links_left_out or b"|" in content:
            content = SheetXml(content, ()).changed({}, None)
        package.parts[part] = content
        return
    seen = visible_places(after)
    notes = [_moved(note, seen) for note in notes]
    xml = SheetXml(content, {note.row for note in notes} | {row for row, _ in comments.earlier})
    marks = marks_of(notes, xml.first_filled)
    changes: dict[Place, Callable[[int], int]] = {
        place: partial(styles.marked, severity=marks[place].severity if place in marks else None)
        for place in marks.keys() | comments.earlier
    }
    drawing = _write_comments(package, part, comments, marks, xml.comments_drawing)
    package.parts[part] = xml.changed(changes, drawing)


def _moved(note: Note, seen: Callable[[Place], Place]) -> Note:
    if note.column is None:
        return note
    row, column = seen((note.row, note.column))
    return replace(note, row=row, column=column)


def _write_comments(
    package: Package, part: str, comments: Comments, marks: Mapping[Place, Mark], drawing: str | None
) -> str:
    """Write the comments and their boxes; gives back the relation of the drawing that holds the boxes."""
    held = package.related(part, "comments")
    written = comments.write(marks)
    if held:
        package.parts[held[0][1]] = written
    else:
        package.add(part, "comments", "xl/comments{}.xml", written, COMMENTS_TYPE)
    if drawing is None:
        drawing = package.add(part, "vmlDrawing", "xl/drawings/vmlDrawing{}.vml", NO_DRAWING, DRAWING_TYPE)
    name = next(name for link, name in package.related(part, "vmlDrawing") if link.id == drawing)
    package.parts[name] = drawn(package.parts[name], marks, comments.others, comments.earlier)
    return drawing


class _Book:
    """The part that lists the sheets and names."""

    def __init__(self, package: Package, part: str) -> None:
        self._package, self._part = package, part
        self._document = parsed(package.parts[part])
        self._root = root_of(self._document)
        self._sheets = next(children(self._root, "sheets"))
        for external in list(children(self._root, "externalReferences")):
            self._root.removeChild(external)
        for name in self._names():
            if _leads_astray(name):
                _remove(name)

    def _names(self) -> list[Element]:
        return [
            name for held in children(self._root, "definedNames") for name in children(held, "definedName")
        ]

    def sheets(self) -> list[tuple[str, str]]:
        """Names and parts of the worksheets."""
        parts = {link.id: name for link, name in self._package.related(self._part, "worksheet")}
        return [
            (sheet.getAttribute("name"), parts[link_id])
            for sheet in children(self._sheets, "sheet")
            if (link_id := _link_id(sheet)) in parts
        ]

    def remove_earlier_findings(self) -> None:
        """Remove the findings sheet of an earlier marking: agencies send back what they mended in it."""
        sheets = list(children(self._sheets, "sheet"))
        gone = [n for n, one in enumerate(sheets) if same_name(one.getAttribute("name")) == FINDINGS_SHEET]
        if len(gone) == len(sheets):
            return
        for number in reversed(gone):
            link_id = _link_id(sheets[number])
            for link, _ in self._package.related(self._part, "worksheet"):
                if link.id == link_id:
                    self._package.remove(self._part, link)
            self._sheets.removeChild(sheets[number])
            self._shift_names(number, -1)

    def _shift_names(self, first: int, by: int) -> None:
        """Names that belong to one sheet count the sheets: `first` is removed (-1) or inserted (1)."""
        for name in self._names():
            if not name.hasAttribute("localSheetId"):
                continue
            number = int(name.getAttribute("localSheetId"))
            if by < 0 and number == first:
                _remove(name)
            elif number >= first:
                name.setAttribute("localSheetId", str(number + by))

    def put_first(self, name: str, content: bytes) -> None:
        """Put a sheet in front and open the workbook there."""
        link_id = self._package.add(self._part, "worksheet", "xl/worksheets/sheet{}.xml", content, SHEET_TYPE)
        sheets = list(children(self._sheets, "sheet"))
        taken = {same_name(sheet.getAttribute("name")).casefold() for sheet in sheets}
        names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 2))]
        sheet = self._document.createElement(sibling(self._sheets, "sheet"))
        sheet.setAttribute("name", next(n for n in names if n.casefold() not in taken))
        sheet.setAttribute("sheetId", str(max(int(one.getAttribute("sheetId")) for one in sheets) + 1))
        sheet.setAttribute("xmlns:r", TYPE_OF_RELATION.rstrip("/"))
        sheet.setAttribute("r:id", link_id)
        self._sheets.insertBefore(sheet, sheets[0])
        self._shift_names(0, 1)
        for views in children(self._root, "bookViews"):
            for view in children(views, "workbookView"):
                view.setAttribute("activeTab", "0")
                view.setAttribute("firstSheet", "0")

    def saved(self) -> bytes:
        """The part as it is now."""
        for held in list(children(self._root, "definedNames")):
            if not list(children(held, "definedName")):
                self._root.removeChild(held)  # an empty list of names is not allowed
        return serialised(self._document)


def _leads_astray(name: Element) -> bool:
    """Whether a name reaches into other files or programs, or names a macro."""
    text = "".join(node.data for node in name.childNodes if node.nodeType == node.TEXT_NODE)
    is_macro = any(name.getAttribute(flag) in ("1", "true") for flag in ("xlm", "vbProcedure", "function"))
    return is_macro or is_outward(text) or bool(_RUNS_BY_ITSELF.match(name.getAttribute("name")))


def _remove(element: Element) -> None:
    if element.parentNode:
        element.parentNode.removeChild(element)


def _link_id(sheet: Element) -> str:
    return next((value for name, value in sheet.attributes.items() if name.endswith(":id")), "")
