"""Marked workbooks in the order of intake: after all receipts, once, and never in their way."""

import os
import shutil
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.claims import claims_folder
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import IntakeContext, sweep, take_in_batch
from national_kpi.ledger.models import Receipt
from tests.integration.dying import dying_at, in_a_child, take_in_as_another
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)
MARKED = "a-danh-dau.xlsx"


@pytest.fixture
def flawed(catalogue: Catalogue, tmp_path: Path) -> Path:
    """A form F04 in whose cell E5 more documents are signed than sent."""
    grid = form_grid(catalogue, "F04", [GOOD_ROWS["F04"] | {"documents_signed": 1001}])
    return save(tmp_path / "a.xlsx", grid)


@pytest.fixture
def drop(context: IntakeContext) -> Callable[..., Path]:
    """Puts a file into an inbox, complete and settled."""

    def put(source: Path, name: str = "a.xlsx") -> Path:
        file = context.paths.inbox("G15") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, file)
        long_ago = (NOW - timedelta(minutes=5)).timestamp()
        os.utime(file, (long_ago, long_ago))
        return file

    return put


def folders(context: IntakeContext) -> list[Path]:
    return sorted(context.paths.receipts("G15").iterdir())


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def claims(context: IntakeContext) -> list[Path]:
    return list(claims_folder(context.paths).iterdir())


def test_a_file_with_findings_comes_back_marked(
    context: IntakeContext, drop: Callable[..., Path], flawed: Path
) -> None:
    drop(flawed)
    (taken,) = sweep(context, NOW).receipts
    assert files(taken.receipt_folder) == [MARKED, "bien-nhan.html", "receipt.json"]
    assert load_workbook(taken.receipt_folder / MARKED)["Trang 1"]["E5"].fill.fgColor.rgb == "00FFC7CE"
    assert f'href="{MARKED}"' in (taken.receipt_folder / "bien-nhan.html").read_text()
    assert claims(context) == []


def test_the_mended_marked_workbook_is_accepted_as_it_is(
    context: IntakeContext, drop: Callable[..., Path], flawed: Path
) -> None:
    drop(flawed)
    (first,) = sweep(context, NOW).receipts
    book = load_workbook(first.receipt_folder / MARKED)
    book["Trang 1"]["E5"] = 900
    book.save(flawed)
    drop(flawed, MARKED)
    (second,) = sweep(context, NOW).receipts
    assert (first.outcome, second.outcome, second.form_code) == ("rejected", "accepted", "F04")
    mended = load_workbook(second.receipt_folder / MARKED)["Trang 1"]["E5"]
    assert (mended.value, mended.fill.patternType, mended.comment) == (900, None, None)


def test_the_list_of_findings_is_not_taken_for_a_form(
    context: IntakeContext, drop: Callable[..., Path], catalogue: Catalogue, tmp_path: Path
) -> None:
    drop(save(tmp_path / "x.xlsx", [["Họ và tên", "Ngày sinh"], ["An", "1990"]]))
    (first,) = sweep(context, NOW).receipts
    book = load_workbook(first.receipt_folder / MARKED)
    assert "Biểu mẫu: F01" in str(list(book.worksheets[0].values))  # as its advice says
    for row in form_grid(catalogue, "F04")[1:]:
        book["Trang 1"].append(row)
    book.save(tmp_path / "x.xlsx")
    drop(tmp_path / "x.xlsx")
    (second,) = sweep(context, NOW).receipts
    assert (first.outcome, second.outcome, second.form_code) == ("rejected", "accepted", "F04")


def test_all_receipts_of_a_batch_are_there_before_the_first_workbook_is_marked(
    context: IntakeContext, drop: Callable[..., Path], flawed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    mark = Examiner.mark

    def looking(*arguments: object) -> str:
        seen.append([files(folder) for folder in folders(context)])
        return mark(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Examiner, "mark", looking)
    take_in_batch(context, [drop(flawed), drop(flawed, "b.xlsx")], NOW)
    receipt = ["bien-nhan.html", "receipt.json"]
    assert seen == [[receipt, receipt], [[MARKED, *receipt], receipt]]


def test_a_workbook_that_cannot_be_marked_fails_nothing(
    context: IntakeContext,
    drop: Callable[..., Path],
    flawed: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(Examiner, "mark", fails)
    (taken,) = take_in_batch(context, [drop(flawed)], NOW).receipts
    assert files(taken.receipt_folder) == ["bien-nhan.html", "receipt.json"]
    assert "could not be marked" in caplog.text
    assert claims(context) == []


def test_killed_before_any_change_the_next_sweep_marks_it_once(
    context: IntakeContext, drop: Callable[..., Path], flawed: Path
) -> None:
    ended, change = -signal.SIGKILL, 0
    while ended == -signal.SIGKILL:
        file = drop(flawed, f"{change:03}.xlsx")
        receipts = context.paths.receipts("G15")
        ended = in_a_child(dying_at(change, receipts, partial(take_in_as_another, context, file)))
        sweep(context, NOW)
        assert claims(context) == []
        change += 1
    assert ended == 0
    assert change > 6
    with Session(context.engine) as session:
        numbers = session.scalars(select(Receipt.number).order_by(Receipt.number)).all()
    assert numbers == list(range(1, change + 1))
    assert [len(files(folder)) for folder in folders(context)] == [3] * change
