"""Restatement notices: what a publication changed of certified values, told once and in full."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.ledger.audit import PLATFORM, record
from national_kpi.ledger.cycle import RestatementNotice
from national_kpi.ledger.models import Publication
from national_kpi.ledger.period_states import PeriodState, period_events, period_states
from national_kpi.ledger.session import one_at_a_time
from national_kpi.paths import Paths
from national_kpi.periods import name_vi, parse_period
from national_kpi.warehouse.certified import snapshot_of
from national_kpi.warehouse.publish import publishing_lock
from national_kpi.warehouse.sql import select_rows

SIDE = (
    "value", "value_text_vi", "numerator", "denominator", "status", "status_vi", "target_id", "target_value",
    "rank",
)  # fmt: skip
"""What is told of a value as certified, as told last, and as it is now."""

Key = tuple[str, str, str]
"""Agency, KPI and basis: a value of a period."""


@dataclass(frozen=True)
class _Snapshot:
    """What the newest publication says of certified values."""

    publication_id: str
    values: Sequence[Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]


def issue_notices(paths: Paths, engine: Engine, now: datetime) -> list[RestatementNotice]:
    """Write a notice for every certified period of which the newest publication changes what was told last.

    What a notice tells counts from the values as certified, or as the notice before told them. Repeated, it
    writes nothing twice; a publication that looks from an earlier day than one before it is passed over.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        now: the present moment.

    Raises:
        PublishError: a publication takes too long.
    """
    with publishing_lock(paths):
        with Session(engine) as session:
            newest = _newest(session)
        if newest is None or not (file := snapshot_of(paths, newest)).is_file():
            return []
        found = _read(file, newest)
        with one_at_a_time(engine) as session:
            states = period_states(period_events(session)).values()
            notices = [_notice(session, state, found, now) for state in states]
            return [notice for notice in notices if notice]


def told_so_far(notices: Iterable[RestatementNotice]) -> dict[Key, Mapping[str, Any]]:
    """How each value stood that notices have told of, after the last of them."""
    told: dict[Key, Mapping[str, Any]] = {}
    for notice in notices:
        for change in notice.body["changes"]:
            told[(change["agency_id"], change["kpi_code"], change["basis"])] = change["after"]
    return told


def _newest(session: Session) -> str | None:
    """The newest publication, unless it looks from the past."""
    row = session.execute(
        select(Publication.publication_id, Publication.as_of).order_by(Publication.publication_id.desc())
    ).first()
    latest = session.scalar(select(func.max(Publication.as_of)))
    return row.publication_id if row and row.as_of == latest else None


def _read(file: Path, publication_id: str) -> _Snapshot:
    sides = ", ".join(
        f"{column.removesuffix('_vi')}_{side}{'_vi' if column.endswith('_vi') else ''}"
        for side in ("certified", "current")
        for column in SIDE
    )
    with duckdb.connect(str(file), read_only=True) as connection:
        values = select_rows(
            connection,
            f"""
            select
                period_code, certified_publication_id, agency_id, agency_code, agency_name_vi, kpi_code,
                kpi_name_vi, unit, basis, is_restated, file_name, received_on, {sides}
            from fct_certified_value
            left join (select submission_id, file_name, received_on from fct_submission) as files
                on submission_id_current = files.submission_id
            order by agency_kind, agency_code, agency_id, kpi_code, basis desc, period_code
            """,  # noqa: S608 - names of ours
        )
        causes = select_rows(
            connection,
            """
            select publication_id, period_code, agency_id, kpi_code, basis, cause, cause_vi, submission_id
            from fct_restatement
            where period_code in (select period_code from fct_certified_value)
            order by publication_id nulls last, previous_publication_id,
                period_code, agency_id, kpi_code, basis
            """,
        )
    return _Snapshot(publication_id, values, causes)


def _notice(
    session: Session, state: PeriodState, found: _Snapshot, now: datetime
) -> RestatementNotice | None:
    certification, code = state.certification, state.period_code
    if certification is None or certification.publication_id > found.publication_id:
        return None
    chosen = select(RestatementNotice).where(RestatementNotice.period_code == code)
    earlier = list(session.scalars(chosen.order_by(RestatementNotice.notice_id)))
    if any(notice.publication_id == found.publication_id for notice in earlier):
        return None
    standing = [notice for notice in earlier if notice.certified_id == certification.publication_id]
    told_last = standing[-1].publication_id if standing else certification.publication_id
    of_period = [
        row
        for row in found.values
        if row["period_code"] == code and row["certified_publication_id"] == certification.publication_id
    ]
    causes = [
        cause
        for cause in found.causes
        if cause["period_code"] == code
        and (cause["publication_id"] is None or cause["publication_id"] > told_last)
    ]
    changes = _changes(of_period, told_so_far(standing), causes)
    if not changes:
        return None
    number = len(earlier) + 1
    notice = RestatementNotice(
        period_code=code,
        certified_id=certification.publication_id,
        publication_id=found.publication_id,
        changes_count=len(changes),
        body={
            "number": number,
            "period_code": code,
            "period_name": name_vi(parse_period(code)),
            "certified_on": in_hanoi(certification.occurred_at).date().isoformat(),
            "certified_by": certification.author,
            "certified_publication_id": certification.publication_id,
            "publication_id": found.publication_id,
            "issued_on": in_hanoi(now).date().isoformat(),
            "changes": changes,
        },
        issued_at=now,
    )
    session.add(notice)
    session.flush()
    record(
        session,
        actor=PLATFORM,
        action="restate",
        subject=code,
        details={
            "notice_id": notice.notice_id,
            "certified_id": notice.certified_id,
            "publication_id": notice.publication_id,
            "changes_count": notice.changes_count,
        },
        now=now,
    )
    return notice


def _changes(
    rows: Iterable[Mapping[str, Any]],
    told: Mapping[Key, Mapping[str, Any]],
    causes: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    why: dict[Key, list[Mapping[str, Any]]] = {}
    for cause in causes:
        why.setdefault((cause["agency_id"], cause["kpi_code"], cause["basis"]), []).append(cause)
    changes = []
    for row in rows:
        key = (row["agency_id"], row["kpi_code"], row["basis"])
        if not row["is_restated"] and key not in told:
            continue
        certified, after = _side(row, "certified"), _side(row, "current")
        before = dict(told.get(key, certified))
        if before == after:
            continue
        known = why.get(key, [])
        changes.append(
            {
                "agency_id": row["agency_id"],
                "agency_code": row["agency_code"],
                "agency_name": row["agency_name_vi"] or row["agency_id"],
                "kpi_code": row["kpi_code"],
                "kpi_name": row["kpi_name_vi"] or row["kpi_code"],
                "unit": row["unit"],
                "basis": row["basis"],
                "certified": certified,
                "before": before,
                "after": after,
                "causes": sorted({cause["cause"] for cause in known}),
                "causes_vi": list(dict.fromkeys(cause["cause_vi"] for cause in known)) or [_late(row)],
                "submission_ids": sorted(
                    {cause["submission_id"] for cause in known if cause["submission_id"]}
                ),
            }
        )
    return changes


def _side(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    """One side of a value as JSON has it: numbers as text, exactly."""
    named = {column: f"{column.removesuffix('_vi')}_{side}" for column in SIDE}
    cells = {column: row[f"{name}_vi" if column.endswith("_vi") else name] for column, name in named.items()}
    return {
        column: cell if cell is None or isinstance(cell, int | str) else f"{cell.normalize():f}"
        for column, cell in cells.items()
    }


def _late(row: Mapping[str, Any]) -> str:
    """The reason of what no publication told as a change: nothing was said of it before."""
    if row["file_name"] is None:
        return "Do số liệu hoặc danh mục bổ sung sau khi chứng nhận."
    return f"Do tệp “{row['file_name']}” nhận ngày {row['received_on']:%d/%m/%Y}."
