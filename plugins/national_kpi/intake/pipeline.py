"""Intake as others call it: one file, a batch, everything that waits, or a dry run."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from national_kpi.catalogue import Catalogue
from national_kpi.clock import in_hanoi
from national_kpi.errors import IntakeError
from national_kpi.intake.claims import Claim, claim_file, claim_folder, hold_claim, unfinished_claims
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.deadline import deadline_body
from national_kpi.intake.drop import ready_files
from national_kpi.intake.examine import Examiner
from national_kpi.intake.outcomes import Outcome
from national_kpi.intake.receipts import understood
from national_kpi.intake.steps import TakenIn, finish
from national_kpi.intake.unmarked import Unmarked
from national_kpi.ledger.queries import receipt_of, undecided
from national_kpi.limits import DEFAULT_LIMITS, Limits
from national_kpi.log_fields import log_scope, tell_submission

__all__ = [
    "BatchResult",
    "CheckResult",
    "IntakeContext",
    "InterruptedIntakeError",
    "TakenIn",
    "check_file",
    "ready_files",
    "resume",
    "sweep",
    "take_in",
    "take_in_batch",
]

log = logging.getLogger(__name__)

_ATTEMPTS = 4


@dataclass
class BatchResult:
    """What became of a batch of files.

    Attributes:
        receipts: files that have got their answer.
        waiting: files left for a later run: still being written, or held up by trouble of the machine.
        trouble: what held files up, one sentence each.
    """

    receipts: list[TakenIn] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many files brought figures."""
        return sum(one.is_accepted for one in self.receipts)

    def add(self, other: "BatchResult") -> None:
        """Take in what became of another batch."""
        self.receipts += other.receipts
        self.waiting += other.waiting
        self.trouble += other.trouble


@dataclass(frozen=True)
class CheckResult:
    """The receipt a file would get, without number and chain.

    Attributes:
        outcome: `duplicate` is never told here: only the ledger knows.
        body: the fields of a receipt that depend on the file alone.
    """

    outcome: Outcome
    body: dict[str, Any]


def take_in(ctx: IntakeContext, file: Path, now: datetime) -> TakenIn | None:
    """Take in one file of an inbox.

    Args:
        ctx: settings, folders, catalogue and ledger.
        file: `drop/<agency code>/inbox/<name>`.
        now: the moment of receipt.

    Returns:
        What became of it; None when it is gone, is no regular file, or is still being written.

    Raises:
        OSError: the disk refuses.
        DBAPIError: the ledger refuses.
        CatalogueError: a rule of the catalogue cannot be evaluated.
    """
    with Unmarked(ctx) as unmarked, log_scope():
        return _take_in(ctx, file, now, unmarked)


def take_in_batch(ctx: IntakeContext, files: Sequence[Path], now: datetime) -> BatchResult:
    """Take in files one by one; what happens to one does not touch the others.

    Args:
        ctx: settings, folders, catalogue and ledger.
        files: files of inboxes; those that are gone by now are passed over.
        now: the moment of receipt.

    Raises:
        LedgerError: the ledger is out of reach, so that no file was touched.
        IntakeError: the machine held some files up; all others were taken in.
    """
    ctx.check_ledger()
    result = BatchResult()
    with Unmarked(ctx) as unmarked:
        _each(ctx, now, result, files, lambda file: _take_in(ctx, file, now, unmarked))
    return _without_trouble(result)


def resume(ctx: IntakeContext, now: datetime) -> BatchResult:
    """Finish what a crash cut short: files claimed, received but undecided, or without rendered receipt.

    Raises:
        LedgerError: the ledger is out of reach.
        IntakeError: the machine held some files up; all others were finished.
    """
    ctx.check_ledger()
    result = BatchResult()
    with Unmarked(ctx) as unmarked:
        _finish_claims(ctx, result, now, unmarked)
    return _without_trouble(result)


def sweep(ctx: IntakeContext, now: datetime) -> BatchResult:
    """Finish what was begun, then take in every complete file of the inboxes.

    Raises:
        LedgerError: the ledger is out of reach, so that no file was touched.
        IntakeError: the machine held some files up; all others were taken in.
    """
    ctx.check_ledger()
    result = BatchResult()
    with Unmarked(ctx) as unmarked:
        _finish_claims(ctx, result, now, unmarked)
        files = ready_files(ctx.paths, ctx.settings, now)
        _each(ctx, now, result, files, lambda file: _take_in(ctx, file, now, unmarked))
    return _without_trouble(result)


def check_file(
    catalogue: Catalogue, file: Path, agency_code: str, now: datetime, limits: Limits = DEFAULT_LIMITS
) -> CheckResult:
    """What a file's receipt would say. Nothing is stored, and no ledger is needed.

    Args:
        catalogue: by which to check.
        file: the file, anywhere.
        agency_code: the folder it would be put into.
        now: the moment it would be received.
        limits: what a file may be at most.

    Raises:
        OSError: there is no such file.
        CatalogueError: a rule of the catalogue cannot be evaluated.
    """
    day = in_hanoi(now).date()
    examination = Examiner(catalogue, limits).examine(file, file.name, agency_code, day)
    outcome = examination.outcome
    deadline = deadline_body(catalogue, examination, now)
    return CheckResult(outcome, {"deadline": deadline, **understood(catalogue, examination, outcome)})


def _take_in(ctx: IntakeContext, file: Path, now: datetime, unmarked: Unmarked) -> TakenIn | None:
    claim = claim_file(ctx.paths, file, now)
    if claim is None:
        return None
    with claim:
        _tell(claim)
        return _finish_patiently(ctx, claim, now, unmarked)


def _finish_claims(ctx: IntakeContext, result: BatchResult, now: datetime, unmarked: Unmarked) -> None:
    claims = unfinished_claims(ctx.paths)
    _each(ctx, now, result, claims, lambda folder: _resume_one(ctx, folder, now, unmarked))
    with Session(ctx.engine) as session:
        folders = [claim_folder(ctx.paths, s.agency_code, s.submission_id) for s in undecided(session)]
    _each(ctx, now, result, folders, lambda folder: _resume_lost(ctx, folder, now, unmarked))


def _resume_one(ctx: IntakeContext, folder: Path, now: datetime, unmarked: Unmarked) -> TakenIn | None:
    claim = hold_claim(folder)
    if claim is None:
        return None
    with claim:
        _tell(claim)
        log.warning("submission %s was left unfinished and is taken up again", claim.submission_id)
        return _finish_patiently(ctx, claim, now, unmarked)


def _resume_lost(ctx: IntakeContext, folder: Path, now: datetime, unmarked: Unmarked) -> TakenIn | None:
    """Finish an undecided submission whose claim was removed by hand."""
    if folder.exists():
        return None  # a living process works on it
    folder.mkdir(parents=True)
    claim = hold_claim(folder)
    if claim is None:
        return None
    with claim:
        _tell(claim)
        with Session(ctx.engine) as session:
            is_decided = receipt_of(session, claim.submission_id) is not None
        if is_decided:  # its process has finished since we asked
            claim.forget()
            return None
        log.warning("submission %s had lost its claim and is taken up again", claim.submission_id)
        return _finish_patiently(ctx, claim, now, unmarked)


def _tell(claim: Claim) -> None:
    """Here the work on a submission begins: all log lines up to the end of its scope are about it."""
    file = claim.file
    tell_submission(claim.submission_id, claim.agency_code, file.name if file else None)


def _finish_patiently(ctx: IntakeContext, claim: Claim, now: datetime, unmarked: Unmarked) -> TakenIn | None:
    """Finish a claim up to its receipt; passing trouble of disk or ledger is waited out."""
    for attempt in Retrying(
        retry=retry_if_exception_type((DBAPIError, OSError)),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.2, max=2),
        reraise=True,
    ):
        with attempt:
            taken = finish(ctx, claim, now)
            if taken and taken.marked_workbook:
                unmarked.add(claim, taken)
            return taken
    raise AssertionError("unreachable: the last attempt raises")


def _each(
    ctx: IntakeContext,
    now: datetime,
    result: BatchResult,
    files: Iterable[Path],
    act: Callable[[Path], TakenIn | None],
) -> None:
    started = time.monotonic()
    for file in files:
        with log_scope():
            try:
                taken = act(file)
            except Exception as error:  # trouble of disk and ledger, and any mistake of ours
                log.exception("%s could not be taken in", file)
                result.trouble.append(f"{file.name}: {error}")
                result.waiting.append(file)
                continue
        if taken:
            result.receipts.append(taken)
            waited = (now - taken.received_at).total_seconds()
            ctx.report(taken.outcome, waited + time.monotonic() - started)
        elif file.is_file():
            result.waiting.append(file)


def _without_trouble(result: BatchResult) -> BatchResult:
    if result.trouble:
        raise InterruptedIntakeError(result)
    return result


class InterruptedIntakeError(IntakeError):
    """The machine held files up.

    Args:
        result: what was taken in all the same.
    """

    def __init__(self, result: BatchResult) -> None:
        self.result = result
        super().__init__(
            f"{len(result.trouble)} file(s) could not be taken in: {'; '.join(result.trouble)}",
            remedy="mend the disk or the ledger; nothing is lost, the next run takes the files in",
        )
