"""Files that have their receipt and wait for their marked workbook: marking delays no receipt."""

import logging
import os
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from national_kpi.disk import sync_folder
from national_kpi.intake.claims import Claim
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.steps import TakenIn
from national_kpi.ledger.models import Receipt
from national_kpi.ledger.queries import receipt_of
from national_kpi.log_fields import log_scope, tell_submission

log = logging.getLogger(__name__)


class Unmarked:
    """Collects files while a batch is taken in, and marks them when the batch's block ends.

    Their claims stay held until then, so that a crash leaves them to the next sweep.
    """

    def __init__(self, ctx: IntakeContext) -> None:
        self._ctx = ctx
        self._held = ExitStack()
        self._waiting: list[tuple[Claim, TakenIn]] = []

    def add(self, claim: Claim, taken: TakenIn) -> None:
        """Remember a file whose receipt is rendered; its claim is held on."""
        self._waiting.append((self._held.enter_context(claim.held_on()), taken))

    def __enter__(self) -> "Unmarked":
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        with self._held:
            for claim, taken in self._waiting if failure is None else ():
                with log_scope():
                    tell_submission(taken.submission_id, taken.agency_code, taken.file_name)
                    self._mark(claim, taken)

    def _mark(self, claim: Claim, taken: TakenIn) -> None:
        try:
            with Session(self._ctx.engine) as session:
                receipt = receipt_of(session, taken.submission_id)
            if receipt:
                write_marked(self._ctx, receipt, taken.receipt_folder)
            claim.forget()
        except (DBAPIError, OSError):
            log.exception("submission %s: the next sweep marks it", taken.submission_id)


def write_marked(ctx: IntakeContext, receipt: Receipt, folder: Path) -> None:
    """Write the marked workbook a receipt names, from the archive; doing it again gives the same file.

    A workbook that cannot be marked is logged: its receipt stands all the same.
    """
    body = receipt.body
    name = body.get("marked_workbook")
    if not name:
        return
    unfinished = folder / f".{name}.part"
    try:
        remark = ctx.examiner.mark(
            ctx.paths.archive / body["sha256_of_file"], body["file_name"], body, unfinished
        )
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(folder / name)
        sync_folder(folder)
    except Exception:
        log.exception("submission %s: %s could not be marked", receipt.submission_id, body["file_name"])
        unfinished.unlink(missing_ok=True)
        return
    if remark:
        log.warning("submission %s: marked in a plainer copy: %s", receipt.submission_id, remark)
    log.info("submission %s: wrote %s", receipt.submission_id, name)
