"""Files that must be refused: made to overwhelm, to run, to reach out, or just broken."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import olefile
from openpyxl import Workbook

from tests.unit.intake.workbooks import save

GRID = [["Cổng thông tin điện tử", "Số lượt truy cập"], ["Cổng A", 12]]
SHEET = "xl/worksheets/sheet1.xml"
MB = 1024 * 1024


def made(ending: str, grid: list[list[Any]] = GRID) -> bytes:
    """A good file of some kind."""
    with TemporaryDirectory() as folder:
        return save(Path(folder) / f"x{ending}", grid).read_bytes()


def zipped(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def repacked(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """A container with other parts; None leaves a part out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: part for name, part in {**parts, **changes}.items() if part is not None})


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def changed(old: bytes, new: bytes, part: str = SHEET) -> bytes:
    """A workbook with something replaced in one part."""
    book = made(".xlsx")
    content = part_of(book, part)
    assert old in content
    return repacked(book, {part: content.replace(old, new, 1)})


def flagged(content: bytes) -> bytes:
    """A ZIP container whose entries say that they are encrypted."""
    patched = bytearray(content)
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = patched.find(start)
        while place >= 0:
            patched[place + at] |= 1
            place = patched.find(start, place + 4)
    return bytes(patched)


def with_sizes(content: bytes, size: int) -> bytes:
    """A ZIP container whose entries say that they unpack to some size."""
    patched = bytearray(content)
    for start, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = patched.find(start)
        while place >= 0:
            struct.pack_into("<I", patched, place + at, size)
            place = patched.find(start, place + 4)
    return bytes(patched)


def overlapping() -> bytes:
    """Ten entries that all unpack the same bytes."""
    content = zipped({f"{number}.csv": "a;b\n1;2\n" for number in range(10)}, zipfile.ZIP_STORED)
    patched = bytearray(content)
    place = patched.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<I", patched, place + 42, 0)
        place = patched.find(b"PK\x01\x02", place + 4)
    return bytes(patched)


def twice() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("aa.csv", "a;b\n1;2\n")
        archive.writestr("bb.csv", "a;b\n3;4\n")
    return written.getvalue().replace(b"bb.csv", b"aa.csv")


def linked() -> bytes:
    """An archive whose entry is a symbolic link."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        entry = zipfile.ZipInfo("x.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return written.getvalue()


def renamed_stream(content: bytes, name: str) -> bytes:
    """An old workbook whose stream has another name."""
    return content.replace(*(f"{one:\0<32}".encode("utf-16-le") for one in ("Workbook", name))).replace(
        f"{name:\0<32}".encode("utf-16-le") + struct.pack("<H", 18),
        f"{name:\0<32}".encode("utf-16-le") + struct.pack("<H", 2 * len(name) + 2),
    )


def with_storage(content: bytes, name: str) -> bytes:
    """An old workbook with one more storage beside its stream."""
    (sector,) = struct.unpack_from("<I", content, 0x30)
    directory = 512 * (sector + 1)
    patched = bytearray(content)
    entry = directory + 2 * 128  # behind the root and the workbook
    patched[entry : entry + 64] = f"{name:\0<32}".encode("utf-16-le")
    struct.pack_into("<HBBiii", patched, entry + 64, 2 * len(name) + 2, 1, 1, -1, -1, -1)
    struct.pack_into("<i", patched, directory + 128 + 72, 2)  # the right sibling of the workbook
    assert name in {part for path in _names(bytes(patched)) for part in path}
    return bytes(patched)


def _names(content: bytes) -> list[list[str]]:
    with olefile.OleFileIO(io.BytesIO(content)) as container:
        names: list[list[str]] = container.listdir(streams=True, storages=True)
        return names


def with_record(kind: int, body: bytes) -> bytes:
    """An old workbook with one more record at its beginning, in the place of others of the same length."""
    content = made(".xls")
    book = content.index(struct.pack("<HH", 0x0809, 16))
    patched = bytearray(content)
    struct.pack_into(f"<HH{len(body)}s", patched, book + 20, kind, len(body), body)
    return bytes(patched)


def macro_sheet() -> bytes:
    """An old workbook whose first sheet is one of Excel 4.0 macros."""
    content = made(".xls")
    sheet = content.index(struct.pack("<H", 0x85), content.index(struct.pack("<HH", 0x0809, 16)))
    assert content[sheet + 9] == 0
    return content[: sheet + 9] + b"\x01" + content[sheet + 10 :]


def stray_cell() -> bytes:
    book = Workbook()
    book.active["A1"] = "STT"
    book.active["XFD1048576"] = 1
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bomb() -> bytes:
    """A workbook one part of which is a thousand times larger than it is packed."""
    return repacked(made(".xlsx"), {SHEET: part_of(made(".xlsx"), SHEET) + b" " * (300 * MB)})


def lying() -> bytes:
    """A workbook one part of which is larger than its directory says."""
    return with_sizes(made(".xlsx"), 100)


DOCTYPE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
LAUGHS = "<!DOCTYPE x [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)) + "]>"


def with_doctype(doctype: str, encoding: str = "utf-8") -> bytes:
    text = part_of(made(".xlsx"), SHEET).decode().replace("<worksheet", f"{doctype}<worksheet", 1)
    return repacked(made(".xlsx"), {SHEET: text.encode(encoding)})


def odt() -> bytes:
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "x.txt": "x"})


def deflate_bomb_in(name: str) -> bytes:
    return zipped({name: b"1;2\n" * (75 * MB)})


def hostile() -> dict[str, dict[str, tuple[str, bytes]]]:
    """What is refused, by rule: a description, the file's name and its bytes."""
    xlsx, xls, ods, csv = made(".xlsx"), made(".xls"), made(".ods"), b"a;b\n1;2\n"
    manifest = part_of(xlsx, "[Content_Types].xml")
    return {
        "READ-01": {
            "a truncated workbook": ("x.xlsx", xlsx[: len(xlsx) // 2]),
            "a workbook with lost bytes": ("x.xlsx", xlsx[:400] + bytes(50) + xlsx[450:]),
            "ZIP junk": ("x.xlsx", b"PK\x03\x04" + b"\xff" * 500),
            "OLE junk": ("x.xls", olefile.MAGIC + b"\0\xff" * 600),
            "a truncated old workbook": ("x.xls", xls[: len(xls) // 3]),
            "a part larger than it says": ("x.xlsx", lying()),
            "a text that never ends": (
                "x.ods",
                repacked(ods, {"content.xml": part_of(ods, "content.xml")[:-200]}),
            ),
            "an archive of damaged workbooks": ("x.zip", zipped({"a.csv": csv, "b.xlsx": xlsx[:3000]})),
        },
        "READ-03": {
            "a document": ("x.docx", csv),
            "a scan": ("x.pdf", b"%PDF-1.7"),
            "a text": ("x.txt", csv),
            "no ending": ("x", csv),
            "a scan in an archive": ("x.zip", zipped({"a.csv": csv, "cong-van.pdf": b"%PDF-1.7"})),
            "a binary workbook": ("x.xlsx", repacked(xlsx, {"xl/workbook.bin": b"x"})),
        },
        "READ-04": {
            "nothing": ("x.xlsx", b""),
            "nothing, as text": ("x.csv", b""),
            "blanks": ("x.csv", b" \r\n\t" * 2000),
            "a workbook without cells": ("x.xlsx", made(".xlsx", [[None]])),
            "an empty text in an archive": ("x.zip", zipped({"a.csv": b""})),
            "no rows": ("x.json", b"[]"),
        },
        "READ-05": {
            "an encrypted workbook": ("x.xlsx", renamed_stream(xls, "EncryptedPackage")),
            "an encrypted old workbook": ("x.xls", with_record(0x2F, bytes(54))),
            "an encrypted archive": ("x.zip", flagged(zipped({"a.csv": csv}))),
            "encrypted parts of a workbook": ("x.xlsx", flagged(xlsx)),
        },
        "READ-06": {
            "an ending of macro workbooks": ("x.xlsm", xlsx),
            "a macro project": ("x.xlsx", repacked(xlsx, {"xl/vbaProject.bin": b"x"})),
            "a macro project by another name": ("x.xlsx", repacked(xlsx, {"xl/MyVBAProject.BIN": b"x"})),
            "a sheet of Excel 4.0 macros": ("x.xlsx", repacked(xlsx, {"xl/macrosheets/sheet1.xml": b"<a/>"})),
            "content of a macro workbook": (
                "x.xlsx",
                repacked(
                    xlsx, {"[Content_Types].xml": manifest.replace(b"sheet.main", b"sheet.macroEnabled")}
                ),
            ),
            "a macro project in an old workbook": ("x.xls", with_storage(xls, "_VBA_PROJECT_CUR")),
            "a sheet of Excel 4.0 macros in an old workbook": ("x.xls", macro_sheet()),
            "Basic in a LibreOffice workbook": (
                "x.ods",
                repacked(ods, {"Basic/Standard/Module1.xml": b"<a/>"}),
            ),
            "a macro workbook in an archive": ("x.zip", zipped({"a.xlsm": xlsx})),
        },
        "READ-08": {
            "a stray cell far away": ("x.xlsx", stray_cell()),
            "too many columns": ("x.csv", b";" * 300 + b"x"),
            "a text as long as a book": ("x.csv", b"a;b\n1;" + b"x" * 40_000),
            "too many columns of JSON": ("x.json", json.dumps([{str(n): n for n in range(300)}]).encode()),
        },
        "READ-09": {
            "a bomb": ("x.xlsx", bomb()),
            "a bomb in an archive": ("x.zip", deflate_bomb_in("a.csv")),
            "entries that overlap": ("x.zip", overlapping()),
            "sizes beyond all limits": ("x.xlsx", with_sizes(xlsx, 0xFFFFFFF0)),
            "many files": ("x.zip", zipped({f"{n}.csv": csv for n in range(101)})),
            "many entries": ("x.xlsx", zipped({f"{n}": b"" for n in range(10_001)})),
        },
        "READ-10": {
            "an archive in an archive": ("x.zip", zipped({"a.zip": zipped({"b.csv": csv})})),
            "a list in a cell": ("x.json", b'[{"a": [1]}]'),
            "a thousand lists": ("x.json", b"[" * 100_000 + b"]" * 100_000),
        },
        "READ-11": {
            "text as a workbook": ("x.xlsx", "chỉ là văn bản".encode()),
            "a web page as a workbook": ("x.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
            "an XML workbook of 2003": (
                "x.xls",
                b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
            ),
            "a web page as text": ("x.csv", b"\n<!DOCTYPE html><html></html>"),
            "an archive as a workbook": ("x.xlsx", zipped({"a.csv": csv})),
            "a text document as a workbook": ("x.ods", odt()),
            "a workbook without its workbook": ("x.xlsx", repacked(xlsx, {"xl/workbook.xml": None})),
            "an old text document": ("x.xls", renamed_stream(xls, "WordDocument")),
            "text as an archive": ("x.zip", csv),
            "text as Parquet": ("x.parquet", csv),
        },
        "READ-12": {
            "bytes that are no text": ("x.csv", b"a;b\n\0\1\2"),
            "no Unicode": ("x.json", b'["\xff"]'),
        },
        "READ-13": {
            "a name that turns direction": ("bao-cao\u202excod.xlsx", xlsx),
            "a name of two lines": ("bao\ncao.xlsx", xlsx),
            "a name with an escape": ("bao\x1b[2Jcao.xlsx", xlsx),
            "a name in another encoding": ("b\ufffdo-c\ufffdo.xlsx", xlsx),
            "a path out of the archive": ("x.zip", zipped({"../../inbox/a.csv": csv})),
            "a path from the root": ("x.zip", zipped({"/etc/a.csv": csv})),
            "a path of Windows": ("x.zip", zipped({"C:\\a.csv": csv})),
            "a drive of Windows": ("x.zip", zipped({"C:/a.csv": csv})),
            "a link": ("x.zip", linked()),
            "two files of one name": ("x.zip", twice()),
            "a name that turns direction in an archive": ("x.zip", zipped({"a\u202evsc.csv": csv})),
        },
        "READ-14": {
            "an empty archive": ("x.zip", zipped({})),
            "an archive of folders": ("x.zip", zipped({"a/": "", "__MACOSX/._x": "x", "Thumbs.db": "x"})),
        },
        "READ-15": {
            "an external entity": ("x.xlsx", with_doctype(DOCTYPE)),
            "a billion laughs": ("x.xlsx", with_doctype(LAUGHS)),
            "a declaration in UTF-16": ("x.xlsx", with_doctype(DOCTYPE, "utf-16")),
            "a declaration in UTF-16, bytes swapped": ("x.xlsx", with_doctype(DOCTYPE, "utf-16-be")),
            "an external entity in a LibreOffice workbook": (
                "x.ods",
                repacked(
                    ods,
                    {"content.xml": part_of(ods, "content.xml").replace(b"?>", f"?>{DOCTYPE}".encode(), 1)},
                ),
            ),
        },
        "READ-18": {
            "letters lost as question marks": (
                "x.csv",
                "Bi?u m?u;Co quan báo cáo;Tên don v?;S? luu?t;T? l?;?ã ký s?;?on v?;Vi?t".encode("cp1252"),
            )
        },
        "READ-16": {"no JSON": ("x.json", b"{"), "no rows": ("x.json", b'{"form": "F06"}')},
    }
