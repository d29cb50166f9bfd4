"""`kpi status` and `kpi extend`: which reports are owed, what became of them, and more time for one."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.cycle.extensions import extend as grant
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import read_status, summarise
from national_kpi.ledger.session import ledger_url, migrate, one_at_a_time, open_ledger
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.periods import parse_period
from national_kpi.settings import Settings
from national_kpi.unit_reports import unit_reports

SUMMARY_COLUMNS = (
    "form_code", "period_code", "due_on", "expected", "received", "on_time", "late_extended", "late", "nil",
    "rejected", "missing", "extended", "not_due", "received_pct", "on_time_pct",
)  # fmt: skip
STATUS_COLUMNS = (
    "agency_code", "agency_name", "form_code", "period_code", "due_on", "state_text", "received_at",
    "days_late", "extended_to", "revision", "confirmation",
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
    and period; with an agency, or a form and a period, it lists them. Of a report that goes through a focal
    point it tells whether that has confirmed it.
    """
    catalogue, moment, settings = load_catalogue(CATALOGUE_DIR), now(), Settings()
    if agency and agency not in {row.agency_code for row in catalogue.agencies}:
        raise typer.BadParameter(
            f"the catalogue has no agency with the code {agency!r}", param_hint="--agency"
        )
    if form and form not in {row.form_code for row in catalogue.forms}:
        raise typer.BadParameter(f"the catalogue has no form {form!r}", param_hint="--form")
    code = parse_period(period).code if period else None
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    with one_at_a_time(engine) as session:
        open_periods(session, catalogue, moment)
        statuses = read_status(
            session, catalogue, moment, form_code=form, agency_code=agency, period_code=code
        )
        reports = unit_reports(session, paths.home, catalogue, moment, period_code=code)
    said = {one.submission_id: one.state for one in reports}
    rows = [asdict(one) | {"confirmation": said.get(one.submission_id or "")} for one in statuses]
    if as_json or agency or (form and period):
        show(rows, STATUS_COLUMNS, as_json=as_json, title="Reports owed")
    else:
        show(summarise(statuses), SUMMARY_COLUMNS, as_json=False, title="Reports owed")


@app.command()
def extend(
    agency: Annotated[str, typer.Option("--agency", help="Whose report, such as G13.")],
    form: Annotated[str, typer.Option("--form", help="Of which form, such as F02.")],
    period: Annotated[str, typer.Option("--period", help="For which period, such as 2026-M08.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for everybody who reads the report's state.")],
    approver: Annotated[str, typer.Option("--approver", help="Who answers for it.")],
    to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The new last day in time.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was granted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of one object.")] = False,
) -> None:
    """Grant an agency more time for one report, or take that back.

    The deadline stays what it was: the report still counts as late, with the extension shown beside it. Until
    the new day the agency is not urged.
    """
    if (to is None) is not withdraw:
        raise typer.BadParameter("give either a new day or --withdraw", param_hint="--to")
    catalogue, moment, settings = load_catalogue(CATALOGUE_DIR), now(), Settings()
    engine = open_ledger(ledger_url(settings, Paths.of(settings)))
    migrate(engine)
    with one_at_a_time(engine) as session:
        open_periods(session, catalogue, moment)
    grant(
        engine,
        catalogue,
        agency_code=agency,
        form_code=form,
        period_code=period,
        extended_to=_day(to),
        reason=reason,
        approver=approver,
        now=moment,
    )
    with one_at_a_time(engine) as session:
        statuses = read_status(
            session,
            catalogue,
            moment,
            form_code=form,
            agency_code=agency,
            period_code=parse_period(period).code,
        )
    columns = (*STATUS_COLUMNS, "extension_reason", "extension_approver")
    show([asdict(one) for one in statuses], columns, as_json=as_json, title="Reports owed")


def _day(moment: datetime | None) -> date | None:
    return moment and moment.date()
