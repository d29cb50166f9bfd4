"""Obligations in the ledger, on SQLite and on a real PostgreSQL."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.obligations import open_periods
from national_kpi.ledger.models import Obligation
from national_kpi.ledger.session import one_at_a_time, open_ledger
from national_kpi.paths import CATALOGUE_DIR

AGENCIES = 14 + 3 + 8 + 34


def at(day: str, time: str = "08:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=HANOI)


def opened(engine: Engine, catalogue: Catalogue, now: datetime) -> int:
    with one_at_a_time(engine) as session:
        return open_periods(session, catalogue, now)


def rows(engine: Engine) -> set[tuple[object, ...]]:
    columns = Obligation.__table__.columns
    with Session(engine) as session:
        return {tuple(row) for row in session.execute(select(*columns))}


def periods(engine: Engine) -> Counter[tuple[str, str]]:
    with Session(engine) as session:
        found = session.execute(select(Obligation.form_code, Obligation.period_code))
        return Counter((form, period) for form, period in found)


def test_a_period_opens_on_its_first_day_in_hanoi(ledger: Engine, catalogue: Catalogue) -> None:
    assert opened(ledger, catalogue, at("2025-12-14", "23:59")) == 0
    assert opened(ledger, catalogue, at("2025-12-15", "00:00")) == 2 * AGENCIES
    assert opened(ledger, catalogue, at("2025-12-31", "23:59")) == 0
    assert opened(ledger, catalogue, at("2026-01-01", "00:00")) == 4 * AGENCIES
    assert periods(ledger) == {
        ("F01", "2026-Q1G"): AGENCIES, ("F03", "2026-Q1G"): AGENCIES, ("F02", "2026-M01"): AGENCIES,
        ("F04", "2026-M01"): AGENCIES, ("F05", "2026-M01"): AGENCIES, ("F06", "2026-M01"): AGENCIES,
    }  # fmt: skip


def test_a_first_start_opens_every_period_begun_so_far(ledger: Engine, catalogue: Catalogue) -> None:
    assert opened(ledger, catalogue, at("2026-11-24")) == AGENCIES * (4 * 11 + 2 * 4)
    assert set(periods(ledger).values()) == {AGENCIES}


def test_opening_again_changes_nothing(ledger: Engine, catalogue: Catalogue) -> None:
    opened(ledger, catalogue, at("2026-02-01"))
    before = rows(ledger)
    assert opened(ledger, catalogue, at("2026-02-28")) == 0
    assert rows(ledger) == before


def test_an_open_period_stays_as_it_was_whatever_the_catalogue_says(
    ledger: Engine, catalogue: Catalogue
) -> None:
    opened(ledger, catalogue, at("2026-02-01"))
    before = rows(ledger)
    agencies = list(catalogue.agencies)
    newcomer = catalogue.agency("H12@2025-07-01").model_copy(update={"agency_code": "H99"})
    leaver = agencies.index(catalogue.agency("G01@0001-01-01"))
    agencies[leaver] = agencies[leaver].model_copy(update={"valid_to": date(2026, 2, 15)})
    obligations = [
        row.model_copy(update={"due_working_days": 1, "scope": (*row.scope, "kind:unit")})
        for row in catalogue.reporting_obligations
    ]
    also_owed = obligations[0].model_copy(
        update={"obligation_code": "X", "scope": ("units_of:G06@2025-03-01",)}
    )
    changed = replace(
        catalogue,
        agencies=(*agencies, newcomer),
        reporting_obligations=(*obligations, also_owed),
        working_days=(),
    )
    assert opened(ledger, changed, at("2026-02-28")) == 0
    assert rows(ledger) == before
    assert opened(ledger, changed, at("2026-03-01")) > 0
    march = rows(ledger) - before
    assert any("H99@2025-07-01" in row for row in march)
    assert not any("G01@0001-01-01" in row for row in march)


def test_agencies_owe_what_they_were_on_the_first_day(ledger: Engine, catalogue: Catalogue) -> None:
    (monthly,) = (row for row in catalogue.reporting_obligations if row.obligation_code == "F02-M")
    monthly = monthly.model_copy(
        update={"period_kind": "month_gov", "valid_from": date(2025, 6, 15), "valid_to": date(2025, 7, 31)}
    )
    then = replace(catalogue, reporting_obligations=(monthly,))
    opened(ledger, then, at("2025-08-15"))
    assert periods(ledger) == {("F02", "2025-M07G"): 14 + 3 + 8 + 63, ("F02", "2025-M08G"): AGENCIES}


def test_an_obligation_exists_once(ledger: Engine) -> None:
    given = {
        "obligation_code": "F02-M", "agency_id": "G01@0001-01-01", "form_code": "F02",
        "opened_at": at("2026-01-01"), "period_code": "2026-M01", "cutoff_on": date(2026, 1, 31),
        "due_on": date(2026, 2, 6), "closes_on": date(2026, 2, 13),
    }  # fmt: skip
    with Session(ledger) as session, pytest.raises(IntegrityError):
        session.add_all([Obligation(**given), Obligation(**given | {"obligation_code": "other"})])
        session.flush()


def _open(url: str, now: datetime) -> int:
    return opened(open_ledger(url), load_catalogue(CATALOGUE_DIR), now)


def test_processes_that_open_at_once_open_once(ledger: Engine) -> None:
    url = ledger.url.render_as_string(hide_password=False)
    now = at("2026-03-01")
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_open, url, now + timedelta(seconds=second)) for second in range(3)]
        counts = sorted(job.result() for job in jobs)
    assert counts == [0, 0, AGENCIES * (4 * 3 + 2)]
    assert set(periods(ledger).values()) == {AGENCIES}
