"""Which files of the drop folder are complete."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.drop import in_batches, is_open_for_writing, prepare_folders, ready_files
from national_kpi.paths import Paths
from national_kpi.settings import Settings

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, home=tmp_path, quiet_seconds=0.5)


@pytest.fixture
def paths(settings: Settings) -> Paths:
    return Paths.of(settings)


def put(paths: Paths, name: str, *, code: str = "G15", age: float = 10) -> Path:
    """A file in an inbox, last changed some seconds before NOW."""
    file = paths.inbox(code) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    changed = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(file, (changed, changed))
    return file


def test_complete_files_are_found_oldest_first(paths: Paths, settings: Settings) -> None:
    new, old = put(paths, "a.xlsx", age=5), put(paths, "b.xlsx", code="H52", age=60)
    assert ready_files(paths, settings, NOW) == [old, new]


def test_there_may_be_no_drop_folder_yet(paths: Paths, settings: Settings) -> None:
    assert ready_files(paths, settings, NOW) == []


@pytest.mark.parametrize(
    "name",
    ["~$bao-cao.xlsx", ".bao-cao.xlsx", "b.xlsx.part", "b.xlsx.filepart", "b.tmp", "b.xlsx.crdownload",
     "~b.xls", "B.XLSX.PART"],
)  # fmt: skip
def test_an_upload_under_a_temporary_name_is_left_alone(paths: Paths, settings: Settings, name: str) -> None:
    put(paths, name)
    assert ready_files(paths, settings, NOW) == []


def test_a_file_changed_a_moment_ago_is_left_alone(paths: Paths, settings: Settings) -> None:
    file = put(paths, "a.xlsx", age=0.2)
    assert ready_files(paths, settings, NOW) == []
    assert ready_files(paths, settings, NOW + timedelta(seconds=1)) == [file]


def test_a_half_written_upload_is_left_alone(paths: Paths, settings: Settings) -> None:
    file = put(paths, "a.xlsx")
    writer = subprocess.Popen(
        [sys.executable, "-c", f"f = open({str(file)!r}, 'ab'); print('open', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert writer.stdout
    assert writer.stdout.readline() == b"open\n"
    assert is_open_for_writing(file)
    assert ready_files(paths, settings, NOW) == []
    writer.communicate(b"\n")
    assert not is_open_for_writing(file)
    assert ready_files(paths, settings, NOW) == [file]


def test_a_file_open_for_reading_is_no_upload(paths: Paths, settings: Settings) -> None:
    file = put(paths, "a.xlsx")
    with file.open("rb"):
        assert ready_files(paths, settings, NOW) == [file]


def test_a_file_dated_in_the_future_is_taken_once_it_stands_still(paths: Paths, settings: Settings) -> None:
    file = put(paths, "a.xlsx", age=-3600)
    assert ready_files(paths, settings, NOW) == [file]


def test_links_folders_and_devices_are_not_followed(paths: Paths, settings: Settings, tmp_path: Path) -> None:
    inbox = put(paths, ".first").parent
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(b"x")
    (inbox / "link.xlsx").symlink_to(secret)
    (inbox / "folder.xlsx").mkdir()
    os.mkfifo(inbox / "pipe.xlsx")
    (paths.drop / "G99").mkdir()
    (paths.drop / "G99" / "inbox").symlink_to(inbox)
    assert ready_files(paths, settings, NOW) == []
    assert (inbox / "folder.xlsx").is_dir()


def test_every_agency_of_today_gets_its_folders_and_collectives_none(
    paths: Paths, catalogue: Catalogue
) -> None:
    day = date(2026, 11, 22)
    prepare_folders(paths, catalogue, day)
    prepare_folders(paths, catalogue, day)
    made = {folder.name for folder in paths.drop.iterdir()}
    assert made == {a.agency_code for a in catalogue.agencies if a.valid_on(day) and a.kind != "collective"}
    assert paths.inbox("G06").is_dir()
    assert paths.receipts("G06").is_dir()
    assert not made & {"VN", "G14", "GRP-95"}


def test_batches_keep_an_inbox_together_and_in_its_order() -> None:
    a, b, c = (Path("drop", code, "inbox") for code in "ABC")
    files = [b / "1", a / "1", b / "2", c / "1", a / "2", b / "3"]
    assert in_batches(files, 2) == [[b / "1", b / "2", b / "3"], [a / "1", a / "2"], [c / "1"]]
    assert in_batches(files, 4) == [[b / "1", b / "2", b / "3", a / "1", a / "2"], [c / "1"]]
    assert in_batches([], 2) == []
