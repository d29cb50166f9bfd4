import csv
import shutil
from pathlib import Path

import pytest

from national_kpi.catalogue.check import check_catalogue
from national_kpi.catalogue.tables import TABLES
from national_kpi.paths import CATALOGUE_DIR


class Seeds:
    """A copy of the real catalogue that can be broken; every change returns its line."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(CATALOGUE_DIR, folder / "seeds")

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        with (self.folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def apply(self, action: str, table: str, key: str, cells: str) -> int:
        """Change, copy or remove the first row whose cells, joined by commas, begin with the key; or add."""
        if action == "add":
            return self.add(table, dict(cell.split("=", 1) for cell in cells.split(";")))
        rows = self.rows(table)
        line, row = self.find(rows, key)
        changed = row | dict(cell.split("=", 1) for cell in cells.split(";") if cell)
        if action == "copy":
            rows.append(changed)
            line = len(rows) + 1
        else:
            rows[line - 2 : line - 1] = [changed] if action == "change" else []
        self.write(table, rows)
        return line

    def add(self, table: str, cells: dict[str, str]) -> int:
        file = self.folder / f"{table}.csv"
        with file.open("a", encoding="utf-8", newline="") as stream:
            csv.DictWriter(stream, cells, lineterminator="\n").writerow(cells)
        return len(file.read_text(encoding="utf-8").splitlines())

    @staticmethod
    def find(rows: list[dict[str, str]], key: str) -> tuple[int, dict[str, str]]:
        return next(
            (line, row) for line, row in enumerate(rows, start=2) if ",".join(row.values()).startswith(key)
        )


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    return Seeds(tmp_path)


with (Path(__file__).parents[1] / "fixtures" / "catalogue_problems.csv").open(encoding="utf-8") as file:
    CASES = {case["kind"]: case for case in csv.DictReader(file)}


@pytest.mark.parametrize("kind", CASES)
def test_a_broken_row_is_reported_with_file_line_and_column(seeds: Seeds, kind: str):
    case = CASES[kind]
    line = seeds.apply(case["action"], case["table"], case["row"], case["cells"])
    table = case["problem_table"] or case["table"]
    if case["problem_row"]:
        line = seeds.find(seeds.rows(table), case["problem_row"])[0]
    problems = check_catalogue(seeds.folder)
    found = [problem for problem in problems if case["problem"] in problem.what]
    assert [(p.file, p.line, p.column) for p in found] == [(f"{table}.csv", line, case["problem_column"])], (
        problems
    )
    assert found[0].remedy


@pytest.mark.parametrize(
    ("table", "found", "put", "line", "what"),
    [
        ("forms", b"F03,1,", b"F03,1,,", 4, "the line has 11 cells, the header 10"),
        ("systems", b"SYS_EDATA,", b'SYS_EDATA,"', 7, "is not CSV"),
        ("rules", b"rule_id,", b"id,", 1, "the header is"),
        ("forms", "ư".encode(), b"\xf0", 1, "is not UTF-8"),
    ],
)
def test_a_damaged_file_is_reported_with_its_line(seeds: Seeds, table, found, put, line, what):
    path = seeds.folder / f"{table}.csv"
    path.write_bytes(path.read_bytes().replace(found, put, 1))
    problems = [problem for problem in check_catalogue(seeds.folder) if what in problem.what]
    assert [(problem.file, problem.line, problem.column) for problem in problems] == [(path.name, line, "")]


def test_a_byte_order_mark_does_no_harm(seeds: Seeds):
    path = seeds.folder / "forms.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_catalogue(seeds.folder) == []


def test_targets_that_amend_each_other_in_a_circle_are_reported_once(seeds: Seeds):
    seeds.apply("change", "targets", "T24", "amends=T97")
    seeds.apply("copy", "targets", "T24", "target_id=T97;amends=T98")
    line = seeds.apply("copy", "targets", "T24", "target_id=T98;amends=T24")
    circles = [p for p in check_catalogue(seeds.folder) if "comes to amend itself" in p.what]
    assert [(p.file, p.line, p.column) for p in circles] == [("targets.csv", line, "amends")]


def test_a_chain_of_amendments_and_an_exclusion_are_sound(seeds: Seeds):
    exclusion = "excluded_scope=agency:H46@0001-01-01;exclusion_vi=Trừ tỉnh Quảng Bình"
    seeds.apply("copy", "targets", "T24", f"target_id=T97;amends=T24;effective_from=2022-07-01;{exclusion}")
    seeds.apply("copy", "targets", "T24", "target_id=T98;amends=T97;effective_from=2022-10-01")
    assert check_catalogue(seeds.folder) == []


def test_a_source_of_files_has_no_fields(seeds: Seeds):
    of_files = "kind=folder;pattern=*.xlsx;form_code=;records_path=;page_style=;page_path="
    seeds.apply("change", "sources", "road", of_files)
    problems = check_catalogue(seeds.folder)
    assert {(p.file, p.column, p.what) for p in problems} == {
        (
            "source_fields.csv",
            "source_id",
            "road_transport_public_services is of kind folder, whose files are taken as they are",
        )
    }
    assert len(problems) == len(seeds.rows("source_fields"))


def test_the_real_catalogue_is_sound():
    assert check_catalogue(CATALOGUE_DIR) == []


def test_all_problems_are_reported_at_once(seeds: Seeds):
    seeds.apply("change", "targets", "T24", "target_value=tám mươi")
    seeds.apply("change", "targets", "T25", "scope=")
    seeds.apply("change", "kpis", "KPI_PORTAL_VISITS", "name_vi=")
    assert [(p.file, p.column) for p in check_catalogue(seeds.folder)] == [
        ("kpis.csv", "name_vi"),
        ("targets.csv", "target_value"),
        ("targets.csv", "scope"),
    ]


def test_one_unreadable_row_does_not_make_the_rows_that_name_it_look_wrong(seeds: Seeds):
    seeds.apply("change", "forms", "F07", "locale=fr")
    seeds.apply("change", "agencies", "G04,", "kind=bộ")
    seeds.apply("change", "data_elements", "services_count", "agency_aggregation=mean")
    assert [p.file for p in check_catalogue(seeds.folder)] == [
        "agencies.csv",
        "data_elements.csv",
        "forms.csv",
    ]


def test_an_empty_folder_misses_every_file(tmp_path: Path):
    problems = check_catalogue(tmp_path)
    assert {p.file for p in problems} == {f"{table.table}.csv" for table in TABLES}
    assert {p.what for p in problems} == {"the file is missing"}


def test_units_of_different_ministries_may_share_a_name(seeds: Seeds):
    cells = "agency_code=G11.X-VPB;name_vi=Văn phòng Bộ;short_name_vi=VPB"
    seeds.apply("copy", "agencies", "G11.X-BCYCP", cells)
    assert check_catalogue(seeds.folder) == []
