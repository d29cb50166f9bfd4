"""`kpi template`, as people call it."""

import subprocess
import sys
from pathlib import Path

import pytest

RUN = "from national_kpi.cli import main; main()"


def kpi(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_a_form_is_written_under_its_name_and_checked_as_the_catalogue_names_it(tmp_path: Path) -> None:
    done = kpi("template", "f06", "--agency", "H05", "--period", "2025-M08G", "-o", ".", folder=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "F06_2025-M08G_H05.xlsx"), done.stderr
    again = kpi("check", done.stdout.strip(), "--agency", "H05", folder=tmp_path)
    assert again.returncode == 1
    assert "không có dòng số liệu nào" in again.stdout
    assert "READ-02" not in again.stdout


def test_a_form_that_is_there_already_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "F06.xlsx").write_text("figures")
    wanted = ("template", "F06", "--agency", "G15", "--period", "2022-M08", "-o", "F06.xlsx")
    done = kpi(*wanted, folder=tmp_path)
    assert (done.returncode, "there already" in done.stderr) == (2, True)
    assert (tmp_path / "F06.xlsx").read_text() == "figures"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("F99", "--agency", "G15", "--period", "2022-M08"), "no form 'F99'"),
        (("F06", "--agency", "G99", "--period", "2022-M08"), "G99"),
        (("F06", "--agency", "G15", "--period", "2022-13"), "is not a period code"),
        (("F06", "--agency", "G15"), "--period"),
        (("F06", "--agency", "G15", "--period", "2022-M08", "-o", "x.csv"), "no Excel file"),
        (("F06", "--agency", "G15", "--period", "2022-M08", "-o", "gone/x.xlsx"), "no such folder"),
    ],
)
def test_what_cannot_be_written_is_an_error_that_names_it(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = kpi("template", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
