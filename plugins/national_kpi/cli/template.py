"""`kpi template`: an agency's empty form."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.cli import app
from national_kpi.cli.tasks import known_catalogue
from national_kpi.clock import now
from national_kpi.errors import TemplateError
from national_kpi.intake.template import ENTRY_ROWS, plan_template
from national_kpi.intake.template_workbook import write_template
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.periods import Period, parse_period
from national_kpi.settings import Settings
from national_kpi.unit_reports import UnitReport, unit_reports


@app.command()
def template(
    form: Annotated[str, typer.Argument(help="Form code, such as F02.")],
    agency: Annotated[str, typer.Option("--agency", help="Code of the reporting agency in that period.")],
    period: Annotated[str, typer.Option("--period", help="Period code, such as 2022-M08 or 2022-M08G.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A new .xlsx file, or a folder to put it into.")
    ] = Path(),
    rows: Annotated[
        int, typer.Option("--rows", min=1, max=5000, help="Empty rows, where they are not known beforehand.")
    ] = ENTRY_ROWS,
) -> None:
    """Write an agency's Excel form for a period, with drop-downs and instructions.

    The form with which a focal point confirms its units' reports lists those the ledger has.

    Exit status 0: it is written; 2: there is no such form, agency or period, or the file is there already.
    """
    settings, moment = Settings(), now()
    catalogue = known_catalogue(Paths.of(settings), settings.ledger_url, moment)
    about = parse_period(period)
    confirms = any(one.form_code == form.upper() and one.source == "confirmation" for one in catalogue.forms)
    reports = _reports_of_units(settings, catalogue, agency, about, moment) if confirms else ()
    plan = plan_template(catalogue, form.upper(), agency, about, moment.date(), rows, reports)
    file = output / plan.file_name if output.is_dir() else output
    if file.suffix.lower() != ".xlsx":
        raise TemplateError(
            f"{file.name!r} is no Excel file",
            where=str(file),
            remedy="end its name with .xlsx, or name a folder",
        )
    if not file.parent.is_dir():
        raise TemplateError("there is no such folder", where=str(file.parent), remedy="make it first")
    if file.exists():
        raise TemplateError(
            "the file is there already and may hold figures", where=str(file), remedy="choose another name"
        )
    write_template(plan, file)
    typer.echo(file)


def _reports_of_units(
    settings: Settings, catalogue: Catalogue, agency_code: str, period: Period, moment: datetime
) -> list[UnitReport]:
    paths, holder = Paths.of(settings), catalogue.holder(agency_code, period.end)
    if holder is None or not (settings.ledger_url or paths.ledger_file.is_file()):
        return []
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    with Session(engine) as session:
        return unit_reports(
            session, paths.home, catalogue, moment, focal_point=holder, period_code=period.code
        )
