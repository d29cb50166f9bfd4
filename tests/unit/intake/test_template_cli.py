"""`kpi template`, as people call it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from national_kpi.cli import main

Kpi = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kpi(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Kpi:
    """Runs the command in an empty folder; gives back its exit status and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kpi", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_a_form_is_written_under_its_name_and_checked_as_the_catalogue_names_it(kpi: Kpi) -> None:
    status, name, said = kpi("template", "f06", "--agency", "H05", "--period", "2025-M08G", "-o", ".")
    assert (status, name.strip()) == (0, "F06_2025-M08G_H05.xlsx"), said
    status, told, _ = kpi("check", name.strip(), "--agency", "H05")
    assert status == 1
    assert "không có dòng số liệu nào" in told


def test_a_form_that_is_there_already_is_not_written_over(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "F06.xlsx").write_text("figures")
    status, _, said = kpi("template", "F06", "--agency", "G15", "--period", "2022-M08", "-o", "F06.xlsx")
    assert (status, "there already" in said) == (2, True)
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
    kpi: Kpi, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, _, printed = kpi("template", *arguments)
    assert status == 2
    assert said in printed
    assert list(tmp_path.iterdir()) == []
