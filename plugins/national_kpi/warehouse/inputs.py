"""What dbt reads, in Parquet: what the ledger says was accepted, owed or refused, and the catalogue."""

import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from national_kpi.catalogue.load import Catalogue
from national_kpi.catalogue.tables import CANARY, TABLES
from national_kpi.clock import end_of_day, in_hanoi
from national_kpi.errors import BuildError
from national_kpi.lake import lake_schema
from national_kpi.ledger.cycle import Conclusion, ConclusionWithdrawal, Extension, PeriodEvent
from national_kpi.ledger.models import (
    DetectedFinding,
    Finding,
    FindingDecision,
    Obligation,
    Pull,
    Receipt,
    SourceState,
    Submission,
)
from national_kpi.ledger.queries import decisions_count
from national_kpi.paths import Paths
from national_kpi.period_parts import all_parts
from national_kpi.periods import Period, parse_period
from national_kpi.tasks import GivenTask, known_until, read_tasks, with_tasks
from national_kpi.warehouse.archive import (
    HISTORY_FILE,
    RESTATEMENTS,
    VALUES,
    Published,
    newest_before,
    read_published,
)
from national_kpi.warehouse.canary import read_canary
from national_kpi.warehouse.catalogue_changes import CATALOGUE_CHANGES, catalogue_changes
from national_kpi.warehouse.certified import CERTIFIED_VALUES
from national_kpi.warehouse.certified_periods import CertifiedPeriods, read_certified_periods
from national_kpi.warehouse.input_tables import (
    CANARY_SUBMISSIONS,
    CARRIED_SUBMISSIONS,
    DETECTED_FINDINGS,
    EXTENSIONS,
    FINDING_DECISIONS,
    FINDINGS,
    OBLIGATIONS,
    PARAMETERS,
    PERIOD_PARTS,
    PERIOD_STATES,
    PREVIOUS_PUBLICATION,
    PULLS,
    REFUSALS,
    SOURCE_STATES,
    SUBMISSIONS,
)

SUBMISSIONS_FILE = "submissions.parquet"


@dataclass(frozen=True)
class Reach:
    """How far into the ledger a build looks.

    Attributes:
        input_sequence: the number of the newest decision it knows.
        newest_ids: the newest row it knows of each table that only grows, by the table's name.
        compared_with: the publication before; None when there is none.
    """

    input_sequence: int
    newest_ids: Mapping[str, int]
    compared_with: str | None


@dataclass(frozen=True)
class LedgerState:
    """What one ledger transaction saw, and the publication it found to compare with.

    `reach` tells of two builds the one that knows more, and lets the same state be read again.
    """

    submissions: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    reach: Reach
    obligations: tuple[dict[str, Any], ...] = ()
    extensions: tuple[dict[str, Any], ...] = ()
    refusals: tuple[dict[str, Any], ...] = ()
    detected_findings: tuple[dict[str, Any], ...] = ()
    finding_decisions: tuple[dict[str, Any], ...] = ()
    tasks: tuple[GivenTask, ...] = ()
    source_states: tuple[dict[str, Any], ...] = ()
    pulls: tuple[dict[str, Any], ...] = ()
    canary: tuple[dict[str, Any], ...] = ()
    certified_periods: CertifiedPeriods = field(default_factory=CertifiedPeriods)
    previous: Published | None = None

    def with_tasks(self, catalogue: Catalogue, as_of: date) -> Catalogue:
        """The catalogue with the tasks of working sessions that were known at the end of a day."""
        return with_tasks(catalogue, known_until(self.tasks, end_of_day(as_of)))


NOTHING = LedgerState((), (), Reach(0, {}, None))
"""What an empty ledger says."""


def newest_ids(session: Session) -> dict[str, int]:
    """The newest row of each table that only grows, by the table's name; 0 where there is none."""
    columns = {
        "obligations": Obligation.obligation_id,
        "extensions": Extension.extension_id,
        "finding_decisions": FindingDecision.decision_id,
        "period_events": PeriodEvent.event_id,
        "conclusions": Conclusion.conclusion_id,
        "conclusion_withdrawals": ConclusionWithdrawal.withdrawal_id,
        "source_states": SourceState.state_id,
        "pulls": Pull.pull_id,
    }
    return {table: session.scalar(select(func.max(column))) or 0 for table, column in columns.items()}


def present_reach(session: Session, paths: Paths, as_of: date, today: date) -> Reach:
    """All there is now. A build of a past day is compared with the newest publication from before that day.

    Args:
        session: the transaction in which the ledger is then read.
        paths: the platform's folders.
        as_of: the day the build looks from.
        today: the day it is made on.
    """
    return Reach(
        input_sequence=decisions_count(session),
        newest_ids=newest_ids(session),
        compared_with=newest_before(session, paths, None if as_of == today else as_of),
    )


def read_ledger(session: Session, paths: Paths, reach: Reach) -> LedgerState:
    """Read what was accepted with its findings, and what was owed or refused; call it inside one transaction.

    Raises:
        BuildError: a file of the lake, or of what was certified, that the ledger names is missing.
    """
    known = (
        Submission.state == "decided",
        Submission.decision_number <= reach.input_sequence,
        Submission.agency_code != CANARY.agency_code,
    )
    accepted = (*known, Submission.revision.is_not(None))
    submissions = [
        _submission(submission, receipt_number, paths)
        for submission, receipt_number in session.execute(
            select(Submission, Receipt.number)
            .outerjoin(Receipt, Receipt.submission_id == Submission.submission_id)
            .where(*accepted)
            .order_by(Submission.submission_id)
        )
    ]
    findings = session.scalars(
        select(Finding)
        .join(Submission, Submission.submission_id == Finding.submission_id)
        .where(*accepted)
        .order_by(Finding.submission_id, Finding.position)
    )
    return LedgerState(
        submissions=tuple(submissions),
        findings=tuple({name: getattr(finding, name) for name in FINDINGS.names} for finding in findings),
        reach=reach,
        obligations=tuple(
            {name: getattr(obligation, name) for name in OBLIGATIONS.names}
            for obligation in session.scalars(
                select(Obligation)
                .where(Obligation.obligation_id <= reach.newest_ids["obligations"])
                .order_by(Obligation.obligation_id)
            )
        ),
        extensions=tuple(_extensions(session, reach)),
        refusals=tuple(_refusals(session, known)),
        previous=read_published(session, paths, reach.compared_with) if reach.compared_with else None,
        canary=tuple(read_canary(session, paths, reach.input_sequence)),
        detected_findings=tuple(
            {name: getattr(finding, name) for name in DETECTED_FINDINGS.names}
            for finding in session.scalars(select(DetectedFinding).order_by(DetectedFinding.finding_key))
        ),
        finding_decisions=tuple(_decisions(session, reach)),
        tasks=read_tasks(session, reach.newest_ids),
        source_states=tuple(_source_states(session, reach)),
        pulls=tuple(_pulls(session, reach)),
        certified_periods=read_certified_periods(session, paths, reach.newest_ids.get("period_events", 0)),
    )


def _refusals(session: Session, known: Sequence[ColumnElement[bool]]) -> Iterator[dict[str, Any]]:
    """Refused files of which it is known whose report they were to be."""
    refused = select(Submission).where(
        *known,
        Submission.outcome == "rejected",
        Submission.reported_by.is_not(None),
        Submission.period_code.is_not(None),
    )
    for submission in session.scalars(refused.order_by(Submission.submission_id)):
        own = {name: getattr(submission, name, None) for name in REFUSALS.names}
        yield own | {"received_on": in_hanoi(submission.received_at).date()}


def _extensions(session: Session, reach: Reach) -> Iterator[dict[str, Any]]:
    known = (
        select(Extension, Obligation)
        .join(Obligation)
        .where(Extension.extension_id <= reach.newest_ids.get("extensions", 0))
    )
    for extension, obligation in session.execute(known.order_by(Extension.extension_id)):
        yield {
            "extension_id": extension.extension_id,
            "agency_id": obligation.agency_id,
            "form_code": obligation.form_code,
            "period_code": obligation.period_code,
            "extended_to": extension.extended_to,
            "reason": extension.reason,
            "approver": extension.approver,
            "granted_on": in_hanoi(extension.granted_at).date(),
        }


def _decisions(session: Session, reach: Reach) -> Iterator[dict[str, Any]]:
    known = select(FindingDecision).where(
        FindingDecision.decision_id <= reach.newest_ids.get("finding_decisions", 0)
    )
    for decision in session.scalars(known.order_by(FindingDecision.decision_id)):
        own = {name: getattr(decision, name, None) for name in FINDING_DECISIONS.names}
        yield own | {"decided_on": in_hanoi(decision.decided_at).date()}


def _source_states(session: Session, reach: Reach) -> Iterator[dict[str, Any]]:
    known = select(SourceState).where(SourceState.state_id <= reach.newest_ids.get("source_states", 0))
    for state in session.scalars(known.order_by(SourceState.state_id)):
        own = {name: getattr(state, name, None) for name in SOURCE_STATES.names}
        yield own | {"began_on": in_hanoi(state.began_at).date()}


def _pulls(session: Session, reach: Reach) -> Iterator[dict[str, Any]]:
    known = select(Pull).where(Pull.pull_id <= reach.newest_ids.get("pulls", 0))
    for pull in session.scalars(known.order_by(Pull.pull_id)):
        yield {"source_id": pull.source_id, "pulled_on": in_hanoi(pull.pulled_at).date()}


def _submission(submission: Submission, receipt_number: int | None, paths: Paths) -> dict[str, Any]:
    lake_path = paths.home / (submission.lake_path or ".")
    try:
        found = lake_path.stat()
    except FileNotFoundError:
        found = None
    if found is None or not stat.S_ISREG(found.st_mode):
        raise BuildError(
            f"submission {submission.submission_id} was accepted, but its rows are missing",
            where=str(lake_path),
            remedy="run `kpi lake rebuild`, which reads it from the archive again",
        )
    received_at = in_hanoi(submission.received_at)
    own = {name: getattr(submission, name, None) for name in SUBMISSIONS.names}
    return own | {
        "received_at": received_at,
        "received_on": received_at.date(),
        "lake_path": str(lake_path),
        "lake_version": f"{found.st_size}-{found.st_mtime_ns}",
        "receipt_number": receipt_number,
    }


def submissions_table(state: LedgerState) -> pa.Table:
    """The accepted submissions, as dbt reads them."""
    return pa.Table.from_pylist(list(state.submissions), schema=SUBMISSIONS)


def write_inputs(
    folder: Path,
    catalogue: Catalogue,
    state: LedgerState,
    as_of: date,
    carried: Sequence[str] = (),
    windows: Iterable[Period] = (),
) -> None:
    """Write every file dbt reads except the lake and the archive of publications, to which it puts links.

    Args:
        folder: where to; `builds/<build_id>/inputs`.
        catalogue: the state of the catalogue this build uses.
        state: what the ledger said.
        as_of: the day the build looks from, the last whose knowledge counts.
        carried: submissions that need not be read: what was made of them has been taken over.
        windows: periods to be made from shorter ones, besides the usual ones.
    """
    (folder / "catalogue").mkdir(parents=True)
    (folder / "empty").mkdir()
    _write(folder / "parameters.parquet", PARAMETERS, [_parameters(catalogue, as_of)])
    pq.write_table(submissions_table(state), folder / SUBMISSIONS_FILE)
    _write(
        folder / "carried_submissions.parquet",
        CARRIED_SUBMISSIONS,
        ({"submission_id": submission_id} for submission_id in carried),
    )
    _write(folder / "canary_submissions.parquet", CANARY_SUBMISSIONS, state.canary)
    _write(folder / "findings.parquet", FINDINGS, state.findings)
    _write(folder / "obligations.parquet", OBLIGATIONS, state.obligations)
    _write(folder / "extensions.parquet", EXTENSIONS, state.extensions)
    _write(folder / "refusals.parquet", REFUSALS, state.refusals)
    _write(folder / "period_parts.parquet", PERIOD_PARTS, _period_parts(state, as_of, windows))
    _write_previous(folder, catalogue, state.previous)
    _write(folder / "source_states.parquet", SOURCE_STATES, state.source_states)
    _write(folder / "pulls.parquet", PULLS, state.pulls)
    _write(folder / "period_states.parquet", PERIOD_STATES, state.certified_periods.rows(as_of))
    _link(folder / "certified_values", CERTIFIED_VALUES, state.certified_periods.files(as_of))
    _write(folder / HISTORY_FILE, DETECTED_FINDINGS, state.detected_findings)
    _write(folder / "finding_decisions.parquet", FINDING_DECISIONS, state.finding_decisions)
    for table in TABLES:
        pq.write_table(catalogue.arrow[table.table], folder / "catalogue" / f"{table.table}.parquet")
    for form in catalogue.forms:
        _write(folder / "empty" / f"{form.form_code}.parquet", lake_schema(catalogue, form.form_code), [])


def _period_parts(state: LedgerState, as_of: date, windows: Iterable[Period]) -> Iterator[dict[str, Any]]:
    codes = {row["period_code"] for row in state.submissions if row["period_code"]}
    for part in all_parts([parse_period(code) for code in codes], as_of, windows):
        yield {
            "period_code": part.whole.code,
            "period_start": part.whole.start,
            "period_end": part.whole.end,
            "part_code": part.part.code,
            "step": part.step,
        }


def _write_previous(folder: Path, catalogue: Catalogue, previous: Published | None) -> None:
    """The publication before, what it said, what changed in earlier ones, and in the catalogue since."""
    own = [{name: getattr(previous, name) for name in PREVIOUS_PUBLICATION.names}] if previous else []
    _write(folder / "previous_publication.parquet", PREVIOUS_PUBLICATION, own)
    _link(folder / "archived_values", VALUES, previous.values if previous else ())
    _link(folder / "archived_restatements", RESTATEMENTS, previous.restatements if previous else ())
    changes = (
        catalogue_changes(previous.catalogue, catalogue)
        if previous and previous.catalogue_sha256 != catalogue.sha256
        else []
    )
    _write(folder / "catalogue_changes.parquet", CATALOGUE_CHANGES, changes)


def _link(folder: Path, schema: pa.Schema, files: Sequence[Path]) -> None:
    """Put archived files of one kind into a folder, with an empty one that has all their columns."""
    folder.mkdir()
    _write(folder / "empty.parquet", schema, [])
    for file in files:
        (folder / f"{file.parent.name}-{file.name}").symlink_to(file)


def _parameters(catalogue: Catalogue, as_of: date) -> dict[str, Any]:
    return {"as_of": as_of, "catalogue_sha256": catalogue.sha256}


def _write(path: Path, schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), path)
