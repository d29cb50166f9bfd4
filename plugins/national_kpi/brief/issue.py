"""Issuing a brief: the ledger notes that it was issued, then its files are written, as often as asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.brief.changes import body_of
from national_kpi.brief.dossier import compose_dossier
from national_kpi.brief.facts import read_facts
from national_kpi.brief.report import compose_report
from national_kpi.digests import canonical_sha256
from national_kpi.disk import sync_file
from national_kpi.documents import OfficialDocument, as_data, write_docx, write_pdf
from national_kpi.documents.wording import moment
from national_kpi.ledger.audit import record
from national_kpi.ledger.cycle import BriefIssue
from national_kpi.ledger.session import one_at_a_time

BriefKind = Literal["monthly", "half_yearly", "on_demand"]


@dataclass(frozen=True)
class BriefRequest:
    """Which brief: its kind, the day it looks from, the period, and for a dossier the agencies by code."""

    kind: BriefKind
    as_of: date
    period_code: str
    agency_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssuedBrief:
    """A brief that is issued, and its files. `is_new` is False where it had been issued before."""

    issue_id: str
    content_sha256: str
    is_new: bool
    files: tuple[Path, Path]


def issue_brief(
    engine: Engine, database: Path, request: BriefRequest, *, folder: Path, actor: str, now: datetime
) -> IssuedBrief:
    """Compose a brief, note in ledger and audit that it was issued, and write `.docx` and `.pdf`.

    Asked for again, it is the same issue with the same files, and nothing is noted; only if it would say
    something else by now, because catalogue or program have changed, is it issued anew.

    Args:
        engine: the ledger.
        database: a snapshot or a build that looks from the request's day and has its period.
        request: which brief.
        folder: the issue's files go to `<folder>/<issue>/`.
        actor: who asks for it.
        now: the present moment; it stands in the issue stamp only.

    Raises:
        BriefError: the snapshot knows nothing of the period or of an agency.
    """
    with one_at_a_time(engine) as session:
        issued = _issues_of(session, request)
        previous = _previous(session, request, issued)
        document, body = _compose(database, request, previous)
        content = canonical_sha256(as_data(document))
        same = next((issue for issue in issued if issue.content_sha256 == content), None)
        issue = same or BriefIssue(
            issue_id=_name(request, len(issued) + 1),
            kind=request.kind,
            as_of=request.as_of,
            period_code=request.period_code,
            agency_codes=list(request.agency_codes),
            previous_issue_id=previous and previous.issue_id,
            content_sha256=content,
            body=body,
            issued_by=actor,
            issued_at=now,
        )
        if same is None:
            session.add(issue)
            record(
                session,
                actor=actor,
                action="issue_brief",
                subject=issue.issue_id,
                details={
                    "kind": request.kind,
                    "as_of": request.as_of.isoformat(),
                    "period_code": request.period_code,
                    "agency_codes": list(request.agency_codes),
                    "content_sha256": content,
                },
                now=now,
            )
    stamp = f"Bản phát hành {issue.issue_id}, lúc {moment(issue.issued_at)}"
    files = _write(replace(document, stamp=stamp), folder / issue.issue_id)
    return IssuedBrief(issue.issue_id, content, same is None, files)


def _issues_of(session: Session, request: BriefRequest) -> list[BriefIssue]:
    """Issues of this very brief, the newest first."""
    found = session.scalars(
        select(BriefIssue)
        .where(
            BriefIssue.kind == request.kind,
            BriefIssue.as_of == request.as_of,
            BriefIssue.period_code == request.period_code,
        )
        .order_by(BriefIssue.issued_at.desc(), BriefIssue.issue_id.desc())
    )
    return [issue for issue in found if tuple(issue.agency_codes) == request.agency_codes]


def _previous(session: Session, request: BriefRequest, issued: Sequence[BriefIssue]) -> BriefIssue | None:
    """The last brief of the same kind from an earlier day; once chosen, it stays the one compared with."""
    if issued:
        known = issued[-1].previous_issue_id
        return session.get_one(BriefIssue, known) if known else None
    earlier = session.scalars(
        select(BriefIssue)
        .where(BriefIssue.kind == request.kind, BriefIssue.as_of < request.as_of)
        .order_by(BriefIssue.as_of.desc(), BriefIssue.issued_at.desc(), BriefIssue.issue_id.desc())
    )
    return next((issue for issue in earlier if tuple(issue.agency_codes) == request.agency_codes), None)


def _compose(
    database: Path, request: BriefRequest, previous: BriefIssue | None
) -> tuple[OfficialDocument, dict[str, object]]:
    facts = read_facts(
        database,
        as_of=request.as_of,
        period_code=request.period_code,
        since=previous.as_of if previous else None,
    )
    if request.agency_codes:
        document = compose_dossier(facts, request.agency_codes)
    else:
        document = compose_report(facts, previous.body if previous else None)
    return document, body_of(facts)


def _name(request: BriefRequest, number: int) -> str:
    parts = (f"{request.as_of:%Y%m%d}", request.kind, request.period_code, *request.agency_codes, str(number))
    return re.sub(r"[^0-9A-Za-z.-]+", "_", "-".join(parts))


def _write(document: OfficialDocument, folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = (folder / "bao-cao.docx", folder / "bao-cao.pdf")
    for file, content in zip(files, (write_docx(document), write_pdf(document)), strict=True):
        unfinished = file.with_name(f".{file.name}")
        unfinished.write_bytes(content)
        sync_file(unfinished)
        unfinished.replace(file)
    return files
