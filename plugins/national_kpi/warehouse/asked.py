"""Where a question is answered: the published snapshot, or a build of a past day or with one more period."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from national_kpi.paths import Paths
from national_kpi.period_parts import parts_of
from national_kpi.periods import parse_period
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import build_for


def database_for(
    paths: Paths, engine: Engine, *, as_of: date | None, period_code: str | None = None, now: datetime
) -> Path:
    """The DuckDB file to ask.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        as_of: only what was known by the end of this day; None for what readers see now.
        period_code: a period the file has to have; one that is not published but that months can make is
        made.
        now: the present moment.

    Raises:
        NotPublishedError: no day is given and nothing is published.
        BuildError: a build was needed and failed.
    """
    database = (
        queries.current_snapshot(paths) if as_of is None else build_for(paths, engine, as_of=as_of, now=now)
    )
    if period_code is None or not _is_only_made_when_asked(database, period_code):
        return database
    day = as_of or queries.looks_from(database)
    return build_for(paths, engine, as_of=day, now=now, windows=(parse_period(period_code),))


def _is_only_made_when_asked(database: Path, period_code: str) -> bool:
    window = parse_period(period_code)
    known = queries.knows(database, period_code=window.code)
    return window.kind == "window" and not known and bool(parts_of(window))
