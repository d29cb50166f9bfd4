"""`kpi status`: which reports are owed, and what became of them."""

from dataclasses import asdict
from typing import Annotated

import typer

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import read_status, summarise
from national_kpi.ledger.session import ledger_url, migrate, one_at_a_time, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import parse_period
from national_kpi.settings import Settings

SUMMARY_COLUMNS = (
    "form_code", "period_code", "due_on", "expected", "received", "on_time", "late", "nil",
    "rejected", "missing", "not_due", "received_pct", "on_time_pct",
)  # fmt: skip
STATUS_COLUMNS = (
    "agency_code", "agency_name", "form_code", "period_code", "due_on", "state_text", "received_at",
    "days_late", "revision",
)  # fmt: skip


@app.command()
def status(
    period: Annotated[str | None, typer.Option("--period", help="One period only, such as 2026-M08.")] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="One agency only, in all its validities.")
    ] = None,
    form: Annotated[str | None, typer.Option("--form", help="One form only, such as F02.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of reports owed.")] = False,
) -> None:
    """Show which reports are owed and what became of them.

    Without a period: of each form the open periods and the one that closed last. A table counts them by form
    and period; with an agency, or a form and a period, it lists them.
    """
    catalogue, moment, settings = load_catalogue(CATALOGUE_DIR), now(), Settings()
    if agency and agency not in {row.agency_code for row in catalogue.agencies}:
        raise typer.BadParameter(
            f"the catalogue has no agency with the code {agency!r}", param_hint="--agency"
        )
    if form and form not in {row.form_code for row in catalogue.forms}:
        raise typer.BadParameter(f"the catalogue has no form {form!r}", param_hint="--form")
    code = parse_period(period).code if period else None
    engine = open_ledger(ledger_url(settings, Paths.of(settings)))
    migrate(engine)
    with one_at_a_time(engine) as session:
        open_periods(session, catalogue, moment)
        statuses = read_status(
            session, catalogue, moment, form_code=form, agency_code=agency, period_code=code
        )
    rows = [asdict(one) for one in statuses]
    if as_json or agency or (form and period):
        show(rows, STATUS_COLUMNS, as_json=as_json, title="Reports owed")
    else:
        show(summarise(statuses), SUMMARY_COLUMNS, as_json=False, title="Reports owed")
