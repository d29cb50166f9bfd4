"""What commands that ask a snapshot share: its options, where it is, and whether codes are known."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.periods import parse_period
from national_kpi.settings import Settings
from national_kpi.warehouse import queries

AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="Only what was known by the end of this day, in Hanoi."
    ),
]
OneAgency = Annotated[str | None, typer.Option("--agency", help="One agency only, in all its validities.")]
OnePeriod = Annotated[str | None, typer.Option("--period", help="One period only.")]


def platform() -> tuple[Settings, Paths, Engine]:
    """The platform's settings, its folders and its ledger, brought up to date."""
    settings = Settings()
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    return settings, paths, engine


def published() -> Path:
    """The snapshot readers see now."""
    return queries.current_snapshot(Paths.of(Settings()))


def check_codes(
    database: Path,
    *,
    kpi: str | None = None,
    agency: str | None = None,
    period: str | None = None,
    rule: str | None = None,
) -> None:
    """Codes nobody knows are wrong usage, not an empty answer."""
    if kpi and not queries.knows(database, kpi_code=kpi):
        raise typer.BadParameter(f"the catalogue has no indicator {kpi!r}", param_hint="--kpi")
    if agency and not queries.knows(database, agency_code=agency):
        raise typer.BadParameter(
            f"the catalogue has no agency with the code {agency!r}", param_hint="--agency"
        )
    if rule and not queries.knows(database, rule_id=rule):
        raise typer.BadParameter(f"the catalogue has no rule {rule!r}", param_hint="--rule")
    if period:
        parse_period(period)
