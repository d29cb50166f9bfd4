"""What strangers put into a file does no harm in its marked copy, and no file goes without one."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.isolation import IsolatedReader
from national_kpi.intake.marking import mark
from national_kpi.intake.outcomes import FINDINGS_SHEET
from tests.unit.intake.marked import (
    RED,
    SHEET,
    SHEET_PART,
    finding,
    form_workbook,
    listed,
    marked,
    opened,
    parts_of,
    receipt,
    repacked,
)
from tests.unit.intake.workbooks import save


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return form_workbook(tmp_path / "bao-cao.xlsx")


TRAPS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")')


def test_a_strangers_text_never_becomes_a_formula(form: Path, tmp_path: Path) -> None:
    found = [finding("B5", found=trap, message=trap, sheet=SHEET) for trap in TRAPS]
    grid = [["Cổng", "Số"], *([trap, trap] for trap in TRAPS)]
    csv = save(tmp_path / "x.csv", grid)
    old = save(tmp_path / "x.xls", grid)
    for file in (
        marked(form, *found, agency_name="=1", file_name="=cmd|' /C calc'!A0.xlsx"),
        marked(csv, finding("A2", sheet="x")),
        marked(old, finding("A2", sheet="Trang 1")),
    ):
        book = opened(file)
        own = {("D8", SHEET)}
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f" or (cell.coordinate, sheet.title) in own
                    if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")):
                        assert cell.quotePrefix or (cell.coordinate, sheet.title) in own
    assert b"<f>" not in parts_of(csv.with_name("x-danh-dau.xlsx"))[SHEET_PART]
    assert listed(opened(form.with_name("bao-cao-danh-dau.xlsx")))[4][4] == "[U+0009]=1"


def _with_external_links(form: Path) -> Path:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return repacked(
        form,
        {
            SHEET_PART: (
                "</sheetData>",
                '<row r="20"><c r="A20"><f>[1]Sheet1!A1*2</f><v>84</v></c>'
                '<c r="B20"><f t="shared" ref="B20:B21" si="0">\'[1]Sheet 1\'!B1</f><v>5</v></c>'
                "<c r=\"C20\"><f>cmd|' /C calc'!A0</f><v>6</v></c></row>"
                '<row r="21"><c r="B21"><f t="shared" si="0"/><v>7</v></c></row></sheetData>',
            ),
            "xl/workbook.xml": (
                "<definedNames>",
                f'<externalReferences xmlns:r="{relations}"><externalReference r:id="rIdX"/>'
                "</externalReferences>"
                '<definedNames><definedName name="Xa">[1]Sheet1!$A$1</definedName>',
            ),
            "xl/_rels/workbook.xml.rels": (
                "</Relationships>",
                f'<Relationship Id="rIdX" Type="{relations}/externalLink" Target="externalLinks/e1.xml"/>'
                f'<Relationship Id="rIdC" Type="{relations}/calcChain" Target="calcChain.xml"/>'
                "</Relationships>",
            ),
            "xl/externalLinks/e1.xml": "<externalLink/>",
            "xl/calcChain.xml": "<calcChain/>",
            "xl/externalLinks/_rels/e1.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="rId1" Type="{relations}/externalLinkPath" Target="file:///x.xlsx"'
                ' TargetMode="External"/></Relationships>'
            ),
            "xl/drawings/_rels/drawing1.xml.rels": (
                "</Relationships>",
                f'<Relationship Id="rIdP" Type="{relations}/image" Target="http://spy/x.png"'
                f' TargetMode="External"/><Relationship Id="rIdH" Type="{relations}/hyperlink"'
                ' Target="https://dichvucong.gov.vn" TargetMode="External"/></Relationships>',
            ),
        },
    )


@pytest.mark.parametrize("findings", [[finding("B5")], [finding(None, sheet=None)]], ids=["marked", "listed"])
def test_no_link_to_another_file_or_program_is_carried_over(
    form: Path, findings: list[dict[str, str]]
) -> None:
    file = marked(_with_external_links(form), *findings)
    parts = parts_of(file)
    assert not [name for name in parts if "external" in name.lower() or "calcChain" in name]
    everything = b"".join(parts.values())
    assert b"[1]" not in everything
    assert b"calc'" not in everything
    assert b"externalReference" not in everything
    assert b"spy" not in everything
    assert b"https://dichvucong.gov.vn" in everything  # followed by people only
    sheet = opened(file)[SHEET]
    assert [sheet[at].value for at in ("A20", "B20", "C20", "B21", "D8")] == [84, 5, 6, 7, "=SUM(D3:D7)"]
    said = [row[0] for row in opened(file).worksheets[0].iter_rows(values_only=True)]
    assert any(line and "Liên kết tới tệp khác" in str(line) for line in said)


def test_macros_and_embedded_things_are_never_carried_over(form: Path) -> None:
    vendor = "http://schemas.microsoft.com/office/2006/relationships"
    repacked(
        form,
        {
            "xl/_rels/workbook.xml.rels": (
                "</Relationships>",
                f'<Relationship Id="rIdV" Type="{vendor}/vbaProject" Target="any.bin"/></Relationships>',
            ),
            "xl/any.bin": b"Attribute VB_Name",
            "[Content_Types].xml": (
                "openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                "ms-excel.sheet.macroEnabled.main+xml",
            ),
        },
    )
    file = marked(form, finding("B5"), remark="vbaProject")
    everything = b"".join(parts_of(file).values())
    assert b"VB_Name" not in everything
    assert b"macroEnabled" not in everything
    book = opened(file)
    assert (book[SHEET]["B5"].fill.fgColor.rgb, book[SHEET]["B5"].font.name) == (RED, "Times New Roman")
    assert any("không có hình vẽ" in str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/drawings/drawing1.xml", b"<nonsense"),
        ("xl/theme/theme1.xml", b""),
        ("xl/drawings/_rels/drawing1.xml.rels", b"<nonsense"),
        (SHEET_PART, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'),
    ],
)
def test_a_damaged_part_is_not_handed_on(form: Path, part: str, content: bytes) -> None:
    repacked(form, {part: content})
    target = form.with_name("x.xlsx")
    assert mark.mark_workbook(form, form.name, receipt(finding("B5")), target)
    assert content not in parts_of(target).values() or not content
    assert opened(target).sheetnames[0] == FINDINGS_SHEET


DAMAGE = st.tuples(st.integers(0, 99), st.floats(0, 1), st.integers(0, 60), st.binary(max_size=4))
"""Which part, where in it, how many bytes go, and what comes instead."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=st.lists(DAMAGE, min_size=1, max_size=3))
def test_whatever_is_damaged_there_is_a_workbook_that_opens(
    form: Path, damages: list[tuple[int, float, int, bytes]]
) -> None:
    parts, file = parts_of(form), form.with_name("x.xlsx")
    for number, share, length, instead in damages:
        name = sorted(parts)[number % len(parts)]
        start = int(share * len(parts[name]))
        parts[name] = parts[name][:start] + instead + parts[name][start + length :]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    target = form.with_name("y.xlsx")
    mark.mark_workbook(file, file.name, receipt(finding("B5"), finding("Z77")), target)
    CalamineWorkbook.from_path(target).get_sheet_by_name(FINDINGS_SHEET)


def test_a_file_that_cannot_be_copied_gets_the_list_of_findings(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<nonsense")
    book = opened(marked(file, finding("B5"), remark="Unreadable"))
    assert book.sheetnames == [FINDINGS_SHEET]
    assert len(listed(book)) == 1


def test_a_file_its_marking_does_not_survive_gets_the_list_of_findings(
    form: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = IsolatedReader()
    target = tmp_path / "x.xlsx"
    whole = reader._call

    def dies(function: object, *arguments: object) -> object:
        if function is mark.mark_workbook:
            raise UnreadableFileError("READ-17", found="it took all memory")
        return whole(function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "_call", dies)
    assert "all memory" in reader.mark_workbook(form, form.name, receipt(finding("B5")), target)
    assert opened(target).sheetnames == [FINDINGS_SHEET]


def test_names_with_unseen_characters_show_them(form: Path) -> None:
    book = opened(marked(form, finding("B5", found="a\x0bb\u202ec\ud800"), file_name="bao\u202ecao.xlsx"))
    assert listed(book)[0][4] == "a[U+000B]b[U+202E]c[U+D800]"
    assert book.worksheets[0]["A4"].value == "Tệp: bao[U+202E]cao.xlsx"
