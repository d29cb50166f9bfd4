"""Nothing received is lost or counted twice, whatever crashes when and however many processes run."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.claims import claim_file, claims_folder
from national_kpi.intake.pipeline import IntakeContext, resume, sweep, take_in_batch
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from tests.unit.intake.workbooks import form_grid, save

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)

# Python reports these events right before it asks the system to do them.
CHANGES = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "fcntl.flock",
    "shutil.rmtree",
}


def drop(paths: Paths, content: bytes, name: str = "f06.csv", code: str = "G15") -> Path:
    file = paths.inbox(code) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    long_ago = (NOW - timedelta(minutes=5)).timestamp()
    os.utime(file, (long_ago, long_ago))
    return file


@pytest.fixture
def visits(catalogue: Catalogue, tmp_path: Path) -> Callable[[int], bytes]:
    def make(count: int) -> bytes:
        grid = form_grid(catalogue, "F06", [{"portal": "Cổng A", "visits": count}])
        return save(tmp_path / "made.csv", grid).read_bytes()

    return make


def in_a_child(act: Callable[[], object]) -> int:
    """Run something in a forked process; gives back how it ended, 0 or the negative number of its signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying_at(change: int, folder: Path, act: Callable[[], object]) -> Callable[[], None]:
    """Make a process kill itself right before its n-th change, counted from 0.

    Args:
        change: which change; every change below the folder and every commit to the ledger counts.
        folder: where changes count.
        act: what the process does.
    """

    def run() -> None:
        left = change

        def count() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def watch(name: str, arguments: tuple[object, ...]) -> None:
            if name in CHANGES and any(str(folder) in str(argument) for argument in arguments[:2]):
                count()

        event.listen(Engine, "commit", lambda _: count())
        sys.addaudithook(watch)
        act()

    return run


def fresh(context: IntakeContext) -> IntakeContext:
    """The same home with connections of its own, as another process has."""
    engine = open_ledger(str(context.engine.url))
    other = IntakeContext(context.settings, context.paths, context.catalogue, engine)
    vars(other)["examiner"] = context.examiner
    return other


def take_in_as_another(context: IntakeContext, file: Path) -> None:
    take_in_batch(fresh(context), [file], NOW)


def check_exactly_one(context: IntakeContext, content: bytes) -> None:
    """One submission, one receipt, rendered; one lake file; the bytes; nothing lying about."""
    with Session(context.engine) as session:
        (submission,) = session.scalars(select(Submission)).all()
        (receipt,) = session.scalars(select(Receipt)).all()
        assert (submission.state, submission.outcome, submission.revision) == ("decided", "accepted", 1)
        assert (receipt.number, receipt.submission_id) == (1, submission.submission_id)
        lake = context.paths.home / str(submission.lake_path)
        archived = context.paths.archive / submission.sha256
    assert archived.read_bytes() == content
    assert [file for file in context.paths.lake.rglob("*") if file.is_file()] == [lake]
    assert list(context.paths.archive.iterdir()) == [archived]
    (folder,) = context.paths.receipts("G15").iterdir()
    assert sorted(file.name for file in folder.iterdir()) == ["bien-nhan.html", "receipt.json"]
    assert list(context.paths.inbox("G15").iterdir()) == []
    assert list(claims_folder(context.paths).iterdir()) == []


def test_killed_before_any_change_to_the_disk_the_next_sweep_ends_it_well(
    context: IntakeContext, visits: Callable[[int], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = visits(1)
    deaths = 0
    for change in range(500):
        settings = Settings(_env_file=None, home=tmp_path_factory.mktemp("home"), ledger_url="")
        paths = Paths.of(settings)
        paths.home.joinpath("ledger.db").write_bytes(empty_ledger(context))
        engine = open_ledger(f"sqlite:///{paths.ledger_file}")
        one = IntakeContext(settings, paths, context.catalogue, engine)
        vars(one)["examiner"] = context.examiner
        file = drop(paths, content)
        ended = in_a_child(dying_at(change, paths.home, partial(take_in_as_another, one, file)))
        sweep(one, NOW)
        check_exactly_one(one, content)
        engine.dispose()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        deaths += 1
    assert 20 < deaths < 500


def empty_ledger(context: IntakeContext) -> bytes:
    """The migrated ledger as one file."""
    context.engine.dispose()
    return context.paths.ledger_file.read_bytes()


def _sweep_in_process(home: Path, url: str, barrier_at: float) -> list[str]:
    settings = Settings(_env_file=None, home=home, ledger_url=url)
    context = IntakeContext(settings, Paths.of(settings), load_catalogue(CATALOGUE_DIR), open_ledger(url))
    time.sleep(max(0.0, barrier_at - time.time()))  # all begin together
    return [one.submission_id for one in sweep(context, NOW).receipts]


def test_processes_at_the_same_inbox_take_each_file_once(
    ledger: Engine, home: Path, catalogue: Catalogue, visits: Callable[[int], bytes]
) -> None:
    settings = Settings(_env_file=None, home=home, ledger_url="")
    paths = Paths.of(settings)
    for count in range(24):
        drop(paths, visits(count), f"{count}.csv", ("G15", "G18")[count % 2])
    url = ledger.url.render_as_string(hide_password=False)
    together = time.time() + 5
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_sweep_in_process, home, url, together) for _ in range(3)]
        taken = [submission_id for job in jobs for submission_id in job.result()]
    assert len(taken) == len(set(taken)) == 24
    with Session(ledger) as session:
        receipts = session.execute(
            select(Receipt.agency_code, Receipt.number, Receipt.previous_sha256, Receipt.sha256).order_by(
                Receipt.agency_code, Receipt.number
            )
        ).all()
        revisions = session.scalars(select(Submission.revision).order_by(Submission.revision)).all()
        numbers = session.scalars(
            select(Submission.decision_number).order_by(Submission.decision_number)
        ).all()
    assert [row.number for row in receipts] == [*range(1, 13), *range(1, 13)]
    for before, after in pairwise(receipts):
        assert after.previous_sha256 == (before.sha256 if after.number > 1 else None)
    assert revisions == sorted([*range(1, 13)] * 2)
    assert numbers == [*range(1, 25)]
    assert list(claims_folder(paths).iterdir()) == []


def test_what_a_living_process_works_on_is_left_to_it(
    context: IntakeContext, visits: Callable[[int], bytes]
) -> None:
    claim = claim_file(context.paths, drop(context.paths, visits(1)), NOW)
    assert claim is not None
    with claim:
        assert resume(context, NOW).receipts == []
        assert claim.file is not None
    assert [one.submission_id for one in resume(context, NOW).receipts] == [claim.submission_id]


def test_a_claimed_file_that_is_still_written_to_waits(
    context: IntakeContext, visits: Callable[[int], bytes]
) -> None:
    file = drop(context.paths, visits(1)[:20])
    with file.open("ab") as upload:
        assert take_in_batch(context, [file], NOW).receipts == []
        upload.write(visits(1)[20:])
    (result,) = sweep(context, NOW).receipts
    assert result.outcome == "accepted"
    check_exactly_one(context, visits(1))


def test_a_lost_claim_folder_does_not_lose_the_submission(
    context: IntakeContext, visits: Callable[[int], bytes]
) -> None:
    file = drop(context.paths, visits(1))
    # The row `received` is committed, the rows are not in the lake yet.
    died = in_a_child(dying_at(1, context.paths.lake, partial(take_in_as_another, context, file)))
    assert died == -signal.SIGKILL
    (claim,) = claims_folder(context.paths).iterdir()
    claim.rmdir()
    sweep(context, NOW)
    check_exactly_one(context, visits(1))
