"""A full disk, a ledger that goes away: files wait, and each is taken in once."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.errors import LedgerError
from national_kpi.intake.chain import check_ledger_chains, check_rendered
from national_kpi.intake.claims import claims_folder
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import (
    BatchResult,
    IntakeContext,
    InterruptedIntakeError,
    sweep,
    take_in_batch,
)
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from tests.integration.conftest import running_postgresql
from tests.integration.dying import NOW, drop
from tests.unit.intake.workbooks import form_grid, save

Content = Callable[[int], bytes]


def context_of(home: Path, url: str, catalogue: Catalogue, examiner: Examiner) -> IntakeContext:
    settings = Settings(_env_file=None, home=home, ledger_url=url)
    made = IntakeContext(settings, Paths.of(settings), catalogue, open_ledger(url))
    vars(made)["examiner"] = examiner
    return made


@pytest.fixture
def visits(catalogue: Catalogue, tmp_path: Path) -> Content:
    def make(count: int, rows: int = 1) -> bytes:
        cells = [{"portal": f"Cổng {row}", "visits": 1000 + count} for row in range(rows)]
        return save(tmp_path / "made.csv", form_grid(catalogue, "F06", cells)).read_bytes()

    return make


def decisions(ctx: IntakeContext) -> list[tuple[str | None, int | None, int]]:
    """Outcome, revision and receipt number of every submission, in the order of decisions."""
    with Session(ctx.engine) as session:
        rows = session.execute(
            select(Submission.outcome, Submission.revision, Receipt.number)
            .join(Receipt, Receipt.submission_id == Submission.submission_id)
            .order_by(Submission.decision_number)
        )
        return [tuple(row) for row in rows]


def check_nothing_lost(ctx: IntakeContext) -> None:
    """The chain of receipts is whole; lake and archive hold what the ledger names; nothing lies about."""
    with Session(ctx.engine) as session:
        assert [*check_ledger_chains(session), *check_rendered(session, ctx.paths)] == []
        rows = session.execute(select(Submission.sha256, Submission.lake_path)).all()
    archived = {file.name for file in ctx.paths.archive.iterdir() if file.is_file()}
    assert archived == {sha256 for sha256, _ in rows}
    kept = {ctx.paths.home / str(lake_path) for _, lake_path in rows}
    assert set(ctx.paths.lake.rglob("*.*")) == kept
    assert list(ctx.paths.inbox("G15").iterdir()) == list(claims_folder(ctx.paths).iterdir()) == []


# --- a full disk --------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, free: int) -> Path:
    """Fill a disk until so many bytes are left."""
    filler = disk / "filler"
    status = os.statvfs(disk)
    filler.write_bytes(b"x" * max(0, status.f_bavail * status.f_bsize - free))
    return filler


@pytest.mark.needs_root
def test_on_a_full_disk_files_wait_and_are_taken_in_later(
    small_disk: Path, catalogue: Catalogue, examiner: Examiner, visits: Content
) -> None:
    ctx = context_of(small_disk / "home", f"sqlite:///{small_disk / 'ledger.db'}", catalogue, examiner)
    migrate(ctx.engine)
    waited = []
    sizes = [0, 12_000, 30_000, 45_000, 60_000, 400_000]
    for count, free in enumerate(sizes, start=1):
        content = visits(count, rows=2_000)
        file = drop(ctx.paths, content, f"{count}.csv")
        filler = fill(small_disk, free)
        try:
            taken = take_in_batch(ctx, [file], NOW).receipts
            waited.append(not taken)
        except (InterruptedIntakeError, LedgerError):
            waited.append(True)
        filler.unlink()
        sweep(ctx, NOW + timedelta(minutes=1))
        assert [row[:2] for row in decisions(ctx)] == [("accepted", number) for number in range(1, count + 1)]
    assert waited[:3] == [True] * 3
    assert not waited[-1]
    assert len(list(ctx.paths.receipts("G15").iterdir())) == len(sizes)
    check_nothing_lost(ctx)
    ctx.engine.dispose()


# --- a ledger that goes away --------------------------------------------------------------------------------


@pytest.mark.needs_postgresql
@pytest.mark.parametrize("commits", [0, 1, 2, 3, 5])
def test_files_wait_for_a_ledger_that_goes_away(
    home: Path, catalogue: Catalogue, examiner: Examiner, visits: Content, commits: int
) -> None:
    with running_postgresql() as server:
        ctx = context_of(home, f"{server.url}postgres", catalogue, examiner)
        migrate(ctx.engine)
        files = [drop(ctx.paths, visits(count), f"{count}.csv") for count in range(4)]
        left = commits

        @event.listens_for(ctx.engine, "commit")
        def count_down(_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                server.stop()

        if commits == 0:
            server.stop()
        result = taken_before_trouble(ctx, files)
        assert len(result.receipts) < len(files)
        event.remove(ctx.engine, "commit", count_down)
        server.start()
        sweep(ctx, NOW + timedelta(minutes=1))
        assert sorted(decisions(ctx)) == [("accepted", number, number) for number in range(1, 5)]
        assert len(list(ctx.paths.receipts("G15").iterdir())) == len(files)
        check_nothing_lost(ctx)
        ctx.engine.dispose()


def taken_before_trouble(ctx: IntakeContext, files: list[Path]) -> BatchResult:
    try:
        return take_in_batch(ctx, files, NOW)
    except InterruptedIntakeError as error:
        return error.result
    except LedgerError:
        return BatchResult()


# --- a mistake of ours --------------------------------------------------------------------------------------


def test_a_mistake_of_ours_on_one_file_holds_up_no_other(
    context: IntakeContext, examiner: Examiner, visits: Content
) -> None:
    class Mistaken:
        def examine(self, path: Path, name: str, *arguments: object) -> object:
            if name == "0.csv":
                raise ValueError("nobody has thought of this")
            return examiner.examine(path, name, *arguments)  # type: ignore[arg-type]

    vars(context)["examiner"] = Mistaken()
    files = [drop(context.paths, visits(count), f"{count}.csv") for count in range(3)]
    for act in (lambda: take_in_batch(context, files, NOW), lambda: sweep(context, NOW)):
        with pytest.raises(InterruptedIntakeError, match=r"0\.csv|nobody has thought"):
            act()
    assert len(decisions(context)) == 2
    vars(context)["examiner"] = examiner
    sweep(context, NOW)
    assert sorted(decisions(context)) == [("accepted", number, number) for number in range(1, 4)]
    check_nothing_lost(context)
