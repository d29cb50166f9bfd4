"""Workbooks in legacy fonts: each cell and each piece of it is read by its own font."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlrd
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from national_kpi.catalogue import Catalogue
from national_kpi.errors import UnreadableFileError
from national_kpi.intake import legacy_fonts
from national_kpi.intake.examine import Examination
from national_kpi.intake.legacy_fonts import legacy_cells
from national_kpi.intake.reading.files import read_sheets
from tests.unit.intake.legacy_writing import in_tcvn3, in_vni
from tests.unit.intake.workbooks import form_grid, save

REAL = Path(__file__).parents[2] / "fixtures" / "budget_2003_tcvn3_and_unicode.xls"

MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/"'
    ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
Piece = tuple[str, str]
"""Text and its font."""
CELLS: list[list[list[Piece]]] = [
    [[("bé t\u00ad ph¸p", ".VnTimeH")]],
    [[("Hå s¬ trùc tuyÕn", ".VnTime")]],
    [[("Boä Tö phaùp", "VNI-Times")]],
    [[("Bộ Tư pháp", "Times New Roman")]],
    [[("Bộ Tư pháp", ".VnTime")]],
    [[("Sè ", ".VnTime"), ("hồ sơ", "Times New Roman"), (" trong kú", ".VnTimeH")]],
    [[("Bé Tµi", "Times New Roman")]],
]
SHOWN = ["BỘ TƯ PHÁP", "Hồ sơ trực tuyến", "Bộ Tư pháp", "Bộ Tư pháp", "Bộ Tư pháp",
         "Số hồ sơ TRONG KỲ", "Bé Tµi"]  # fmt: skip


def save_in_fonts(file: Path, cells: list[list[list[Piece]]]) -> Path:
    """Write cells made of pieces in fonts; the first piece's font is the cell's."""
    if file.suffix == ".xls":
        return _save_xls(file, cells)
    if file.suffix == ".ods":
        return _save_ods(file, cells)
    book = Workbook()
    for row, line in enumerate(cells, start=1):
        for column, pieces in enumerate(line, start=1):
            cell = book.active.cell(row, column)
            (text, font), *more = pieces
            cell.font = Font(name=font)
            runs = [TextBlock(InlineFont(rFont=name), piece) for piece, name in more]
            cell.value = CellRichText([text, *runs]) if runs else text
    book.save(file)
    return file


def _save_xls(file: Path, cells: list[list[list[Piece]]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")

    def font_of(name: str) -> xlwt.Font:
        font = xlwt.Font()
        font.name = name
        return font

    for row, line in enumerate(cells):
        for column, pieces in enumerate(line):
            style = xlwt.XFStyle()
            style.font = font_of(pieces[0][1])
            if len(pieces) == 1:
                sheet.write(row, column, pieces[0][0], style)
            else:
                sheet.write_rich_text(row, column, [(text, font_of(name)) for text, name in pieces], style)
    book.save(str(file))
    return file


def _save_ods(file: Path, cells: list[list[list[Piece]]]) -> Path:
    """As LibreOffice writes it: styles name font faces, some by way of the style they are based on."""
    fonts = sorted({font for line in cells for pieces in line for _, font in pieces})
    faces = "".join(
        f'<style:font-face style:name="F{n}" svg:font-family="&apos;{font}&apos;"/>'
        for n, font in enumerate(fonts)
    )
    styles = "".join(
        f'<style:style style:name="base{n}" style:family="table-cell">'
        f'<style:text-properties style:font-name="F{n}"/></style:style>'
        f'<style:style style:name="ce{n}" style:family="table-cell" style:parent-style-name="base{n}"/>'
        f'<style:style style:name="T{n}" style:family="text"><style:text-properties style:font-name="F{n}"/>'
        "</style:style>"
        for n in range(len(fonts))
    )

    def cell(pieces: list[Piece]) -> str:
        (text, font), *more = pieces
        spans = "".join(
            f'<text:span text:style-name="T{fonts.index(name)}">{escape(piece).replace(" ", "<text:s/>")}'
            "</text:span>"
            for piece, name in more
        )
        return (
            f'<table:table-cell table:style-name="ce{fonts.index(font)}" office:value-type="string">'
            f"<text:p>{escape(text)}{spans}</text:p></table:table-cell>"
            if text
            else "<table:table-cell/>"
        )

    empty = [("", fonts[0])]
    rows = "".join(
        f"<table:table-row>{''.join(map(cell, line or [empty]))}</table:table-row>" for line in cells
    )
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
            ("svg", "svg-compatible"),
        )
    )  # fmt: skip
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:font-face-decls>{faces}</office:font-face-decls>"
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
            f'<table:table table:name="Sheet">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return file


def test_a_real_table_in_tcvn3_reads_as_its_unicode_twin() -> None:
    legacy, unicode = read_sheets(REAL, REAL.name)
    as_received = xlrd.open_workbook(str(REAL)).sheet_by_index(1)
    compared = 0
    for row in range(max(legacy.height, unicode.height)):
        for column in range(max(len(legacy.columns), len(unicode.columns))):
            cell = unicode.cell(row, column)
            if isinstance(cell, str) and as_received.cell_type(row, column) == xlrd.XL_CELL_TEXT:
                compared += 1
                assert cell == as_received.cell_value(row, column)
                assert legacy.cell(row, column) == cell
    assert compared > 100
    assert "Sheet1 (2)" not in legacy_cells(REAL.read_bytes())


@pytest.mark.parametrize("ending", [".xls", ".xlsx", ".ods"])
def test_cells_and_pieces_of_cells_are_read_by_their_font(tmp_path: Path, ending: str) -> None:
    file = save_in_fonts(tmp_path / f"x{ending}", CELLS)
    (sheet,) = read_sheets(file, file.name)
    assert [sheet.cell(row, 0) for row in range(sheet.height)] == SHOWN


@pytest.mark.parametrize("ending", [".xls", ".xlsx", ".ods"])
@pytest.mark.parametrize(("font", "write"), [(".VnTime", in_tcvn3), ("VNI-Times", in_vni)])
def test_a_form_in_a_legacy_font_is_understood_as_one_in_unicode(
    tmp_path: Path,
    catalogue: Catalogue,
    examine: Callable[..., Examination],
    ending: str,
    font: str,
    write: Callable[[str], str],
) -> None:
    def pieces(cell: Any) -> list[Piece]:
        return [("" if cell is None else write(str(cell)), font)]

    grid = form_grid(catalogue, "F04")
    old = save_in_fonts(tmp_path / f"cu{ending}", [[pieces(cell) for cell in row] for row in grid])
    new = save(tmp_path / f"moi{ending}", grid)
    one, other = examine(old), examine(new)
    assert one.rows is not None and other.rows is not None
    assert one.rows.drop_columns(["sheet"]).equals(other.rows.drop_columns(["sheet"]))
    assert one.rows["unit"].to_pylist() == ["Văn phòng"]


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods"])
def test_an_ordinary_workbook_is_not_opened_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    file = save(tmp_path / f"x{ending}", [["Bộ Tư pháp", 1], ["Vndirect", "VN"]])
    monkeypatch.setattr(legacy_fonts, "_cells_of_xls", lambda path: pytest.fail("opened"))
    monkeypatch.setattr(legacy_fonts, "_cells_of_xlsx", lambda path: pytest.fail("opened"))
    monkeypatch.setattr(legacy_fonts, "cells_of_ods", lambda path: pytest.fail("opened"))
    assert legacy_cells(file.read_bytes()) == {}


def test_a_workbook_whose_fonts_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save_in_fonts(tmp_path / "x.xls", CELLS)
    monkeypatch.setattr(legacy_fonts, "_cells_of_xls", lambda path: 1 / 0)
    with pytest.raises(UnreadableFileError, match="READ-19"):
        read_sheets(file, file.name)
