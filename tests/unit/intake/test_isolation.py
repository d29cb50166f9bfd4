"""A file its reader does not survive costs one receipt, nothing else."""

import os
import struct
from pathlib import Path

import pytest

from national_kpi.errors import UnreadableFileError
from national_kpi.intake.isolation import IsolatedReader
from national_kpi.intake.reading.files import read_sheets
from national_kpi.limits import DEFAULT_LIMITS, Limits
from tests.unit.intake.workbooks import save

GRID = [["Cổng thông tin điện tử", "Số lượt truy cập"], ["Cổng A", 0.5]]


def endless_workbook(folder: Path) -> Path:
    """An old workbook whose directory goes on in itself: reading it takes all the memory there is."""
    file = save(folder / "endless.xls", GRID)
    content = bytearray(file.read_bytes())
    (directory,) = struct.unpack_from("<I", content, 0x30)
    (table,) = struct.unpack_from("<I", content, 0x4C)
    struct.pack_into("<I", content, 512 * (table + 1) + 4 * directory, directory)
    file.write_bytes(content)
    return file


@pytest.fixture
def reader() -> IsolatedReader:
    return IsolatedReader()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return save(tmp_path / "good.xlsx", GRID)


def test_one_child_serves_many_files(reader: IsolatedReader, good: Path) -> None:
    for _ in range(2):
        assert reader.read_sheets(good, "good.xlsx")[0].rows() == GRID
    assert reader.percent_decimals(good, "good.xlsx", "Trang 1", {(1, 1)}) == {}


def test_refusals_come_back_as_they_are(reader: IsolatedReader, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").touch()
    with pytest.raises(UnreadableFileError, match="READ-04") as caught:
        reader.read_sheets(tmp_path / "x.xlsx", "x.xlsx")
    assert (caught.value.found, caught.value.where) == ("0 byte", "")


def test_a_mistake_of_ours_comes_back_with_its_trace(reader: IsolatedReader, good: Path) -> None:
    with pytest.raises(RuntimeError, match="no_such_sheet"):
        reader.percent_decimals(good, "good.xlsx", "no_such_sheet", {(1, 1)})


def test_a_file_that_takes_all_memory_is_refused_and_the_next_is_read(
    reader: IsolatedReader, good: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFileError, match="READ-17"):
        reader.read_sheets(endless_workbook(tmp_path), "endless.xls")
    assert reader.read_sheets(good, "good.xlsx")[0].rows() == GRID


def test_a_file_that_is_never_done_is_refused(good: Path) -> None:
    hasty = IsolatedReader(Limits(seconds=0))
    with pytest.raises(UnreadableFileError, match="READ-17"):
        hasty.read_sheets(good, "good.xlsx")
    assert hasty._process is None


def test_bytes_the_disk_does_not_give_are_no_fault_of_the_file(
    reader: IsolatedReader, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        reader.read_sheets(tmp_path / "gone.xlsx", "gone.xlsx")


def test_a_child_that_was_killed_from_outside_is_replaced(reader: IsolatedReader, good: Path) -> None:
    reader.read_sheets(good, "good.xlsx")
    assert reader._process is not None
    reader._process.kill()
    assert reader.read_sheets(good, "good.xlsx")[0].rows() == GRID


def test_a_forked_process_reads_with_a_child_of_its_own(reader: IsolatedReader, good: Path) -> None:
    reader.read_sheets(good, "good.xlsx")
    child = os.fork()
    if child == 0:
        os._exit(0 if reader.read_sheets(good, "good.xlsx")[0].rows() == GRID else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert reader.read_sheets(good, "good.xlsx")[0].rows() == GRID


def test_large_columns_arrive_as_they_were_read(reader: IsolatedReader, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("".join(f"hồ sơ {n};{n % 7};\n" for n in range(50_000)), encoding="utf-8")
    (far,), (near,) = reader.read_sheets(file, "x.csv"), read_sheets(file, "x.csv", DEFAULT_LIMITS)
    assert far.height == near.height == 50_000
    for one, other in zip(far.columns, near.columns, strict=True):
        assert one.cells == other.cells
        assert one.codes.tolist() == other.codes.tolist()
    again = reader.read_sheets(file, "x.csv")[0]  # the arrays of the first answer are still there
    assert far.row(49_999) == again.row(49_999) == ["hồ sơ 49999", "5", None]
