"""A platform on which a period was reported, closed, certified and then corrected."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.cycle.certification import certify
from national_kpi.cycle.closing import close_due_periods, list_periods
from national_kpi.cycle.obligations import open_periods
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.cycle import AuditEvent, PeriodEvent
from national_kpi.ledger.models import Publication
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.build import build
from national_kpi.warehouse.certified import snapshot_of
from national_kpi.warehouse.publish import PublicationResult, publish
from tests.integration.building import made_once, new_platform, put_into_lake

SON_LA, HA_NOI, DA_NANG = "H52@0001-01-01", "H26@0001-01-01", "H17@2025-07-01"
RATE = "KPI_DOSSIER_ONLINE_RATE"
PERIOD = "2026-M08"
CLOSES = date(2026, 9, 16)
COMMENT = "Đã đối chiếu với báo cáo bằng văn bản."


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=HANOI)


@dataclass
class Home:
    """A platform, and what was published there."""

    context: IntakeContext
    published: list[PublicationResult]

    def report(self, day: str, name: str, agency_id: str, online: int, revision: int = 1) -> None:
        rows = [
            {"element_code": "dossiers_online_count", "value": Decimal(online)},
            {"element_code": "dossiers_received_count", "value": Decimal(800)},
        ]
        put_into_lake(
            self.context.paths, self.context.engine, self.context.catalogue, name, form_code="F01",
            reported_by=agency_id, period_code=PERIOD, now=at(day), rows=rows, revision=revision,
        )  # fmt: skip

    def publish(self, day: str, hour: int = 9) -> PublicationResult:
        context, moment = self.context, at(day, hour)
        built = build(context.paths, context.engine, as_of=moment.date(), now=moment)
        self.published.append(
            publish(context.settings, context.paths, context.engine, build_id=built.build_id, now=moment)
        )
        return self.published[-1]

    def close(self, day: str) -> list[str]:
        return [
            event.period_code for event in close_due_periods(self.context.paths, self.context.engine, at(day))
        ]

    def certify(self, day: str, comment: str = COMMENT, publication_id: str | None = None) -> PeriodEvent:
        return certify(
            self.context.paths, self.context.engine, PERIOD, author="Nguyễn Văn A", comment=comment,
            now=at(day), publication_id=publication_id,
        )  # fmt: skip

    def state(self) -> str:
        with Session(self.context.engine) as session:
            (row,) = (one for one in list_periods(session, at("2026-10-20")) if one["period_code"] == PERIOD)
        return str(row["state"])

    def audited(self, action: str) -> list[AuditEvent]:
        with Session(self.context.engine) as session:
            chosen = sql_select(AuditEvent).where(AuditEvent.subject == PERIOD, AuditEvent.action == action)
            return list(session.scalars(chosen))


def _certify_august(folder: Path) -> None:
    """August is reported, closed, certified, then corrected."""
    context = new_platform(folder)
    home = Home(context, [])
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, at("2026-10-01"))
    home.report("2026-09-03", "son-la", SON_LA, 100)
    home.report("2026-09-03", "ha-noi", HA_NOI, 600)
    home.publish("2026-09-16", 8)
    assert PERIOD not in home.close("2026-09-16"), "the closing day has not ended"
    assert PERIOD not in home.close("2026-09-17"), "nothing was published since"
    home.publish("2026-09-17", 1)
    assert home.close("2026-09-17") == [PERIOD]
    assert home.close("2026-09-17") == [], "nothing closes twice"
    home.report("2026-09-18", "da-nang", DA_NANG, 200)
    home.certify("2026-09-18")
    home.publish("2026-09-18")
    home.report("2026-10-02", "son-la-2", SON_LA, 700, revision=2)
    home.publish("2026-10-02")
    context.engine.dispose()


def _copy(original: Path, home: Path) -> Home:
    shutil.copytree(original, home, symlinks=True)
    context = new_platform(home)
    with Session(context.engine) as session:
        published = session.scalars(sql_select(Publication).order_by(Publication.published_at))
        results = [
            PublicationResult(
                one.publication_id,
                one.build_id,
                one.as_of,
                snapshot_of(context.paths, one.publication_id),
                one.fingerprint,
            )
            for one in published
        ]
    return Home(context, results)


@pytest.fixture(scope="session")
def certified_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where August was reported, closed, certified, then corrected: to be copied, and left as it is."""
    return made_once(tmp_path_factory, "certified", _certify_august)


@pytest.fixture(scope="session")
def certified_platform(certified_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A copy of that platform, to be read only."""
    home = _copy(certified_folder, tmp_path_factory.mktemp("certified") / "home")
    yield home
    home.context.engine.dispose()


@pytest.fixture
def certified_home(certified_folder: Path, tmp_path: Path) -> Iterator[Home]:
    """A copy of that platform, to go on with."""
    home = _copy(certified_folder, tmp_path / "home")
    yield home
    home.context.engine.dispose()
