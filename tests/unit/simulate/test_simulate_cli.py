"""`kpi simulate`, as people call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

RUN = "import sys; from national_kpi.cli import simulate, main; main()"
SMALL = ("--first-month", "2022-08", "--forms", "F02,F06", "--services", "3", "--workers", "1")


def kpi(real_home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, "simulate", *arguments],
        env={**os.environ, "KPI_HOME": str(real_home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(home: Path) -> dict[str, bytes]:
    return {str(file.relative_to(home)): file.read_bytes() for file in home.rglob("*") if file.is_file()}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    made = [kpi(tmp_path / "var", "-o", str(tmp_path / name), *SMALL, "--json") for name in ("a", "b")]
    assert [one.returncode for one in made] == [0, 0], made[0].stderr
    assert json.loads(made[0].stdout) == [
        {"form_code": "F02", "files": 93, "rows": 279, "wrong": json.loads(made[0].stdout)[0]["wrong"]},
        json.loads(made[1].stdout)[1],
    ]
    first = contents(tmp_path / "a")
    assert first == contents(tmp_path / "b")
    assert len(first) == 93 * 2 + 2  # the mark and the manifest
    assert not (tmp_path / "var").exists()
    other = kpi(tmp_path / "var", "-o", str(tmp_path / "c"), *SMALL, "--seed", "2")
    assert other.returncode == 0
    assert contents(tmp_path / "c") != first


def test_beside_real_data_nothing_is_written(tmp_path: Path) -> None:
    done = kpi(tmp_path / "var", "-o", str(tmp_path / "var" / "nation"), *SMALL)
    assert done.returncode == 2
    assert "beside the real data" in done.stderr
    assert not (tmp_path / "var").exists()


def test_wrong_usage_is_named(tmp_path: Path) -> None:
    home = str(tmp_path / "nation")
    unknown = kpi(tmp_path / "var", "-o", home, "--forms", "F07")
    assert (unknown.returncode, "--forms" in unknown.stderr) == (2, True)
    to_come = kpi(tmp_path / "var", "-o", home, "--first-month", "2022-08", "--months", "999")
    assert (to_come.returncode, "has not ended yet" in to_come.stderr) == (2, True)
    assert not Path(home).exists()
