"""Which open data packages there must be: one for each certified publication of a period."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from national_kpi.clock import in_hanoi
from national_kpi.ledger.cycle import AuditEvent, PeriodEvent, RestatementNotice
from national_kpi.ledger.period_states import period_events, period_states
from national_kpi.open_data.descriptor import Certified, Licence
from national_kpi.paths import Paths
from national_kpi.periods import name_vi, parse_period
from national_kpi.warehouse.certified import certified_file


@dataclass(frozen=True)
class Package:
    """A package that must be there: its certification, and the values certified before it, if there are."""

    certified: Certified
    earlier: Path | None


def packages(session: Session, paths: Paths) -> Iterator[Package]:
    """A package for each certified publication of a period, in the order of certifying.

    Args:
        session: the ledger.
        paths: the platform's folders.
    """
    seals = {
        event.details["event_id"]: event
        for event in session.scalars(select(AuditEvent).where(AuditEvent.action == "certify"))
    }
    before: dict[str, PeriodEvent] = {}
    done: set[tuple[str, str]] = set()
    for event in period_events(session):
        key = (event.period_code, event.publication_id)
        if event.kind != "certified" or key in done:
            continue
        done.add(key)
        earlier = before.get(event.period_code)
        before[event.period_code] = event
        seal = seals[event.event_id]
        yield Package(
            Certified(
                period_code=event.period_code,
                period_name=name_vi(parse_period(event.period_code)),
                publication_id=event.publication_id,
                certified_on=in_hanoi(event.occurred_at).date(),
                comment=event.comment,
                audit_sha256=seal.sha256,
                fingerprint_sha256=seal.details["fingerprint_sha256"],
                is_simulated=paths.is_simulated,
            ),
            certified_file(paths, event.period_code, earlier.publication_id) if earlier else None,
        )


def newest_certified(session: Session) -> dict[str, str]:
    """The publication that is certified of each period now."""
    return {
        state.period_code: state.certification.publication_id
        for state in period_states(period_events(session)).values()
        if state.certification
    }


def notices_count(session: Session) -> dict[str, int]:
    """How many restatement notices there are for each period."""
    counted = select(RestatementNotice.period_code, func.count()).group_by(RestatementNotice.period_code)
    return {row[0]: row[1] for row in session.execute(counted)}


def index(
    licence: Licence,
    certified: Sequence[Certified],
    newest: Mapping[str, str],
    notices: Mapping[str, int],
) -> dict[str, Any]:
    """The list of all packages, in the words of DCAT: a catalogue, its datasets and their versions.

    Args:
        licence: the terms.
        certified: what the packages tell of, in the order of certifying.
        newest: of each period the publication that is certified now.
        notices: how many restatement notices each period has.
    """
    by_period: dict[str, list[Certified]] = {}
    for one in certified:
        by_period.setdefault(one.period_code, []).append(one)
    return {
        "title": "Dữ liệu mở về chỉ số Chính phủ điện tử",
        "license": {"name": licence.name, "url": licence.url},
        "dataset": [
            {
                "identifier": code,
                "title": versions[-1].title,
                "path": f"{code}/datapackage.json",
                "latest": newest[code],
                "restatement_notices": notices.get(code, 0),
                "version": [
                    {
                        "identifier": one.publication_id,
                        "issued": one.certified_on.isoformat(),
                        "comment": one.comment,
                        "path": f"{code}/{one.publication_id}/datapackage.json",
                        "audit_sha256": one.audit_sha256,
                    }
                    for one in versions
                ],
            }
            for code, versions in sorted(by_period.items())
        ],
    }
