"""Kinds of files that need more than reading: archives, and rows that name their columns."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.examine import Examination
from tests.unit.intake.workbooks import form_grid, save

Examine = Callable[..., Examination]
Zip = Callable[[Mapping[str, str | None]], Path]


@pytest.fixture
def archive(catalogue: Catalogue, tmp_path: Path) -> Zip:
    """An archive of forms F06 by their names; each may say its period in a line."""

    def make(files: Mapping[str, str | None]) -> Path:
        with zipfile.ZipFile(tmp_path / "bao-cao.zip", "w") as made:
            for number, (name, period) in enumerate(files.items()):
                rows = [{"portal": f"Cổng {number}", "visits": 10_000 + number}]
                made.write(save(tmp_path / "x.csv", form_grid(catalogue, "F06", rows, period=period)), name)
        return tmp_path / "bao-cao.zip"

    return make


def rules(examination: Examination) -> list[str]:
    return [problem.rule_id for problem in examination.problems]


def test_an_archive_of_one_report_is_taken_by_the_name_inside(archive: Zip, examine: Examine) -> None:
    found = examine(archive({"thang 8/F06_2022-M08.csv": None}))
    assert (rules(found), found.form_code) == ([], "F06")
    assert found.period is not None
    assert found.period.code == "2022-M08"


def test_the_parts_of_one_report_are_taken_together(archive: Zip, examine: Examine) -> None:
    found = examine(archive({"a.csv": "Kỳ báo cáo: Tháng 8/2022", "b.csv": None}))
    assert rules(found) == []
    assert found.rows is not None
    assert found.rows["sheet"].to_pylist() == ["a.csv / a", "b.csv / b"]
    assert found.rows["visits"].to_pylist() == [10_000, 10_001]


@pytest.mark.parametrize(
    ("files", "rule_id"),
    [
        ({"F06_2022-M07.csv": None, "F06_2022-M08.csv": None}, "FORM-08"),
        ({"a.csv": "Kỳ báo cáo: Tháng 7/2022", "b.csv": "Kỳ báo cáo: Tháng 8/2022"}, "FORM-08"),
        ({"F06_2022-M07.csv": "Kỳ báo cáo: Tháng 8/2022"}, "PERIOD-04"),
        ({"F06_2022-M08_G18.csv": None}, "AGENCY-07"),
    ],
)
def test_files_of_an_archive_that_contradict_each_other_are_told_apart(
    archive: Zip, examine: Examine, files: dict[str, str | None], rule_id: str
) -> None:
    assert rule_id in rules(examine(archive(files)))


def test_two_forms_in_one_archive_are_told(catalogue: Catalogue, examine: Examine, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        for form_code in ("F06", "F04"):
            made.write(
                save(tmp_path / f"{form_code}.xlsx", form_grid(catalogue, form_code)), f"{form_code}.xlsx"
            )
    found = examine(tmp_path / "x.zip")
    assert (found.form_code, rules(found)) == ("F06", ["FORM-04"])
    assert found.problems[0].sheet == "F04.xlsx / Trang 1"


def test_a_refusal_in_an_archive_says_which_file(examine: Examine, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a.csv", "a;b\n1;2\n")
        made.writestr("b.xlsx", b"PK\x03\x04junk")
    (problem,) = examine(tmp_path / "x.zip").problems
    assert (problem.rule_id, problem.sheet) == ("READ-01", "b.xlsx")


def said(rows: list[dict[str, Any]], **more: str) -> str:
    return json.dumps({"form": "F06", "period": "2022-M08", **more, "rows": rows}, ensure_ascii=False)


def test_json_may_name_columns_as_the_catalogue_does(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(said([{"portal": "Cổng A", "visits": 12}, {"portal": "Cổng B", "visits": "1.300"}]))
    found = examine(file)
    assert rules(found) == []
    assert found.rows is not None
    assert found.rows["visits"].to_pylist() == [12, 1300]
    assert found.rows["row_number"].to_pylist() == [4, 5]


def test_json_that_speaks_for_another_agency_is_refused(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(said([{"portal": "A", "visits": 12}], agency="Bộ Y tế"))
    assert "AGENCY-02" in rules(examine(file))
