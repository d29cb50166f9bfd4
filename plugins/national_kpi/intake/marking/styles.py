"""A workbook's styles, with those added that marking needs."""

from collections.abc import Iterator
from typing import cast
from xml.dom.minidom import Document, Element

from defusedxml.minidom import parseString

from national_kpi.catalogue.tables import Severity

COLOURS: dict[Severity, str] = {"block": "FFC7CE", "warn": "FFEB9C", "info": "E4DFEC"}
"""Fill of a marked cell, RGB."""


class OddStylesError(Exception):
    """The workbook's styles lack a list that every program writes."""


def parsed(content: bytes) -> Document:
    """An XML part as a tree that keeps every prefix as it is written."""
    document: Document = parseString(content, forbid_dtd=True)
    return document


def root_of(document: Document) -> Element:
    """The element that holds all others; a parsed part always has one."""
    return cast(Element, document.documentElement)


def serialised(document: Document) -> bytes:
    """A tree as the bytes of a part."""
    return document.toxml(encoding="UTF-8", standalone=True)


def children(element: Element, name: str) -> Iterator[Element]:
    """The child elements of a name, whatever their prefix."""
    for node in element.childNodes:
        if isinstance(node, Element) and node.tagName.rpartition(":")[2] == name:
            yield node


def sibling(element: Element, name: str) -> str:
    """A name with the prefix an element has."""
    prefix = element.tagName.rpartition(":")[0]
    return f"{prefix}:{name}" if prefix else name


class Styles:
    """The styles of a workbook, to which those of the findings sheet are added.

    Args:
        content: the workbook's part `styles.xml`.
        findings: that of the workbook that holds the findings sheet, made by openpyxl.

    Raises:
        OddStylesError: a list is missing.
    """

    def __init__(self, content: bytes, findings: bytes) -> None:
        self._document, added = parsed(content), parsed(findings)
        self._root = root_of(self._document)
        self._offsets = {
            name: self._append(name, list(children(_list(root_of(added), name), kind)))
            for name, kind in (("fonts", "font"), ("fills", "fill"), ("borders", "border"))
        }
        self._formats = _list(self._root, "cellXfs")
        self._marked: dict[tuple[int, Severity | None], int] = {}
        self._count = len(list(children(self._formats, "xf")))
        self._own = list(children(self._formats, "xf"))
        self._findings = self._count
        for xf in children(_list(root_of(added), "cellXfs"), "xf"):
            self._add(self._with_offsets(self._grafted(xf)))
        self._fills: dict[Severity | None, int] = {None: 0}
        for number, fill in enumerate(children(_list(self._root, "fills"), "fill")):
            colours = {one.getAttribute("rgb")[2:] for one in fill.getElementsByTagName("*")}
            for severity, colour in COLOURS.items():
                if number >= self._offsets["fills"] and colour in colours:
                    self._fills[severity] = number

    def marked(self, style: int, severity: Severity | None) -> int:
        """The style a cell of this style has once it is marked; without severity: no longer marked."""
        key = style, severity
        if key not in self._marked:
            base = self._own[style] if style < len(self._own) else self._own[0]
            xf = cast(Element, base.cloneNode(True))
            xf.setAttribute("fillId", str(self._fills[severity]))
            xf.setAttribute("applyFill", "1")
            self._marked[key] = self._add(xf)
        return self._marked[key]

    def of_findings(self, style: int) -> int:
        """The number that a style of the findings sheet has here."""
        return self._findings + style

    def saved(self) -> bytes:
        """The part `styles.xml`."""
        return serialised(self._document)

    def _append(self, name: str, elements: list[Element]) -> int:
        """Add elements to a list; gives back how many there were."""
        held = _list(self._root, name)
        before = sum(isinstance(node, Element) for node in held.childNodes)
        for element in elements:
            held.appendChild(self._grafted(element))
        held.setAttribute("count", str(before + len(elements)))
        return before

    def _add(self, xf: Element) -> int:
        self._formats.appendChild(xf)
        self._count += 1
        self._formats.setAttribute("count", str(self._count))
        return self._count - 1

    def _with_offsets(self, xf: Element) -> Element:
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            number = int(xf.getAttribute(attribute) or 0)
            xf.setAttribute(attribute, str(number + self._offsets[name]))
        for attribute in ("applyFont", "applyFill", "applyBorder", "applyAlignment"):
            xf.setAttribute(attribute, "1")
        xf.setAttribute("xfId", "0")
        return xf

    def _grafted(self, element: Element) -> Element:
        """A copy of another document's element with this document's prefix."""
        made = self._document.createElement(sibling(self._root, element.tagName.rpartition(":")[2]))
        for name, value in element.attributes.items():
            made.setAttribute(name, value)
        for node in element.childNodes:
            if isinstance(node, Element):
                made.appendChild(self._grafted(node))
        return made


def _list(root: Element, name: str) -> Element:
    found = next(children(root, name), None)
    if found is None:
        raise OddStylesError(name)
    return found
