"""Receipts: the answer to each file, chained by hash, written for people and for programs."""

import json
import os
import re
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, cast

from national_kpi.catalogue import Catalogue
from national_kpi.clock import in_hanoi
from national_kpi.disk import sync_folder
from national_kpi.intake.examine import Examination
from national_kpi.intake.outcomes import ACCEPTED, OUTCOMES, SEVERITIES_VI, Outcome
from national_kpi.intake.receipt_page import page_of
from national_kpi.intake.text import clean
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.paths import Paths
from national_kpi.periods import name_vi

JSON_NAME = "receipt.json"
HTML_NAME = "bien-nhan.html"
SCHEMA_ID = "urn:national-kpi:receipt:1"
"""Which schema a receipt follows: `receipt.schema.json` has the same `$id`."""
_LONGEST_STEM = 60
MARKED_SUFFIX = "-danh-dau"


def receipt_body(
    catalogue: Catalogue,
    submission: Submission,
    examination: Examination,
    number: int,
    before: Receipt | None,
    replaced: Submission | None,
    deadline: dict[str, Any] | None,
    now: datetime,
) -> dict[str, Any]:
    """What a receipt says: `intake/receipt.schema.json` describes it.

    Args:
        catalogue: names forms, columns and agencies.
        submission: as decided.
        examination: what the file says.
        number: the receipt's number in its folder.
        before: the folder's previous receipt, to which this one is chained.
        replaced: the revision that was the last good one until now.
        deadline: when the report was due, as `deadline_body` gives it.
        now: the moment of the decision.
    """
    outcome = cast(Outcome, submission.outcome)
    return {
        "$schema": SCHEMA_ID,
        "number": number,
        "submission_id": submission.submission_id,
        "issued_at": in_hanoi(now).isoformat(timespec="seconds"),
        "agency_code": submission.agency_code,
        "agency_id": submission.agency_id,
        "agency_name": _agency_name(catalogue, submission.agency_id),
        "file_name": submission.file_name,
        "sha256_of_file": submission.sha256,
        "size_bytes": submission.size_bytes,
        "received_at": in_hanoi(submission.received_at).isoformat(timespec="seconds"),
        "origin": submission.origin,
        "origin_name": _origin_name(catalogue, submission.origin),
        "revision": submission.revision,
        "replaces": replaced.submission_id if replaced and submission.revision else None,
        "duplicate_of": submission.duplicate_of,
        "known_from": submission.known_from and submission.known_from.isoformat(),
        "rule_pack": submission.rule_pack,
        "compared_with": submission.compared_with,
        "previous_receipt_sha256": before and before.sha256,
        "deadline": deadline,
        **understood(catalogue, examination, outcome),
        "marked_workbook": _marked_name(submission.file_name)
        if examination.is_readable and examination.problems
        else None,
    }


def understood(catalogue: Catalogue, examination: Examination, outcome: Outcome) -> dict[str, Any]:
    """The part of a receipt that depends on the file alone: what was understood and what is wrong."""
    form = catalogue.form(examination.form_code) if examination.form_code else None
    columns = catalogue.columns_of(form.form_code) if form else ()
    counts = Counter(one.severity for one in examination.problems)
    is_accepted = outcome in ACCEPTED or outcome == "duplicate"
    return {
        "outcome": outcome,
        "outcome_text": OUTCOMES[outcome].name_vi,
        "next_step": OUTCOMES[outcome].next_step_vi,
        "form_code": form and form.form_code,
        "form_name": form and form.name_vi,
        "reported_by": examination.reporter and examination.reporter.agency_id,
        "reported_by_name": examination.reporter and examination.reporter.name_vi,
        "period_code": examination.period and examination.period.code,
        "period_name": name_vi(examination.period) if examination.period else None,
        "rows_understood": examination.rows_understood,
        "rows_left_out": examination.rows_left_out,
        "is_nil": examination.is_nil,
        "rules_not_evaluated": examination.not_evaluated,
        "totals": [
            {
                "column_name": column.column_name,
                "header": column.header_vi,
                "total": f"{examination.totals[column.column_name]:f}",
            }
            for column in columns
            if is_accepted and column.column_name in examination.totals
        ],
        "findings_count": {severity: counts[severity] for severity in SEVERITIES_VI},
        "findings": [
            {
                "rule_id": one.rule_id,
                "severity": one.severity,
                "severity_text": SEVERITIES_VI[one.severity],
                "sheet": one.sheet,
                "row_number": one.row_number,
                "column_name": one.column_name,
                "column_header": next(
                    (c.header_vi for c in columns if c.column_name == one.column_name), None
                ),
                "cell": one.cell,
                "found": one.found,
                "expected": one.expected,
                "evidence": one.evidence,
                "explanation": one.explanation,
                "explained_in": one.explained_in,
                "message": one.message_vi,
                "mend": one.mend_vi,
            }
            for one in examination.problems
        ],
    }


def _agency_name(catalogue: Catalogue, agency_id: str | None) -> str | None:
    return catalogue.agency(agency_id).name_vi if agency_id else None


def _origin_name(catalogue: Catalogue, origin: str) -> str | None:
    """What people call the source a file was pulled from; None when it was dropped by hand."""
    return next((one.name_vi for one in catalogue.sources if origin == f"source:{one.source_id}"), None)


def receipt_folder(paths: Paths, receipt: Receipt) -> Path:
    """Where a receipt is rendered: its number and the file's name."""
    return paths.receipts(receipt.agency_code) / f"{receipt.number:06}-{_stem(receipt.body['file_name'])}"


def _marked_name(file_name: str) -> str:
    # What was marked may come back mended.
    return f"{_stem(file_name).removesuffix(MARKED_SUFFIX)}{MARKED_SUFFIX}.xlsx"


def _stem(file_name: str) -> str:
    """A name for what belongs to a file, safe in every file system and address."""
    stem = re.sub(r"[^\w.\-]+", "-", clean(PurePath(file_name).stem)).strip(".-")
    return stem[:_LONGEST_STEM] or "tep"


def render(paths: Paths, receipt: Receipt) -> Path:
    """Write a receipt's files from the ledger; doing it again gives the same files.

    Returns:
        The receipt's folder.
    """
    folder = receipt_folder(paths, receipt)
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    sealed = {**receipt.body, "sha256": receipt.sha256}
    _write(unfinished / JSON_NAME, json.dumps(sealed, ensure_ascii=False, indent=2) + "\n")
    _write(unfinished / HTML_NAME, page_of(sealed))
    if folder.is_dir():
        for name in (JSON_NAME, HTML_NAME):
            (unfinished / name).replace(folder / name)
        unfinished.rmdir()
    else:
        unfinished.rename(folder)
    sync_folder(folder.parent)
    return folder


def _write(file: Path, content: str) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
