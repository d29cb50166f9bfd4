"""The decision on a submission: its outcome, its revision and its receipt, all in one ledger transaction."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.digests import canonical_sha256
from national_kpi.intake.attribution import folder_holder
from national_kpi.intake.deadline import deadline_body
from national_kpi.intake.examine import Examination
from national_kpi.intake.outcomes import ACCEPTED
from national_kpi.intake.problems import Problem
from national_kpi.intake.receipts import receipt_body
from national_kpi.ledger.audit import AUDITED, record
from national_kpi.ledger.models import Finding, Receipt, Submission
from national_kpi.ledger.queries import decisions_count, last_good, last_receipt, opened_deadlines


def decide(
    session: Session,
    catalogue: Catalogue,
    submission: Submission,
    examination: Examination,
    lake_path: str | None,
    now: datetime,
) -> Receipt:
    """Decide on a submission and issue its receipt. Run it where nobody else decides at the same time.

    A rejected file never displaces what was accepted before. The same bytes as the last good revision, under
    the same rules, are a duplicate; the same bytes as an earlier revision are a revert, and a new revision.

    Args:
        session: a transaction of `ledger.session.one_at_a_time`; committing it is the decision.
        catalogue: by which the file was examined.
        submission: in state `received`.
        examination: what the file says.
        lake_path: where its rows were written, relative to the home; None when they were not.
        now: the moment of the decision.
    """
    holder = folder_holder(catalogue, submission.agency_code, submission.received_at.date())
    submission.agency_id = holder.agency_id if holder else None
    submission.form_code = examination.form_code
    submission.reported_by = examination.reporter.agency_id if examination.reporter else None
    submission.period_code = examination.period.code if examination.period else None
    submission.known_from = examination.known_from
    submission.rows_understood = examination.rows_understood
    submission.rule_pack = catalogue.sha256
    submission.is_nil = examination.is_nil
    submission.rows_left_out = examination.rows_left_out
    submission.compared_with = examination.compared_with
    good = None
    if submission.reported_by and submission.form_code and submission.period_code:
        good = last_good(session, submission.reported_by, submission.form_code, submission.period_code)
    examination.problems = _explained(submission.submission_id, examination.problems, good)
    submission.outcome = examination.outcome
    previous = None
    if submission.outcome in ACCEPTED:
        previous = good
        _revise(submission, good, lake_path)
    submission.findings = [
        Finding(position=position, **asdict(one)) for position, one in enumerate(examination.problems)
    ]
    submission.state = "decided"
    submission.decided_at = now
    submission.decision_number = decisions_count(session) + 1
    before = last_receipt(session, submission.agency_code)
    number = before.number + 1 if before else 1
    deadline = deadline_body(
        catalogue, examination, submission.received_at, opened_deadlines(session, submission)
    )
    body = receipt_body(catalogue, submission, examination, number, before, previous, deadline, now)
    receipt = Receipt(
        submission_id=submission.submission_id,
        agency_code=submission.agency_code,
        number=number,
        issued_at=now,
        body=body,
        sha256=canonical_sha256(body),
        previous_sha256=before and before.sha256,
    )
    session.add(receipt)
    record(
        session,
        actor=submission.agency_code,
        action="submit",
        subject=submission.submission_id,
        details={name: getattr(submission, name) for name in AUDITED} | {"receipt_sha256": receipt.sha256},
        now=now,
    )
    return receipt


def _explained(submission_id: str, problems: Sequence[Problem], good: Submission | None) -> list[Problem]:
    """Doubts with their explanations: those of this file, else those that the last good revision had."""
    known = {
        (one.rule_id, one.row_key, one.column_name, one.found, one.evidence): one
        for one in (good.findings if good else ())
        if one.explanation
    }
    explained = []
    for one in problems:
        before = known.get((one.rule_id, one.row_key, one.column_name, one.found, one.evidence))
        if one.explanation:
            one = replace(one, explained_in=submission_id)
        elif before and one.severity == "warn":
            one = replace(one, explanation=before.explanation, explained_in=before.explained_in)
        explained.append(one)
    return explained


def _revise(submission: Submission, good: Submission | None, lake_path: str | None) -> None:
    """Make it the last good revision, or a duplicate of it."""
    if not (submission.reported_by and submission.form_code and submission.period_code and lake_path):
        raise AssertionError(f"{submission.submission_id} was accepted without agency, form, period or rows")
    if good and (good.sha256, good.agency_code, good.rule_pack) == (
        submission.sha256,
        submission.agency_code,
        submission.rule_pack,
    ):
        submission.outcome = "duplicate"
        submission.duplicate_of = good.submission_id
    else:
        submission.revision = (good.revision or 0) + 1 if good else 1
        submission.lake_path = lake_path
