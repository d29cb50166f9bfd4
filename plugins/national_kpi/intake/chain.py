"""Verifying receipts: that none was changed, left out, added or moved since it was issued.

Each receipt is sealed by a SHA-256 over its content and carries the seal of the folder's receipt before.
Whoever changes one has to change all that follow; copies of those lie with the agency. The newest receipt is
protected as soon as the next is issued; until then, only the ledger and the agency's copy can be compared.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.digests import canonical_sha256, file_sha256
from national_kpi.errors import ReceiptError
from national_kpi.intake.receipts import JSON_NAME
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.queries import receipts_of
from national_kpi.paths import Paths

_OF_SUBMISSION = {
    "submission_id": "submission_id", "file_name": "file_name", "sha256_of_file": "sha256",
    "size_bytes": "size_bytes", "outcome": "outcome", "revision": "revision", "form_code": "form_code",
    "period_code": "period_code", "rule_pack": "rule_pack",
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One receipt as it is kept somewhere.

    Attributes:
        number: as the place where it is kept says.
        body: what the receipt says, without its seal.
        where: the place, for people.
    """

    agency_code: str
    number: int
    body: Mapping[str, Any]
    sha256: str
    where: str


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold, and what differs there."""

    agency_code: str
    number: int | None
    where: str
    what: str


def check_chain(links: Iterable[Link]) -> Iterator[Break]:
    """Where the chain of each folder does not hold: numbers, seals, and the seal of the receipt before."""
    ordered = sorted(links, key=attrgetter("agency_code", "number", "where"))
    for _, own in groupby(ordered, key=attrgetter("agency_code")):
        before: Link | None = None
        for link in own:
            yield from (
                Break(link.agency_code, link.number, link.where, what) for what in _wrong(link, before)
            )
            before = link


def _wrong(link: Link, before: Link | None) -> Iterator[str]:
    expected = before.number + 1 if before else 1
    if link.number > expected:
        missing = (
            f"receipt {expected}"
            if link.number == expected + 1
            else f"receipts {expected} to {link.number - 1}"
        )
        yield f"{missing} before it: missing"
    elif link.number < expected:
        yield f"a second receipt has the number {link.number}"
    for key, kept in (("number", link.number), ("agency_code", link.agency_code)):
        if link.body.get(key) != kept:
            yield f"{key}: the receipt says {link.body.get(key)!r}, it is kept as {kept!r}"
    if (sealed := canonical_sha256(link.body)) != link.sha256:
        yield f"sha256: its content gives {sealed}, its seal says {link.sha256}: the content was changed"
    said, previous = link.body.get("previous_receipt_sha256"), before.sha256 if before else None
    if said != previous and link.number == expected:
        yield f"previous_receipt_sha256: it says {said}, the seal of the receipt before is {previous}"


def check_ledger_chains(session: Session, agency_code: str | None = None) -> Iterator[Break]:
    """Where receipts in the ledger do not hold, or say other things than the submissions they answer."""
    for code in ledger_agencies(session, agency_code):
        rows = receipts_of(session, code)
        links = [Link(code, row.number, row.body, row.sha256, "ledger") for row in rows]
        yield from check_chain(links)
        before = None
        for row in rows:
            for what in _differs_in_ledger(row, before):
                yield Break(code, row.number, "ledger", what)
            before = row.sha256
    unanswered = select(Submission).where(
        Submission.state == "decided",
        ~select(Receipt).where(Receipt.submission_id == Submission.submission_id).exists(),
    )
    for submission in session.scalars(unanswered.order_by(Submission.submission_id)):
        if agency_code in (None, submission.agency_code):
            what = f"submission {submission.submission_id} was decided, its receipt is missing"
            yield Break(submission.agency_code, None, "ledger", what)


def _differs_in_ledger(row: Receipt, before: str | None) -> Iterator[str]:
    if row.previous_sha256 != before:
        yield f"previous_sha256: the ledger says {row.previous_sha256}, the receipt before is sealed {before}"
    for key, column in _OF_SUBMISSION.items():
        said, kept = row.body.get(key), getattr(row.submission, column)
        if said != kept:
            yield f"{key}: the receipt says {said!r}, the submission {kept!r}"


def check_rendered(session: Session, paths: Paths, agency_code: str | None = None) -> Iterator[Break]:
    """Where receipts in the agencies' folders say other things than the ledger.

    Agencies may clear away what they have read: a receipt that is not there is no break, and
    `kpi receipts render` writes it again.

    Raises:
        ReceiptError: a file is no receipt.
    """
    pattern = f"{agency_code or '*'}/receipts/*/{JSON_NAME}"
    for code, files in groupby(sorted(paths.drop.glob(pattern)), key=lambda file: file.parents[2].name):
        kept = {row.number: {**row.body, "sha256": row.sha256} for row in receipts_of(session, code)}
        for file in files:
            said = read_receipt(file)
            number, where = said["number"], str(file)
            if number not in kept or said["agency_code"] != code:
                yield Break(code, number, where, "the ledger has no such receipt")
                continue
            own = kept[number]
            differing = sorted(key for key in said.keys() | own.keys() if said.get(key) != own.get(key))
            if differing:
                yield Break(code, number, where, f"differs from the ledger in: {', '.join(differing)}")


def links_of(folder: Path) -> list[Link]:
    """The receipts that lie anywhere below a folder, or the one in a file.

    Raises:
        ReceiptError: there is none, or a file is no receipt.
    """
    files = [folder] if folder.is_file() else sorted(folder.rglob(JSON_NAME))
    if not files:
        raise ReceiptError(f"there is no {JSON_NAME}", where=str(folder), remedy="name a folder of receipts")
    links = []
    for file in files:
        said = read_receipt(file)
        body = {key: value for key, value in said.items() if key != "sha256"}
        digits = file.parent.name.partition("-")[0]
        number = int(digits) if digits.isdecimal() and digits.isascii() else said["number"]
        links.append(Link(said["agency_code"], number, body, said["sha256"], str(file)))
    return links


def check_files(links: Sequence[Link], files: Iterable[Path]) -> Iterator[Break]:
    """Which of these files no receipt answers: they are not, byte for byte, what was received."""
    answered = {link.body.get("sha256_of_file") for link in links}
    for file in files:
        digest = file_sha256(file)
        if digest not in answered:
            codes = ", ".join(sorted({link.agency_code for link in links}))
            yield Break(codes, None, str(file), f"sha256_of_file: no receipt answers a file with {digest}")


def read_receipt(file: Path) -> dict[str, Any]:
    """A rendered receipt, with its seal.

    Raises:
        ReceiptError: it cannot be read, or is no receipt.
    """
    remedy = "name a folder of receipts as the platform wrote them"
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReceiptError(f"cannot be read: {error}", where=str(file), remedy=remedy) from error
    types = {"number": int, "agency_code": str, "sha256": str}
    if not isinstance(said, dict) or not all(isinstance(said.get(key), kind) for key, kind in types.items()):
        raise ReceiptError(
            "is no receipt: number, agency_code or sha256 is missing", where=str(file), remedy=remedy
        )
    return said


def ledger_agencies(session: Session, agency_code: str | None = None) -> list[str]:
    """Codes of the folders that have receipts, or the one asked for."""
    if agency_code:
        return [agency_code]
    return list(session.scalars(select(Receipt.agency_code).distinct().order_by(Receipt.agency_code)))
