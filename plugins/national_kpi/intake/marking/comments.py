"""Comments of one sheet: their texts in one part, their boxes in another."""

import re
from collections.abc import Iterable, Mapping
from xml.dom.minidom import Document, Element, Text

from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string, get_column_letter

from national_kpi.intake.marking.notes import AUTHOR, Mark, Place
from national_kpi.intake.marking.styles import children, parsed, root_of, serialised, sibling
from national_kpi.intake.outcomes import SEVERITIES_VI

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NO_COMMENTS = f'<comments xmlns="{_MAIN}"><authors/><commentList/></comments>'.encode()
_SEPARATOR = "— Kết quả kiểm tra —"
_FIRST_LINE = re.compile(rf"(?:{'|'.join(name.upper() for name in SEVERITIES_VI.values())}) \[[^\]]+\]\n")
_SPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
_BOX_TYPE = (
    f'<v:shapetype {_DECLARED} id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
NO_DRAWING = (
    f'<xml {_DECLARED}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    f"{_BOX_TYPE}</xml>"
).encode()
_SHAPE = re.compile(r"<v:shape\s.*?</v:shape>", re.DOTALL)
_PLACE = re.compile(r"<x:(Row|Column)>\s*(\d+)\s*</x:\1>")
_ANCHOR = re.compile(r"<x:Anchor>.*?</x:Anchor>", re.DOTALL)
_NUMBER = re.compile(r"_x0000_s(\d+)")
_WIDE = 60


class Comments:
    """The texts: what others wrote is kept, what an earlier marking wrote is renewed.

    Args:
        content: the part that holds the sheet's comments.
    """

    def __init__(self, content: bytes) -> None:
        self._document: Document = parsed(content)
        root = root_of(self._document)
        self._authors = next(children(root, "authors"))
        self._list = next(children(root, "commentList"))
        names = [_text(author) for author in children(self._authors, "author")]
        self.earlier: set[Place] = set()
        for comment in list(children(self._list, "comment")):
            author = int(comment.getAttribute("authorId") or 0)
            is_ours = author < len(names) and names[author] == AUTHOR
            if is_ours or _FIRST_LINE.match(_text(comment)):  # some programs forget who wrote a comment
                self.earlier.add(_place(comment))
                self._list.removeChild(comment)
            else:
                self._cut_earlier(comment)
        self.others = {_place(comment) for comment in children(self._list, "comment")}

    def _cut_earlier(self, comment: Element) -> None:
        for text in children(comment, "text"):
            own, separator, _ = _text(text).partition(_SEPARATOR)
            if separator:
                self.earlier.add(_place(comment))
                for node in list(text.childNodes):
                    text.removeChild(node)
                self._append_run(text, own.rstrip("\n"))

    def write(self, marks: Mapping[Place, Mark]) -> bytes:
        """The part with a comment for each mark."""
        number = len(list(children(self._authors, "author")))
        author = self._document.createElement(sibling(self._authors, "author"))
        author.appendChild(self._document.createTextNode(AUTHOR))
        self._authors.appendChild(author)
        held = {_place(comment): comment for comment in children(self._list, "comment")}
        for place, mark in sorted(marks.items()):
            if comment := held.get(place):
                self._append_run(next(children(comment, "text")), f"\n{_SEPARATOR}\n{mark.text}")
                continue
            comment = self._element("comment")
            comment.setAttribute("ref", f"{get_column_letter(place[1] + 1)}{place[0] + 1}")
            comment.setAttribute("authorId", str(number))
            self._append_run(comment.appendChild(self._element("text")), mark.text)
            self._list.appendChild(comment)
        return serialised(self._document)

    def _element(self, name: str) -> Element:
        return self._document.createElement(sibling(self._list, name))

    def _append_run(self, text: Element, words: str) -> None:
        run, held = self._element("r"), self._element("t")
        held.setAttribute("xml:space", "preserve")
        held.appendChild(self._document.createTextNode(words))
        run.appendChild(held)
        after = [n for n in text.childNodes if n.nodeName.rpartition(":")[2] in ("rPh", "phoneticPr")]
        text.insertBefore(run, after[0] if after else None)


def drawn(
    content: bytes, marks: Mapping[Place, Mark], others: Iterable[Place], earlier: Iterable[Place]
) -> bytes:
    """The part that holds the boxes, with one of fitting size for each mark.

    It is changed as text: programs write drawings of this old kind that are no sound XML.

    Args:
        content: the part as it is.
        marks: what the boxes hold.
        others: places of comments by others, whose boxes stay and grow.
        earlier: places of an earlier marking, whose boxes go.
    """
    text, kept, gone = content.decode(), set(others), set(earlier)

    def renewed(shape: "re.Match[str]") -> str:
        place = _place_of_box(shape[0])
        if place in kept:
            return _ANCHOR.sub(_anchor(place, marks[place].text), shape[0]) if place in marks else shape[0]
        return "" if place in gone or place in marks else shape[0]

    text = _SHAPE.sub(renewed, text)
    number = max((int(found) for found in _NUMBER.findall(text)), default=1024)
    boxes = [] if 'id="_x0000_t202"' in text else [_BOX_TYPE]
    for place, mark in sorted(marks.items()):
        if place not in kept:
            number += 1
            boxes.append(_box(place, mark.text, number))
    head, end, tail = text.rpartition("</xml>")
    return f"{head}{''.join(boxes)}{end}{tail}".encode()


def _place_of_box(shape: str) -> Place | None:
    found = dict(_PLACE.findall(shape))
    if 'ObjectType="Note"' not in shape or len(found) < 2:
        return None
    return int(found["Row"]), int(found["Column"])


def _box(place: Place, text: str, number: int) -> str:
    return (
        f'<v:shape {_DECLARED} id="_x0000_s{number}" type="#_x0000_t202"'
        ' fillcolor="#ffffe1" o:insetmode="auto" style="position:absolute;margin-left:60pt;margin-top:2pt;'
        'width:270pt;height:120pt;z-index:1;visibility:hidden"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
        '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:SizeWithCells/>{_anchor(place, text)}<x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{place[0]}</x:Row><x:Column>{place[1]}</x:Column></x:ClientData></v:shape>"
    )


def _anchor(place: Place, text: str) -> str:
    row, column = place
    lines = sum(1 + len(line) // _WIDE for line in text.split("\n"))
    top, height = max(0, row - 1), min(40, lines + 2)
    return f"<x:Anchor>{column + 1}, 15, {top}, 2, {column + 5}, 40, {top + height}, 4</x:Anchor>"


def _text(element: Element) -> str:
    return "".join(
        node.data if isinstance(node, Text) else _text(node) if isinstance(node, Element) else ""
        for node in element.childNodes
    )


def _place(comment: Element) -> Place:
    letters, row = coordinate_from_string(comment.getAttribute("ref"))
    return row - 1, column_index_from_string(letters) - 1
