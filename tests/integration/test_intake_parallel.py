"""A large drop taken in by several processes: each file once, and every inbox in its order."""

import os
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.intake.context import IntakeContext
from national_kpi.intake.parallel import FILES_A_WORKER, sweep_in_parallel
from national_kpi.ledger.models import Receipt, Submission
from tests.integration.test_intake import NOW
from tests.unit.intake.workbooks import form_grid, save

AGENCIES = ("G15", "G18", "G20", "G22", "H14", "H26", "H27", "H52")
TIMES = 7
"""How often each agency corrects its report."""


@pytest.fixture
def dropped(context: IntakeContext, tmp_path: Path) -> list[Path]:
    """The same report of each agency again and again, the oldest first."""
    files = []
    for number in range(TIMES):
        for place, code in enumerate(AGENCIES):
            grid = form_grid(context.catalogue, "F06", [{"portal": "Cổng A", "visits": 1000 + number}])
            inbox = context.paths.inbox(code)
            inbox.mkdir(parents=True, exist_ok=True)
            file = save(inbox / f"{number}.csv", grid)
            moment = NOW.timestamp() - 3600 + number * 60 + place
            os.utime(file, (moment, moment))
            files.append(file)
    return files


def test_each_file_is_taken_in_once_and_every_inbox_in_its_order(
    context: IntakeContext, dropped: list[Path]
) -> None:
    assert len(dropped) >= 2 * FILES_A_WORKER  # else one process would do it alone
    result = sweep_in_parallel(context, NOW, workers=2)
    assert (len(result.receipts), result.waiting) == (len(dropped), [])
    assert not [file for file in dropped if file.exists()]
    with Session(context.engine) as session:
        submissions = list(session.scalars(select(Submission)))
        receipts = list(session.scalars(select(Receipt)))
    assert {one.revision for one in submissions if one.file_name == f"{TIMES - 1}.csv"} == {TIMES}
    assert all(one.revision == int(one.file_name.removesuffix(".csv")) + 1 for one in submissions)
    assert Counter(one.agency_code for one in receipts) == dict.fromkeys(AGENCIES, TIMES)
    seals = {(one.agency_code, one.number): one.sha256 for one in receipts}
    for one in receipts:
        assert one.previous_sha256 == seals.get((one.agency_code, one.number - 1))


def test_this_process_and_another_share_the_work(
    context: IntakeContext, dropped: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="national_kpi.intake"):
        sweep_in_parallel(context, NOW, workers=2)
    taken_in_here = sum(": received " in record.getMessage() for record in caplog.records)
    assert 0 < taken_in_here < len(dropped)


def test_a_small_drop_is_taken_in_without_starting_processes(
    context: IntakeContext, dropped: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    for file in dropped[2 * FILES_A_WORKER - 1 :]:
        file.unlink()
    with caplog.at_level("INFO", logger="national_kpi.intake"):
        result = sweep_in_parallel(context, NOW, workers=2)
    assert len(result.receipts) == 2 * FILES_A_WORKER - 1
    assert "received" in caplog.text
