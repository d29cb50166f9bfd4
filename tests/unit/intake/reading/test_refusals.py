"""What must not be read is refused, by the rule that tells its sender why, and is never opened."""

import socketserver
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from national_kpi.catalogue import Catalogue
from national_kpi.errors import UnreadableFileError
from national_kpi.intake.examine import Examination, Examiner
from national_kpi.intake.reading.files import ACCEPTED_TYPES, read_content, read_sheets
from national_kpi.limits import Limits
from tests.unit.intake.conftest import TODAY
from tests.unit.intake.reading.hostile import changed, hostile, made, repacked, zipped
from tests.unit.intake.test_isolation import endless_workbook
from tests.unit.intake.workbooks import form_grid, save

HOSTILE = hostile()
SCENES = [
    pytest.param(rule_id, name, content, id=f"{rule_id} {scene}")
    for rule_id, scenes in HOSTILE.items()
    for scene, (name, content) in scenes.items()
]


@pytest.mark.parametrize(("rule_id", "name", "content"), SCENES)
def test_it_is_quarantined_and_its_sender_is_told_why(
    examiner: Examiner, tmp_path: Path, rule_id: str, name: str, content: bytes
) -> None:
    file = tmp_path / "archived"
    file.write_bytes(content)
    found = examiner.examine(file, name, "G15", TODAY)
    (problem,) = found.problems
    assert problem.rule_id == rule_id, problem
    assert found.outcome == "quarantined"
    assert "{" not in problem.message_vi + problem.mend_vi
    assert problem.mend_vi.endswith(".")


TESTED_APART = {"READ-02", "READ-07", "READ-17", "READ-19"}


def test_every_rule_on_reading_has_a_file_that_breaks_it(catalogue: Catalogue) -> None:
    assert set(HOSTILE) | TESTED_APART == {r.rule_id for r in catalogue.rules if r.category == "reading"}


def test_a_file_that_is_too_large_is_not_opened(catalogue: Catalogue, tmp_path: Path) -> None:
    large = tmp_path / "x.xlsx"
    with large.open("wb") as file:
        file.truncate(3 * 1024**4)  # reading it would take hours
    found = Examiner(catalogue).examine(large, "x.xlsx", "G15", TODAY)
    (problem,) = found.problems
    assert (problem.rule_id, problem.found, problem.expected) == (
        "READ-07",
        "3.145.728 MB",
        "không quá 200 MB",
    )


def test_a_file_that_takes_all_memory_is_quarantined(
    examine: Callable[..., Examination], tmp_path: Path
) -> None:
    found = examine(endless_workbook(tmp_path))
    assert [problem.rule_id for problem in found.problems] == ["READ-17"]
    assert not found.is_readable


def test_a_refusal_within_an_archive_names_the_file(tmp_path: Path) -> None:
    name, content = HOSTILE["READ-01"]["an archive of damaged workbooks"]
    with pytest.raises(UnreadableFileError) as caught:
        read_content(content, name)
    assert caught.value.where == "b.xlsx"


def test_an_unaccepted_kind_is_refused_with_the_list_of_accepted_ones() -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_content(b"x", "bao-cao.docx")
    assert (caught.value.found, caught.value.expected) == (".docx", ", ".join(ACCEPTED_TYPES))


def test_limits_count_what_is_filled_not_what_is_formatted(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "b"])
    book.active["XFD1048576"].number_format = "0.00"
    book.active.row_dimensions[1_000_000].height = 20
    book.save(tmp_path / "x.xlsx")
    assert read_sheets(tmp_path / "x.xlsx", "x.xlsx")[0].rows() == [["a", "b"]]


def test_cells_are_counted_over_all_sheets() -> None:
    content = made(".xlsx", [["a"] * 10] * 10)
    both = zipped({"a.xlsx": content, "b.xlsx": content})
    assert len(read_content(both, "x.zip", Limits(cells=200))) == 2
    with pytest.raises(UnreadableFileError, match="READ-08"):
        read_content(both, "x.zip", Limits(cells=199))


RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"'
    ' Target="{}" TargetMode="External"/></Relationships>'
)


def test_links_to_elsewhere_are_not_followed(
    examine: Callable[..., Examination], catalogue: Catalogue, tmp_path: Path
) -> None:
    asked = []

    class Listener(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.client_address)

    with socketserver.TCPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_address[1]}/x.xlsx"
        grid = form_grid(catalogue, "F06", [{"portal": f'=HYPERLINK("{there}")', "visits": 5}])
        content = save(tmp_path / "x.xlsx", grid).read_bytes()
        elsewhere = RELATION.format(there).encode()
        parts = {
            "xl/externalLinks/externalLink1.xml": b'<externalLink><externalBook id="rId1"/></externalLink>',
            "xl/externalLinks/_rels/externalLink1.xml.rels": elsewhere,
            "xl/worksheets/_rels/sheet1.xml.rels": elsewhere,
            "xl/embeddings/oleObject1.bin": b"MZ",
        }
        (tmp_path / "x.xlsx").write_bytes(repacked(content, parts))
        found = examine(tmp_path / "x.xlsx")
        server.shutdown()
    assert asked == []
    assert found.form_code == "F06"


def test_commands_of_dde_are_text(
    examine: Callable[..., Examination], tmp_path: Path, catalogue: Catalogue
) -> None:
    command = f"=cmd|'/c touch {tmp_path}/run'!A0"
    for ending in (".xlsx", ".csv"):
        grid = form_grid(catalogue, "F06", [{"portal": "A", "visits": command}])
        found = examine(save(tmp_path / f"x{ending}", grid))
        assert [problem.rule_id for problem in found.problems] == ["CELL-03"]
    assert not (tmp_path / "run").exists()


def test_a_workbook_nested_a_million_deep_is_read_or_refused() -> None:
    content = changed(b"<sheetData>", b"<x>" * 1_000_000 + b"</x>" * 1_000_000 + b"<sheetData>")
    assert read_content(content, "x.xlsx")[0].cell(1, 1) == 12
