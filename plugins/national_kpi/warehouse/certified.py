"""What was certified of a period: its values, kept for good, and the proof that nobody has changed them.

The values of one certification lie in `archive/certified/<period code>/<publication_id>.parquet`; builds
read them from there. A file the ledger does not name does not exist for readers.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.digests import canonical_sha256
from national_kpi.disk import sync_file, sync_folder
from national_kpi.errors import CertificationError
from national_kpi.lake import rows_sha256
from national_kpi.ledger.cycle import AuditEvent, PeriodEvent
from national_kpi.ledger.models import Publication
from national_kpi.ledger.period_states import period_events
from national_kpi.paths import Paths
from national_kpi.warehouse.archive import VALUES, archive_folder
from national_kpi.warehouse.dbt import DUCKDB_FILE
from national_kpi.warehouse.fingerprint import fingerprint

CERTIFIED_VALUES = pa.schema([pa.field("certified_publication_id", pa.string()), *VALUES])


@dataclass(frozen=True)
class Seal:
    """What tells a certified publication from any other.

    Attributes:
        fingerprint_sha256: SHA-256 over rows and content hash of every mart.
        values_sha256: SHA-256 over the certified values of the period.
    """

    fingerprint_sha256: str
    values_sha256: str


@dataclass(frozen=True)
class Verification:
    """Whether what was certified is still what lies there; `what` says what differs."""

    period_code: str
    publication_id: str
    certified_on: date
    certified_by: str
    is_intact: bool
    what: str


def certified_file(paths: Paths, period_code: str, publication_id: str) -> Path:
    """Where the values of one certification are kept."""
    return paths.archive / "certified" / period_code / f"{publication_id}.parquet"


def snapshot_of(paths: Paths, publication_id: str) -> Path:
    """The DuckDB file of a publication, whether it is still there or not."""
    return paths.published / publication_id / DUCKDB_FILE


def keep_certified(paths: Paths, publication: Publication, period_code: str) -> Seal:
    """Keep what a publication says of a period, and make its files read-only.

    Call it before the certification is committed; repeated, it changes nothing.

    Args:
        paths: the platform's folders.
        publication: the publication to be certified.
        period_code: of which period.

    Raises:
        CertificationError: its snapshot or its archive is gone or not as published.
    """
    snapshot = snapshot_of(paths, publication.publication_id)
    archived = archive_folder(paths, publication.publication_id)
    for place in (snapshot, archived):
        if not place.exists():
            raise CertificationError(
                f"publication {publication.publication_id} is not kept any more",
                where=str(place),
                remedy="certify a newer publication (`kpi period certify --publication …`)",
            )
    if fingerprint(snapshot, publication.fingerprint) != publication.fingerprint:
        raise CertificationError(
            f"the snapshot of publication {publication.publication_id} is not what was published",
            where=str(snapshot),
            remedy="restore it from a backup, or certify a newer publication",
        )
    file = certified_file(paths, period_code, publication.publication_id)
    if not file.is_file():
        _write(file, _values(archived, publication.publication_id, period_code))
    for kept in (snapshot, *archived.iterdir(), *_files(paths.builds / publication.build_id)):
        _protect(kept)
    return Seal(canonical_sha256(publication.fingerprint), rows_sha256(pq.read_table(file)))


def verify_certified(session: Session, paths: Paths) -> Iterator[Verification]:
    """Hold every certification to its snapshot, to its publication in the ledger and to the audit.

    Args:
        session: the ledger.
        paths: the platform's folders.
    """
    sealed = {
        event.details["event_id"]: Seal(event.details["fingerprint_sha256"], event.details["values_sha256"])
        for event in session.scalars(select(AuditEvent).where(AuditEvent.action == "certify"))
    }
    for event in period_events(session):
        if event.kind == "certified":
            publication = session.get_one(Publication, event.publication_id)
            wrong = list(_wrong(paths, event, publication, sealed.get(event.event_id)))
            yield Verification(
                period_code=event.period_code,
                publication_id=event.publication_id,
                certified_on=in_hanoi(event.occurred_at).date(),
                certified_by=event.author,
                is_intact=not wrong,
                what="; ".join(wrong),
            )


def _wrong(paths: Paths, event: PeriodEvent, publication: Publication, seal: Seal | None) -> Iterator[str]:
    if seal is None:
        yield "the certification is not in the audit"
    elif canonical_sha256(publication.fingerprint) != seal.fingerprint_sha256:
        yield "the ledger's fingerprint of the publication is not the one in the audit"
    snapshot = snapshot_of(paths, event.publication_id)
    if not snapshot.is_file():
        yield f"{snapshot} is gone"
    else:
        try:
            found = fingerprint(snapshot, publication.fingerprint)
        except duckdb.Error as error:
            yield f"{snapshot} cannot be read: {error}"
        else:
            yield from (
                f"{mart} of the snapshot is not as published"
                for mart in sorted(publication.fingerprint)
                if found[mart] != publication.fingerprint[mart]
            )
    values = certified_file(paths, event.period_code, event.publication_id)
    if not values.is_file():
        yield f"{values} is gone"
    elif seal and rows_sha256(pq.read_table(values)) != seal.values_sha256:
        yield f"{values} is not as certified"


def _values(archived: Path, publication_id: str, period_code: str) -> pa.Table:
    with duckdb.connect() as connection:
        files = [str(file) for file in sorted(archived.glob("values-*.parquet"))]
        chosen = (
            connection.read_parquet(files, union_by_name=True)
            .filter(duckdb.ColumnExpression("period_code") == duckdb.ConstantExpression(period_code))
            .order("kpi_code, basis, agency_id")
            .select(*VALUES.names)
            .to_arrow_table()
            if files
            else VALUES.empty_table()
        )
    named = chosen.add_column(0, "certified_publication_id", pa.array([publication_id] * chosen.num_rows))
    return named.cast(CERTIFIED_VALUES)


def _write(file: Path, values: pa.Table) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}")
    pq.write_table(values, unfinished, compression="zstd")
    sync_file(unfinished)
    _protect(unfinished)
    unfinished.rename(file)
    sync_folder(file.parent)


def _files(folder: Path) -> Sequence[Path]:
    """A build's own files; its inputs hold links into the archive, which protects itself."""
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


def _protect(file: Path) -> None:
    """Let nobody write it by mistake."""
    file.chmod(file.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
