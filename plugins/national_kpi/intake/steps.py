"""The steps of taking in one file, in an order in which a crash loses nothing and counts nothing twice.

1. The file is claimed (moved out of its inbox in one step) and copied to the archive.
2. The ledger has a row `received`.
3. The claimed file is removed.
4. The archived file is read and checked.
5. Accepted rows are written to the lake.
6. One transaction commits decision, revision, findings and receipt.
7. The receipt is rendered, and the claim forgotten. Where the receipt names a marked workbook, the claim
   waits for that: `unmarked` writes it once the whole batch has its receipts.

Every step can be repeated: `finish` goes through all of them, whatever has been done already.
"""

import logging
import os
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from national_kpi.catalogue.keep import keep_catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.disk import sync_folder
from national_kpi.intake.claims import Claim
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.decide import decide
from national_kpi.intake.drop import is_open_for_writing, is_regular
from national_kpi.intake.examine import Earlier
from national_kpi.intake.outcomes import ACCEPTED, Outcome
from national_kpi.intake.receipts import render
from national_kpi.intake.storage import ChangedWhileReadError, archive_file, lake_file, read_lake, write_lake
from national_kpi.lake import lake_schema, rows_sha256
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.queries import SIMULATED, last_good_before, origin_of, receipt_of
from national_kpi.ledger.session import one_at_a_time
from national_kpi.log_fields import tell_submission
from national_kpi.periods import Period

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TakenIn:
    """A file that has got its answer.

    Attributes:
        receipt_folder: holds `receipt.json` and `bien-nhan.html`.
        marked_workbook: what is still to be written there; None where nothing is.
    """

    submission_id: str
    agency_code: str
    file_name: str
    received_at: datetime
    outcome: Outcome
    form_code: str | None
    period_code: str | None
    revision: int | None
    receipt_number: int
    receipt_folder: Path
    marked_workbook: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it brought figures."""
        return self.outcome in ACCEPTED


def finish(ctx: IntakeContext, claim: Claim, now: datetime) -> TakenIn | None:
    """Do all steps that are not done yet for a claimed file, except marking its workbook.

    Returns:
        What became of it; None when it is still being written, or when there is nothing to finish.
    """
    file = claim.file
    if file and (not is_regular(file) or is_open_for_writing(file)):
        log.info("submission %s: %s is still being written", claim.submission_id, file.name)
        return None
    if file and not _receive(ctx, claim, file, now):
        return None
    with Session(ctx.engine) as session:
        submission = session.get(Submission, claim.submission_id)
        if submission is None:
            claim.forget()  # the crash came before the file was moved here
            return None
        session.expunge(submission)
    tell_submission(submission.submission_id, submission.agency_code, submission.file_name)
    receipt = _decide(ctx, submission, now)
    if receipt.body["outcome"] == "duplicate":  # its rows are those of the revision it repeats
        lake_file(ctx.paths, receipt.body["form_code"], claim.submission_id).unlink(missing_ok=True)
    folder = render(ctx.paths, receipt)
    taken = _taken_in(receipt, submission.received_at, folder)
    if taken.marked_workbook is None:
        claim.forget()
    return taken


def _receive(ctx: IntakeContext, claim: Claim, file: Path, now: datetime) -> bool:
    """Steps 1 to 3: after them the file is in the archive and in the ledger, and nowhere else."""
    try:
        sha256, size = archive_file(file, ctx.paths, claim.submission_id)
    except ChangedWhileReadError:
        log.info("submission %s: %s is still being written", claim.submission_id, file.name)
        return False
    name = os.fsencode(file.name).decode(errors="replace")  # a name in another encoding is kept readable
    with Session(ctx.engine) as session, session.begin():
        if session.get(Submission, claim.submission_id) is None:
            session.add(
                Submission(
                    submission_id=claim.submission_id,
                    agency_code=claim.agency_code,
                    file_name=name,
                    sha256=sha256,
                    size_bytes=size,
                    received_at=now,
                    origin=SIMULATED if ctx.paths.is_simulated else origin_of(session, sha256, name),
                    state="received",
                )
            )
            log.info("submission %s: received %s from %s", claim.submission_id, name, claim.agency_code)
    file.unlink()
    sync_folder(claim.folder)
    return True


def _decide(ctx: IntakeContext, submission: Submission, now: datetime) -> Receipt:
    """Steps 4 to 6; gives back the receipt that is there when they have been done before."""
    submission_id = submission.submission_id
    with Session(ctx.engine, expire_on_commit=False) as session:
        if receipt := receipt_of(session, submission_id):
            return receipt
    keep_catalogue(ctx.paths, ctx.catalogue)  # with it the file can be read again
    examination = ctx.examiner_at(submission.received_at).examine(
        ctx.paths.archive / submission.sha256,
        submission.file_name,
        submission.agency_code,
        submission.received_at.date(),
        submission_id,
        partial(_earlier, ctx),
    )
    lake, rows_digest = None, None
    is_sound = examination.outcome in ACCEPTED
    if is_sound and examination.form_code and examination.rows is not None:
        lake = lake_file(ctx.paths, examination.form_code, submission_id)
        write_lake(examination.rows, lake)
        rows_digest = rows_sha256(examination.rows)
    lake_path = str(lake.relative_to(ctx.paths.home)) if lake else None
    with one_at_a_time(ctx.engine) as session:
        current = session.get_one(Submission, submission_id)
        receipt = decide(session, ctx.catalogue, current, examination, lake_path, now)
        current.rows_sha256 = rows_digest if current.lake_path else None
    log.info(
        "submission %s: %s, receipt %s/%s",
        submission_id, receipt.body["outcome"], receipt.agency_code, receipt.number,
    )  # fmt: skip
    return receipt


def _earlier(ctx: IntakeContext, reporter: Agency, form_code: str, period: Period) -> Earlier | None:
    """What the reporter reported with a form for the period before."""
    with Session(ctx.engine) as session:
        before = last_good_before(session, reporter.agency_id, form_code, period)
        if before is None or before.lake_path is None:
            return None
        submission_id, lake_path = before.submission_id, before.lake_path
    return Earlier(
        submission_id, read_lake(ctx.paths.home / lake_path, lake_schema(ctx.catalogue, form_code))
    )


def _taken_in(receipt: Receipt, received_at: datetime, folder: Path) -> TakenIn:
    body = receipt.body
    return TakenIn(
        submission_id=receipt.submission_id,
        agency_code=receipt.agency_code,
        file_name=body["file_name"],
        received_at=received_at,
        outcome=body["outcome"],
        form_code=body["form_code"],
        period_code=body["period_code"],
        revision=body["revision"],
        receipt_number=receipt.number,
        receipt_folder=folder,
        marked_workbook=body.get("marked_workbook"),
    )
