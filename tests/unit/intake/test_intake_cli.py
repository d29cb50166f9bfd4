"""`kpi check` and `kpi intake`, as people and programs call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.drop import prepare_folders
from national_kpi.paths import Paths
from tests.unit.intake.conftest import TODAY
from tests.unit.intake.workbooks import form_grid, save

RUN = "import sys; from national_kpi.cli import intake, app; app()"


def kpi(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={**os.environ, "KPI_HOME": str(home), "KPI_LEDGER_URL": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def good(catalogue: Catalogue, tmp_path: Path) -> Path:
    return save(tmp_path / "f06.xlsx", form_grid(catalogue, "F06"))


@pytest.fixture
def bad(catalogue: Catalogue, tmp_path: Path) -> Path:
    return save(tmp_path / "bad.xlsx", form_grid(catalogue, "F06", [{"portal": "A", "visits": "mười"}]))


def test_check_shows_the_receipt_a_file_would_get(good: Path, bad: Path, tmp_path: Path) -> None:
    fine = kpi(tmp_path / "home", "check", str(good), "--agency", "G15")
    assert fine.returncode == 0, fine.stderr
    assert "Đã tiếp nhận" in fine.stdout
    assert "Tháng 8/2022" in fine.stdout
    refused = kpi(tmp_path / "home", "check", str(bad), "--agency", "G15")
    assert refused.returncode == 1
    assert "C5" in refused.stdout
    assert not (tmp_path / "home").exists()


def test_check_tells_until_when_the_report_is_due(catalogue: Catalogue, tmp_path: Path) -> None:
    file = save(tmp_path / "f06.xlsx", form_grid(catalogue, "F06", period="Kỳ báo cáo: Tháng 1/2026"))
    done = kpi(tmp_path / "home", "check", str(file), "--agency", "G15")
    assert "Hạn nộp: 04/02/2026; nếu nộp lúc này: nộp sau ngày khóa kỳ báo cáo." in done.stdout


def test_check_prints_a_list_of_objects_and_nothing_else(bad: Path, tmp_path: Path) -> None:
    done = kpi(tmp_path, "check", str(bad), "--agency", "G15", "--json")
    (receipt,) = json.loads(done.stdout)
    assert (done.returncode, receipt["outcome"], receipt["findings"][0]["cell"]) == (1, "rejected", "C5")
    assert "number" not in receipt


def test_check_of_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").touch()
    done = kpi(tmp_path, "check", str(tmp_path / "empty.xlsx"), "--agency", "G15")
    assert done.returncode == 2
    assert "Tệp không có dữ liệu" in done.stdout
    assert kpi(tmp_path, "check", str(tmp_path / "gone.xlsx"), "--agency", "G15").returncode == 2


@pytest.mark.parametrize(("code", "said"), [("XX", "XX"), ("G14", "G06"), ("VN", "VN")])
def test_check_for_nobodys_folder_names_the_option(good: Path, tmp_path: Path, code: str, said: str) -> None:
    done = kpi(tmp_path, "check", str(good), "--agency", code)
    assert done.returncode == 2
    assert "--agency" in done.stderr
    assert said in done.stderr


def test_check_without_agency_names_the_option(good: Path, tmp_path: Path) -> None:
    done = kpi(tmp_path, "check", str(good))
    assert (done.returncode, "--agency" in done.stderr) == (2, True)


def test_intake_takes_in_what_lies_there(catalogue: Catalogue, good: Path, tmp_path: Path) -> None:
    paths = Paths((tmp_path / "home").resolve())
    prepare_folders(paths, catalogue, TODAY)
    for name in ("a.xlsx", "b.xlsx"):
        (paths.inbox("G15") / name).write_bytes(good.read_bytes())
    (paths.inbox("G18") / "c.xlsx").write_bytes(b"")
    for file in paths.drop.glob("*/inbox/*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    done = kpi(paths.home, "intake", "--json")
    receipts = {one["file_name"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1  # one file was not accepted
    assert {name: one["outcome"] for name, one in receipts.items()} == {
        "a.xlsx": "accepted", "b.xlsx": "duplicate", "c.xlsx": "quarantined",
    }  # fmt: skip
    assert Path(receipts["a.xlsx"]["receipt_folder"], "bien-nhan.html").is_file()
    again = kpi(paths.home, "intake")
    assert again.returncode == 0


def test_intake_without_a_ledger_says_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("no database " * 100)
    done = kpi(tmp_path, "intake")
    assert done.returncode != 0
    assert "out of reach" in done.stderr
