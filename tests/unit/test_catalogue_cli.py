import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from national_kpi.paths import CATALOGUE_DIR

KPI = Path(sys.executable).with_name("kpi")


def kpi_catalogue_check(*options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(
        [KPI, "catalogue", "check", *options], capture_output=True, text=True, env=environment
    )


@pytest.fixture
def broken(tmp_path):
    folder = shutil.copytree(CATALOGUE_DIR, tmp_path / "seeds")
    path = folder / "targets.csv"
    path.write_text(path.read_text().replace("KPI_OPS_EDOSSIER_RATE", "KPI_NONE", 1))
    return folder


def test_a_sound_catalogue_exits_0():
    answer = kpi_catalogue_check()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "sound" in answer.stdout
    assert json.loads(kpi_catalogue_check("--json").stdout) == []


def test_problems_exit_1_and_name_file_and_line(broken):
    answer = kpi_catalogue_check("--folder", str(broken))
    assert answer.returncode == 1
    assert "targets.csv" in answer.stdout and "KPI_NONE" in answer.stdout


def test_problems_as_json_are_a_list_and_nothing_else(broken):
    answer = kpi_catalogue_check("--json", "--folder", str(broken))
    assert answer.returncode == 1
    assert json.loads(answer.stdout) == [
        {
            "file": "targets.csv",
            "line": 3,
            "column": "kpi_code",
            "what": "'KPI_NONE' is unknown in kpis.csv",
            "remedy": "write a kpi_code of kpis.csv, or add it",
        }
    ]


def test_a_folder_that_does_not_exist_exits_2(tmp_path):
    answer = kpi_catalogue_check("--folder", str(tmp_path / "none"))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "there is no such folder" in answer.stderr


def test_wrong_usage_exits_2():
    assert kpi_catalogue_check("--nonsense").returncode == 2
