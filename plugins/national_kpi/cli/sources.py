"""`kpi sources`: how the sources are, and whether what comes from them is fresh."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.ledger.session import check_ledger, ledger_url, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.sources.freshness import freshness

COLUMNS = (
    "source_id", "agency_code", "kind", "state", "is_fresh", "last_good_at", "last_new_at", "failing_since",
    "last_error_at", "last_error",
)  # fmt: skip


@app.command()
def sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")] = False,
) -> None:
    """Show each source that reports are pulled from: last good pull, last error, and whether it is fresh.

    Fresh is a source that answers in its declared shape, has not been out of reach for longer than rule
    MODEL-15 allows, and has brought something new as often as `sources.csv` expects.
    """
    settings = Settings()
    engine = open_ledger(ledger_url(settings, Paths.of(settings)))
    check_ledger(engine)
    with Session(engine) as session:
        rows = [asdict(one) for one in freshness(session, load_catalogue(CATALOGUE_DIR), now().date())]
    show(rows, COLUMNS, as_json=as_json, title="Sources")
