"""Homes of simulated data for the benchmarks of models: a lake of many months, and the same with fewer."""

import os
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Submission
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import Period
from national_kpi.settings import Settings
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order, drop_submissions, received_at
from national_kpi.simulate.to_lake import LakeFile, fill_lake

LAST_MONTH = date(2024, 11, 1)
"""In the month after it the same agencies report as in the ten years before it."""

WORKERS = os.cpu_count() or 1


def months_until_the_last(count: int) -> tuple[Period, ...]:
    """So many months, ending with `LAST_MONTH`."""
    number = LAST_MONTH.year * 12 + LAST_MONTH.month - count
    return months_from(date(number // 12, number % 12 + 1, 1), count)


def make_home(
    home: Path, seed: int, months: int, forms: tuple[str, ...], services: int, dossiers: int
) -> list[LakeFile]:
    """A lake with the reports of every agency, and a ledger that names them."""
    periods, catalogue = months_until_the_last(months), load_catalogue(CATALOGUE_DIR)
    paths = prepare_home(home, home.with_name(f"{home.name}-real"), {"seed": seed})
    nation = reporters_of(catalogue, periods, None, seed, services)
    return fill_lake(catalogue, paths, nation, Order(periods, forms, dossiers, 0, None), WORKERS)


def last_months(whole: Path, home: Path, count: int) -> Path:
    """A home that shares the lake of another, and whose ledger knows only its last months."""
    home.mkdir()
    (home / "lake").symlink_to(whole / "lake")
    for name in ("SIMULATED.json", "ledger.db"):
        shutil.copyfile(whole / name, home / name)
    kept = [month.code for month in months_until_the_last(count)]
    context = open_home(home)
    with Session(context.engine) as session, session.begin():
        session.execute(delete(Submission).where(Submission.period_code.not_in(kept)))
    context.engine.dispose()
    return home


def lend_parsed_project_of(home: Path, paths: Paths) -> None:
    """Let builds find the project parsed, as they do on a platform that has built before."""
    shutil.copytree(Paths(home).builds / ".dbt", paths.builds / ".dbt")


def open_home(home: Path) -> IntakeContext:
    """Everything intake and builds need."""
    return IntakeContext.of(Settings(_env_file=None, home=home, ledger_url=""))


def day_after(context: IntakeContext) -> datetime:
    """A moment after the last file was received."""
    with Session(context.engine) as session:
        last = session.scalars(select(func.max(Submission.received_at))).one()
    return last + timedelta(hours=1)


def drop_next_month(
    context: IntakeContext, seed: int, months: int, forms: tuple[str, ...], services: int
) -> datetime:
    """Put the reports of the month after the last into the inboxes; returns when they can be taken in."""
    *periods, following = months_from(months_until_the_last(months)[0].end, months + 1)
    nation = reporters_of(context.catalogue, (*periods, following), None, seed, services)
    order = Order((following,), forms, 0, 0, None, months_before=months)
    drop_submissions(context.catalogue, context.paths, nation, order, WORKERS)
    return received_at(following) + timedelta(hours=1)
