"""Files damaged as disks, networks, programs and people damage them: each by its number, always the same."""

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from national_kpi.catalogue import Catalogue
from national_kpi.paths import SAMPLES_DIR
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

Chance = random.Random
Change = Callable[[Chance, bytes], bytes]

HOSTILE = (
    b"", b"0", b"-1", b"1e308", b"-0.0", b"NaN", b"1" * 400, b"99999999999", b"2958466", b"1,5", b"#REF!",
    b"=1+1", b"&x;", b"&#0;", b"&#x110000;", b"<", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae",
    b"a\r\nb", b'"', b"';--", b"{}", b"{found}", b"%s", b"x" * 40_000, "Tổng cộng".encode(),
    "Không phát sinh".encode(), b"01/01/0000", b"31/02/2022",
)  # fmt: skip
REFERENCES = (
    b"A0", b"XFE1", b"A1048577", b"ZZZ9999999", b"1A", b"", b"A1:XFD1048576", b"B2:A1", b"A-1", b"$A$1",
)  # fmt: skip
_TAG = re.compile(rb"<[^<>]{1,2000}>")
_TEXT = re.compile(rb"(?<=>)[^<>]+(?=<)")
_ATTRIBUTE = re.compile(rb'(?<==")[^"<>]*(?=")')
_REFERENCE = re.compile(rb'(?<= r=")[A-Z]+[0-9]+(?=")|(?<= ref=")[A-Z0-9:]+(?=")')
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_CELLS = re.compile(rb"[^;,\t\r\n]+")
_JSON_VALUE = re.compile(rb'"[^"]*"|-?\d+(?:\.\d+)?|null|true|false|[\[\]{}:,]')
_RECORDS = struct.Struct("<HH")


@dataclass(frozen=True)
class Mutant:
    """A damaged file, and how it came about."""

    name: str
    content: bytes
    story: str


def seeds(catalogue: Catalogue, folder: Path) -> list[Path]:
    """Good files of every kind and form, and those of the samples."""
    made = [file for file in sorted(SAMPLES_DIR.glob("*/F*")) if file.suffix != ".md"]
    for form_code in GOOD_ROWS:
        grid = form_grid(catalogue, form_code, lines=["Cơ quan báo cáo: Bộ Tư pháp"])
        for ending in (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".json", ".parquet", ".zip"):
            made.append(save(folder / f"{form_code}_2022-M08_G15{ending}", grid))
        made.append(_with_shared_strings(made[-8], folder / f"{form_code}-shared.xlsx"))
    return made


def _with_shared_strings(workbook: Path, target: Path) -> Path:
    """The workbook as Excel writes it: its texts in a list of their own."""
    texts: list[bytes] = []

    def put_aside(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb't="inlineStr"><is><t[^>]*>([^<]*)</t></is>', put_aside, part)
            if name == "[Content_Types].xml":
                part = part.replace(
                    b"</Types>",
                    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
                    b'officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
                )
            new.writestr(name, part)
        shared = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
        spaces = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        new.writestr("xl/sharedStrings.xml", b"<sst %s>%s</sst>" % (spaces, shared))
    assert texts
    return target


def mutants(files: Sequence[Path], count: int, seed: str) -> Iterator[Mutant]:
    """Damaged files.

    Args:
        files: good files to damage.
        count: how many.
        seed: another gives others.
    """
    contents = [file.read_bytes() for file in files]
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - not for secrets
        index = chance.randrange(len(files))
        content, story = contents[index], [files[index].name]
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            change = chance.choice(_changes(files[index].suffix, content))
            if change is _splice:
                content = _splice(chance, content, chance.choice(contents))
            else:
                content = change(chance, content)
            story.append(change.__name__.strip("_"))
        name = f"{number:05}{chance.choice((files[index].suffix,) * 9 + ('.xls', '.xlsx', '.csv', '.json'))}"
        yield Mutant(name, content, " → ".join(story))


def _changes(suffix: str, content: bytes) -> tuple[Callable[..., bytes], ...]:
    changes: tuple[Callable[..., bytes], ...] = (_flip, _cut, _blank, _repeat, _lose, _splice)
    if content.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(content)):
        return (
            *changes,
            *(_in_part(change) for change in _XML_CHANGES * 2),
            _drop_part,
            _swap_parts,
            _flip_directory,
        )
    if suffix == ".xls":
        return (*changes, _flip_head, _change_record, _change_record, _change_record)
    if suffix == ".json":
        return (*changes, *(_replace(_JSON_VALUE), _swap(_JSON_VALUE), _nest_json) * 2)
    if suffix in (".csv", ".tsv"):
        return (*changes, *(_replace(_CELLS), _swap(_CELLS), _repeat_line) * 2)
    return (*changes, _flip_tail, _flip_tail, _flip_tail)


def _named(name: str, change: Change) -> Change:
    change.__name__ = name
    return change


def _flip(chance: Chance, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 4, 32)) if content else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _flip_head(chance: Chance, content: bytes) -> bytes:
    return _flip(chance, content[:1024]) + content[1024:]


def _flip_tail(chance: Chance, content: bytes) -> bytes:
    return content[:-400] + _flip(chance, content[-400:])


def _cut(chance: Chance, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _span(chance: Chance, content: bytes) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 16, 512, 5000)))


def _blank(chance: Chance, content: bytes) -> bytes:
    start, end = _span(chance, content)
    return content[:start] + chance.choice((b"\0", b"\xff", b" ")) * (end - start) + content[end:]


def _repeat(chance: Chance, content: bytes) -> bytes:
    start, end = _span(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 3, 200)) + content[end:]


def _lose(chance: Chance, content: bytes) -> bytes:
    start, end = _span(chance, content)
    return content[:start] + content[end:]


def _splice(chance: Chance, content: bytes, other: bytes = b"") -> bytes:
    start, end = _span(chance, content)
    there, until = _span(chance, other)
    return content[:start] + other[there:until] + content[end:]


def _replace(pattern: re.Pattern[bytes], by: Sequence[bytes] = HOSTILE) -> Change:
    def replace(chance: Chance, content: bytes) -> bytes:
        places = list(pattern.finditer(content))
        if not places:
            return content
        place = chance.choice(places)
        return content[: place.start()] + chance.choice(by) + content[place.end() :]

    return _named(f"replace {pattern.pattern[:20]!r}", replace)


def _swap(pattern: re.Pattern[bytes]) -> Change:
    def swap(chance: Chance, content: bytes) -> bytes:
        places = list(pattern.finditer(content))
        if len(places) < 2:
            return content
        one, other = sorted(chance.sample(places, 2), key=lambda place: place.start())
        between = content[one.end() : other.start()]
        return content[: one.start()] + other[0] + between + one[0] + content[other.end() :]

    return _named(f"swap {pattern.pattern[:20]!r}", swap)


def _double(pattern: re.Pattern[bytes]) -> Change:
    def double(chance: Chance, content: bytes) -> bytes:
        places = list(pattern.finditer(content))
        if not places:
            return content
        place = chance.choice(places)
        return content[: place.end()] + place[0] * chance.choice((1, 3, 20_000)) + content[place.end() :]

    return _named(f"double {pattern.pattern[:20]!r}", double)


def _nest_json(chance: Chance, content: bytes) -> bytes:
    depth = chance.choice((3, 200, 100_000))
    return _replace(_JSON_VALUE, (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth))(
        chance, content
    )


def _repeat_line(chance: Chance, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    place = chance.randrange(len(lines))
    return b"".join((*lines[:place], *[lines[place]] * chance.choice((0, 2, 5000)), *lines[place + 1 :]))


_XML_CHANGES = (
    _replace(_TAG, (b"",)), _swap(_TAG), _double(_TAG), _replace(_TEXT), _replace(_ATTRIBUTE), _swap(_TEXT),
    _replace(_REFERENCE, REFERENCES), _swap(_REFERENCE), _replace(_NUMBER), _cut, _flip,
)  # fmt: skip


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        return {}  # it was damaged before


def _packed(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def _in_part(change: Change) -> Change:
    def change_part(chance: Chance, content: bytes) -> bytes:
        parts = _parts(content)
        if not parts:
            return content
        # Sheets and lists of texts are what reading is about.
        weighty = [name for name in parts if "sheet" in name.casefold() or name == "content.xml"]
        name = chance.choice([*parts, *weighty * 5])
        return _packed(parts | {name: change(chance, parts[name])})

    return _named(change.__name__, change_part)


def _drop_part(chance: Chance, content: bytes) -> bytes:
    parts = _parts(content)
    if not parts:
        return content
    parts.pop(chance.choice(list(parts)))
    return _packed(parts)


def _swap_parts(chance: Chance, content: bytes) -> bytes:
    parts = _parts(content)
    if len(parts) < 2:
        return content
    one, other = chance.sample(list(parts), 2)
    return _packed(parts | {one: parts[other], other: parts[one]})


def _flip_directory(chance: Chance, content: bytes) -> bytes:
    start = max(0, content.find(b"PK\x01\x02"))
    return content[:start] + _flip(chance, content[start:])


def _change_record(chance: Chance, content: bytes) -> bytes:
    """Change kind, length or content of one record of an old workbook."""
    at = content.find(b"\x09\x08\x10\x00")
    places = []
    while at >= 0 and at + 4 <= len(content) and len(places) < 5000:
        places.append(at)
        at += 4 + _RECORDS.unpack_from(content, at)[1]
    if not places:
        return content
    place = chance.choice(places)
    kind, length = _RECORDS.unpack_from(content, place)
    changed = bytearray(content)
    if chance.random() < 0.5:
        end = min(len(content), place + 4 + length)
        changed[place + 4 : end] = _flip(chance, content[place + 4 : end])
    elif chance.random() < 0.5:
        _RECORDS.pack_into(changed, place, kind, chance.choice((0, 1, length + 1, 8224, 65_535)))
    else:
        known = (0x0A, 0x06, 0x203, 0xFD, 0xFC, 0x27E, 0x85, 0x208, 0x3C, 0x205, 0xBD, 0x200)
        _RECORDS.pack_into(changed, place, chance.choice(known), length)
    return bytes(changed)
