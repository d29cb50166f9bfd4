"""Nothing received is lost or counted twice, whatever crashes when and however many processes run."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.intake.claims import claim_file, claims_folder
from national_kpi.intake.pipeline import IntakeContext, resume, sweep, take_in_batch
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from tests.integration.dying import NOW, drop, dying_at, in_a_child, take_in_as_another
from tests.unit.intake.workbooks import form_grid, save


@pytest.fixture
def visits(catalogue: Catalogue, tmp_path: Path) -> Callable[[int], bytes]:
    def make(count: int) -> bytes:
        grid = form_grid(catalogue, "F06", [{"portal": "Cổng A", "visits": count}])
        return save(tmp_path / "made.csv", grid).read_bytes()

    return make


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
    assert [file for file in context.paths.archive.iterdir() if file.is_file()] == [archived]
    (folder,) = context.paths.receipts("G15").iterdir()
    assert sorted(file.name for file in folder.iterdir()) == ["bien-nhan.html", "receipt.json"]
    assert list(context.paths.inbox("G15").iterdir()) == []
    assert list(claims_folder(context.paths).iterdir()) == []


def _take_in_together(home: Path, url: str, files: list[Path] | None, together: float) -> list[str]:
    """Sweep, or take in the same batch as the others, at the same moment as they."""
    settings = Settings(_env_file=None, home=home, ledger_url=url)
    context = IntakeContext(settings, Paths.of(settings), load_catalogue(CATALOGUE_DIR), open_ledger(url))
    time.sleep(max(0.0, together - time.time()))
    result = sweep(context, NOW) if files is None else take_in_batch(context, files, NOW)
    return [one.submission_id for one in result.receipts]


@pytest.mark.parametrize("is_batch", [False, True], ids=["sweeps", "batches"])
def test_processes_at_the_same_inbox_take_each_file_once(
    ledger: Engine, home: Path, visits: Callable[[int], bytes], is_batch: bool
) -> None:
    settings = Settings(_env_file=None, home=home, ledger_url="")
    paths = Paths.of(settings)
    files = [drop(paths, visits(count), f"{count}.csv", ("G15", "G18")[count % 2]) for count in range(1, 25)]
    url = ledger.url.render_as_string(hide_password=False)
    together = time.time() + 5
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(_take_in_together, home, url, files if is_batch else None, together) for _ in range(3)
        ]
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
