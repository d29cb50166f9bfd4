"""A workbook as the package of parts it is: what belongs to it, what may be carried over, and its new copy.

Only parts of known kinds are carried over, and of links that leave the workbook only hyperlinks to the web
and to mail: no macros, no links to other files or programs, nothing that is fetched when the file is opened.
"""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import fromstring

TYPE_OF_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES_OF_PACKAGE = "application/vnd.openxmlformats-package."
_CONTENT_TYPES = "[Content_Types].xml"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes
_WEB = ("http://", "https://", "mailto:")

_CARRIED = {
    "officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail",
    "worksheet", "chartsheet", "styles", "theme", "sharedStrings", "sheetMetadata",
    "comments", "vmlDrawing", "drawing", "image", "hdphoto", "hyperlink", "table", "printerSettings",
    "ctrlProp",
    "chart", "chartEx", "chartUserShapes", "chartStyle", "chartColorStyle", "themeOverride",
    "diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing",
    "pivotTable", "pivotCacheDefinition", "pivotCacheRecords", "slicer", "slicerCache",
}  # fmt: skip
_LEFT_OUT = {
    "calcChain",  # programs make it anew
    "externalLink", "externalLinkPath",
    "threadedComment", "person",  # their text is in the comments too
    "customXml", "extensibility", "volatileDependencies",
}  # fmt: skip


class UncarriedPartError(Exception):
    """The workbook has parts that must not be carried over and cannot simply be left out, or damaged ones."""


@dataclass(frozen=True)
class Relation:
    """A link from one part to another, or to the outside."""

    id: str
    type: str
    target: str
    is_external: bool = False

    @property
    def kind(self) -> str:
        """The last word of its type, which is the same in both editions of the standard."""
        return self.type.rpartition("/")[2]


@dataclass
class Package:
    """The parts of a workbook, by name, with their content types and their links.

    Attributes:
        links_left_out: whether links to other workbooks were there.
    """

    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    links_left_out: bool = False

    @classmethod
    def read(cls, content: bytes) -> "Package":
        """All parts that belong to the workbook and may be carried over.

        Raises:
            UncarriedPartError: there is a part of another kind (a macro, an embedded object, a connection),
                or one is missing or damaged.
        """
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = {_name(name): archive.read(name) for name in archive.namelist()}
        package, types, waiting = cls(), _content_types(found), [""]
        while waiting:
            part = waiting.pop()
            for relation in _relations(found, part):
                if relation.kind in _LEFT_OUT:
                    package.links_left_out |= relation.kind == "externalLink"
                    continue
                if relation.kind not in _CARRIED:
                    raise UncarriedPartError(relation.type)
                package.relations.setdefault(part, []).append(_harmless(relation))
                name = resolved(part, relation)
                if name and name not in found:
                    raise UncarriedPartError(f"{name} is missing")
                if name and name not in package.parts:
                    package.parts[name], package.types[name] = found[name], types(name)
                    _check_xml(name, found[name])
                    waiting.append(name)
        return package

    def related(self, part: str, kind: str) -> list[tuple[Relation, str]]:
        """The links of one kind from a part, and where they lead."""
        return [(one, resolved(part, one)) for one in self.relations.get(part, ()) if one.kind == kind]

    def add(self, part: str, kind: str, name: str, content: bytes, content_type: str) -> str:
        """Add a part that another one links to; gives back the link's id."""
        number = next(n for n in range(1, len(self.parts) + 2) if name.format(n) not in self.parts)
        added = name.format(number)
        self.parts[added], self.types[added] = content, content_type
        links = self.relations.setdefault(part, [])
        taken = {link.id for link in links}
        link_id = next(i for n in range(1, len(taken) + 2) if (i := f"rIdKpi{n}") not in taken)
        links.append(Relation(link_id, TYPE_OF_RELATION + kind, f"/{added}"))
        return link_id

    def remove(self, part: str, relation: Relation) -> None:
        """Remove a link and the part it leads to, with the parts that only belong to that one."""
        self.relations[part].remove(relation)
        waiting = [resolved(part, relation)]
        while waiting:
            name = waiting.pop()
            linked = {resolved(p, one) for p, links in self.relations.items() for one in links}
            if name in self.parts and name not in linked:
                del self.parts[name]
                waiting += [resolved(name, one) for one in self.relations.pop(name, ())]

    def forget_when_written(self) -> None:
        """Leave out who wrote the workbook and when: for one that we wrote ourselves."""
        for relation, _ in self.related("", "core-properties"):
            self.remove("", relation)

    def saved(self) -> bytes:
        """The workbook's bytes: the same for the same parts."""
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, content in [
                (_CONTENT_TYPES, self._content_types()),
                *((_relations_part(part), _relations_xml(links)) for part, links in self.relations.items()),
                *self.parts.items(),
            ]:
                entry = zipfile.ZipInfo(name, _MOMENT)
                entry.external_attr = 0o600 << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        return written.getvalue()

    def _content_types(self) -> bytes:
        overrides = "".join(
            f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(type_)}/>"
            for name, type_ in self.types.items()
            if not _is_known_by_ending(name, type_)
        )
        defaults = {_ending(n): t for n, t in self.types.items() if _is_known_by_ending(n, t)}
        defaults |= {"rels": f"{_TYPES_OF_PACKAGE}relationships+xml", "xml": "application/xml"}
        known = "".join(
            f"<Default Extension={quoteattr(ending)} ContentType={quoteattr(type_)}/>"
            for ending, type_ in sorted(defaults.items())
        )
        return (
            f'{_DECLARATION}<Types xmlns="{_PACKAGE_NAMESPACE}content-types">{known}{overrides}</Types>'
        ).encode()


def _check_xml(name: str, content: bytes) -> None:
    """Refuse a damaged part: the copy would be as damaged as the file."""
    if _ending(name) == "xml":
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise UncarriedPartError(f"{name}: {error}") from error


def _refuse(*_: object) -> None:
    raise UncarriedPartError("an XML part has a document type")


def _name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _ending(name: str) -> str:
    return posixpath.splitext(name)[1].removeprefix(".").lower()


def _is_known_by_ending(name: str, type_: str) -> bool:
    """Pictures and drawings of comments: their ending says what they are."""
    return bool(_ending(name)) and (type_.startswith("image/") or type_ == DRAWING_TYPE)


def resolved(part: str, relation: Relation) -> str:
    """The part a link of a part leads to; empty when it leads outside or to a place in the workbook."""
    if relation.is_external or relation.target.startswith("#"):
        return ""
    target = unquote(relation.target).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/" + posixpath.dirname(part), target)).lstrip("/")


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(found: dict[str, bytes], part: str) -> Iterable[Relation]:
    content = found.get(_relations_part(part))
    if content is None:
        return
    for link in fromstring(content, forbid_dtd=True):
        is_external = link.get("TargetMode") == "External"
        yield Relation(link.get("Id", ""), link.get("Type", ""), link.get("Target", ""), is_external)


def _relations_xml(links: Iterable[Relation]) -> bytes:
    written = "".join(
        f"<Relationship Id={quoteattr(link.id)} Type={quoteattr(link.type)} Target={quoteattr(link.target)}"
        + (' TargetMode="External"/>' if link.is_external else "/>")
        for link in links
    )
    return (
        f'{_DECLARATION}<Relationships xmlns="{_PACKAGE_NAMESPACE}relationships">{written}</Relationships>'
    ).encode()


def _harmless(relation: Relation) -> Relation:
    """A link that leaves the workbook leads nowhere, as Office writes it, unless a person follows it."""
    is_for_people = relation.kind == "hyperlink" and relation.target.lower().startswith(_WEB)
    return replace(relation, target="NULL") if relation.is_external and not is_for_people else relation


def _content_types(found: dict[str, bytes]) -> Callable[[str], str]:
    """Says the content type of each part."""
    by_name: dict[str, str] = {}
    by_ending: dict[str, str] = {}
    for entry in fromstring(found[_CONTENT_TYPES], forbid_dtd=True):
        if "PartName" in entry.attrib:
            by_name[_name(entry.attrib["PartName"])] = entry.attrib["ContentType"]
        else:
            by_ending[entry.attrib["Extension"].lower()] = entry.attrib["ContentType"]
    return lambda name: by_name.get(name) or by_ending.get(_ending(name), "application/xml")
