import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from national_kpi.triggers import DropFolderTrigger, settled_inboxes

QUIET = 0.5


def events_while(
    drop: Path,
    act: Callable[[], object],
    seconds: float = 2.5,
    report: Callable[[list[str]], object] = lambda codes: None,
) -> list[list[str]]:
    """What the watch reports while `act` happens and for some seconds after."""

    async def watch() -> list[list[str]]:
        seen: list[list[str]] = []

        async def collect() -> None:
            async for codes in settled_inboxes(drop, QUIET):
                seen.append(codes)
                report(codes)

        watcher = asyncio.create_task(collect())
        await asyncio.sleep(0.8)
        await asyncio.to_thread(act)
        await asyncio.sleep(seconds)
        watcher.cancel()
        return seen

    return asyncio.run(watch())


def test_a_dropped_file_is_reported_once(tmp_path: Path) -> None:
    inbox = tmp_path / "G04" / "inbox"
    inbox.mkdir(parents=True)
    assert events_while(tmp_path, lambda: (inbox / "bao-cao.xlsx").write_bytes(b"x")) == [["G04"]]


def test_an_agency_folder_that_appears_later_is_watched(tmp_path: Path) -> None:
    def act() -> None:
        inbox = tmp_path / "H19" / "inbox"
        inbox.mkdir(parents=True)
        (inbox / "bao-cao.csv").write_bytes(b"x")

    assert events_while(tmp_path, act) == [["H19"]]


def test_receipts_and_removals_wake_nobody(tmp_path: Path) -> None:
    inbox, receipts = tmp_path / "G04" / "inbox", tmp_path / "G04" / "receipts"
    inbox.mkdir(parents=True)

    def act() -> None:
        (receipts / "000001-bao-cao").mkdir(parents=True)
        (receipts / "000001-bao-cao" / "receipt.json").write_text("{}")
        (tmp_path / "stray.txt").write_text("outside every inbox")
        taken.unlink()

    taken = inbox / "bao-cao.xlsx"
    taken.write_bytes(b"x")
    assert events_while(tmp_path, act) == [["G04"]], "only the file that lay there at the start"


def test_one_busy_inbox_does_not_hold_up_another(tmp_path: Path) -> None:
    busy, other = tmp_path / "G04" / "inbox", tmp_path / "G06" / "inbox"
    busy.mkdir(parents=True)
    other.mkdir(parents=True)

    def act() -> None:
        (other / "xong.xlsx").write_bytes(b"x")
        with (busy / "dang-tai.xlsx").open("ab", buffering=0) as upload:
            for _ in range(10):
                upload.write(b"x")
                time.sleep(0.2)

    assert events_while(tmp_path, act) == [["G06"], ["G04"]]


def test_an_upload_that_stalls_before_it_is_closed_is_waited_for(tmp_path: Path) -> None:
    inbox = tmp_path / "G04" / "inbox"
    inbox.mkdir(parents=True)
    closed_at: list[float] = []
    reported_at: list[float] = []

    def act() -> None:
        with (inbox / "cham.xlsx").open("wb", buffering=0) as upload:
            upload.write(b"x")
            time.sleep(2.5)
            closed_at.append(time.monotonic())

    def report(codes: list[str]) -> None:
        assert codes == ["G04"]
        reported_at.append(time.monotonic())

    events_while(tmp_path, act, report=report)
    assert len(reported_at) == 1
    assert reported_at[0] >= closed_at[0]


def test_airflow_stores_no_path() -> None:
    assert DropFolderTrigger().serialize() == ("national_kpi.triggers.DropFolderTrigger", {})
