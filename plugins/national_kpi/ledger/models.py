"""The ledger's tables. Change one together with a migration in `ledger/migrations/`."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, MetaData, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import DateTime, TypeDecorator

from national_kpi.clock import in_hanoi


class Moment(TypeDecorator[datetime]):
    """A point in time: kept in UTC, given back in Hanoi time, on SQLite as on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: UTC. A moment without a time zone is a mistake of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database: Hanoi time."""
        return value and in_hanoi(value)


class Base(DeclarativeBase):
    """Base of all ledger tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class Submission(Base):
    """One file received, from arrival to decision.

    `state` is `received` until the decision commits, then `decided`. `outcome` is one of `accepted`,
    `accepted_with_warnings`, `partly_accepted`, `rejected`, `quarantined`, `duplicate`. `agency_code` is the
    folder's; `agency_id` its holder on the day; `reported_by` whom the file speaks for (the holder or a
    predecessor). `is_nil`: the agency says it has nothing to report; `rows_left_out` counts the rows that a
    partly accepted file lost; `compared_with` is the submission for the period before that history rules
    looked at. `decision_number` counts decisions in the order in which they were committed, whatever the
    clock says.
    `lake_path` is relative to the home folder; `rows_sha256` is `lake.rows_sha256` of what lies there.
    """

    __tablename__ = "submissions"

    submission_id: Mapped[str] = mapped_column(primary_key=True)
    agency_code: Mapped[str] = mapped_column(index=True)
    agency_id: Mapped[str | None]
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str | None]
    form_code: Mapped[str | None]
    reported_by: Mapped[str | None]
    period_code: Mapped[str | None]
    known_from: Mapped[date | None]
    revision: Mapped[int | None]
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("submissions.submission_id"))
    rows_understood: Mapped[int | None]
    rows_left_out: Mapped[int | None]
    is_nil: Mapped[bool] = mapped_column(default=False, server_default=false())
    compared_with: Mapped[str | None]
    lake_path: Mapped[str | None]
    rows_sha256: Mapped[str | None]
    rule_pack: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_number: Mapped[int | None] = mapped_column(unique=True)

    findings: Mapped[list["Finding"]] = relationship(
        back_populates="submission", cascade="all, delete-orphan", order_by="Finding.position"
    )
    receipt: Mapped["Receipt | None"] = relationship(back_populates="submission")

    __table_args__ = (UniqueConstraint("reported_by", "form_code", "period_code", "revision"),)


class Finding(Base):
    """One result of one rule on one place of one submission.

    `row_key` tells the row in other revisions, `evidence` the figures the rule compared. An `explanation`
    given in the submission `explained_in` stays good in later revisions as long as these are the same.
    """

    __tablename__ = "findings"

    finding_id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.submission_id"), index=True)
    position: Mapped[int]
    rule_id: Mapped[str]
    severity: Mapped[str]
    sheet: Mapped[str | None]
    row_number: Mapped[int | None]
    column_name: Mapped[str | None]
    cell: Mapped[str | None]
    found: Mapped[str | None]
    expected: Mapped[str | None]
    evidence: Mapped[str | None]
    row_key: Mapped[str | None]
    explanation: Mapped[str | None]
    explained_in: Mapped[str | None]
    message_vi: Mapped[str]
    mend_vi: Mapped[str]
    agency_id: Mapped[str | None]
    kpi_code: Mapped[str | None]
    period_code: Mapped[str | None]

    submission: Mapped[Submission] = relationship(back_populates="findings")


class Receipt(Base):
    """The answer to one submission; each carries the hash of the agency's previous one."""

    __tablename__ = "receipts"

    receipt_id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.submission_id"), unique=True)
    agency_code: Mapped[str]
    number: Mapped[int]
    issued_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    previous_sha256: Mapped[str | None]

    submission: Mapped[Submission] = relationship(back_populates="receipt")

    __table_args__ = (UniqueConstraint("agency_code", "number"),)


class Obligation(Base):
    """A report that one agency owes for one period, as it stood when the period opened: it never changes.

    `obligation_code` names the catalogue's row it came from. `cutoff_on`, `due_on` and `closes_on` are days
    in Hanoi, each to its end. Whatever is granted later, such as more time, is kept beside it, not in it.
    """

    __tablename__ = "obligations"

    obligation_id: Mapped[int] = mapped_column(primary_key=True)
    obligation_code: Mapped[str]
    agency_id: Mapped[str]
    form_code: Mapped[str]
    period_code: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    cutoff_on: Mapped[date]
    due_on: Mapped[date]
    closes_on: Mapped[date]

    __table_args__ = (UniqueConstraint("agency_id", "form_code", "period_code"),)


class Build(Base):
    """One run of dbt, and what became of it.

    `state` is `running`, `failed`, `built`, `published`, `overtaken`, or `asked` for one that answered a
    question and is not to be published. `input_sequence` counts the decisions it saw: a build that saw fewer
    than the published one does not publish. `newest_ids` holds the newest row it saw of each table that only
    grows; `compared_with` is the publication before.
    """

    __tablename__ = "builds"

    build_id: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    state: Mapped[str]
    input_sequence: Mapped[int]
    newest_ids: Mapped[dict[str, Any] | None]
    compared_with: Mapped[str | None]
    catalogue_sha256: Mapped[str]
    timings: Mapped[dict[str, Any] | None]
    failure: Mapped[str | None]


class Publication(Base):
    """A snapshot readers have been given. `fingerprint` holds rows and content hash per mart."""

    __tablename__ = "publications"

    publication_id: Mapped[str] = mapped_column(primary_key=True)
    build_id: Mapped[str] = mapped_column(ForeignKey("builds.build_id"), unique=True)
    published_at: Mapped[datetime]
    as_of: Mapped[date]
    catalogue_sha256: Mapped[str]
    fingerprint: Mapped[dict[str, Any]]


class DetectedFinding(Base):
    """A finding that the models made, from the first publication that had it to the first that did not.

    Keys are those of the mart `fct_finding`, and days those the publications looked from: `closed_on` is null
    while it stands. What it says is kept as it was last seen, for the time when the data no longer show it.
    """

    __tablename__ = "detected_findings"

    finding_key: Mapped[str] = mapped_column(primary_key=True)
    rule_id: Mapped[str]
    place_key: Mapped[str]
    first_seen_on: Mapped[date]
    last_seen_on: Mapped[date]
    closed_on: Mapped[date | None]
    agency_id: Mapped[str | None]
    form_code: Mapped[str | None]
    period_code: Mapped[str | None]
    kpi_code: Mapped[str | None]
    element_code: Mapped[str | None]
    row_key: Mapped[str | None]
    submission_id: Mapped[str | None]
    severity: Mapped[str]
    found: Mapped[str | None]
    expected: Mapped[str | None]
    evidence: Mapped[str | None]
    message_vi: Mapped[str]
    mend_vi: Mapped[str]

    __table_args__ = (UniqueConstraint("rule_id", "place_key", "first_seen_on"),)


class FindingDecision(Base):
    """What somebody decided about a finding. Rows are only ever added; a finding's newest one counts.

    `kind` is `explained`, `waived` or `withdrawn`, which takes back the one before. It counts to the end of
    `expires_on`, and only while the finding's figures, `found` and `evidence`, are those decided about.
    """

    __tablename__ = "finding_decisions"

    decision_id: Mapped[int] = mapped_column(primary_key=True)
    finding_key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    reason: Mapped[str]
    author: Mapped[str]
    decided_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    rule_id: Mapped[str]
    agency_id: Mapped[str | None]
    period_code: Mapped[str | None]
    found: Mapped[str | None]
    evidence: Mapped[str | None]


class Pull(Base):
    """One file a source delivered: its hash and name tell intake where a dropped file came from."""

    __tablename__ = "pulls"

    pull_id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(index=True)
    pulled_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(index=True)
    file_name: Mapped[str]


class SourceState(Base):
    """How a source was found, from the first pull that found it so to the last; the newest row is how it is.

    `state` is `good`, `unreachable`, `refused` or `changed` (not of the declared shape any more, at `place`).
    Only `error` and `last_at` change while a state lasts.
    """

    __tablename__ = "source_states"

    state_id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    place: Mapped[str | None]
    error: Mapped[str | None]
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]


class SourceFile(Base):
    """A file at a source as it was last pulled: `mark` changes when the file does."""

    __tablename__ = "source_files"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    sha256: Mapped[str]


class SourcePage(Base):
    """A page of an API as it was last read, so that it need not be read again.

    `declared` is the hash of how the source was declared: pages read otherwise are not the same.
    `reading` is when the reading of all pages began in which it was last found so; `etag` and `modified` are
    what the server told, to be asked with; `following` is the address of the next page.
    """

    __tablename__ = "source_pages"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    declared: Mapped[str]
    reading: Mapped[datetime]
    etag: Mapped[str | None]
    modified: Mapped[str | None]
    following: Mapped[str | None]
    records: Mapped[list[Any]]
