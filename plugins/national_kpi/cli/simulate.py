"""`kpi simulate`: a nation's submissions to practise on, in a home folder of their own."""

import os
import time
from collections import Counter
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.tasks import known_catalogue
from national_kpi.clock import now
from national_kpi.errors import SimulationError
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.settings import Settings
from national_kpi.simulate.figures import FORMS
from national_kpi.simulate.home import prepare_home
from national_kpi.simulate.nation import months_from, reporters_of
from national_kpi.simulate.submissions import Order, drop_submissions
from national_kpi.simulate.to_lake import fill_lake

COLUMNS = ("form_code", "files", "rows", "wrong")
USUAL_FORMS = "F01,F02,F03,F04,F05,F06"


class Kind(StrEnum):
    """Kinds of files that can be written."""

    MIX = "mix"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


@app.command()
def simulate(
    output: Annotated[Path, typer.Option("--output", "-o", help="The home folder to make.")],
    months: Annotated[int, typer.Option(min=1, help="How many consecutive months.")] = 1,
    services: Annotated[int, typer.Option(min=1, help="Services of an agency, on average.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes another nation.")] = 1,
    error_rate: Annotated[float, typer.Option(min=0, max=1, help="Share of files with an error.")] = 0.1,
    first_month: Annotated[
        datetime, typer.Option(formats=["%Y-%m"], help="The first month reported on.")
    ] = datetime(2026, 1, 1),
    kind: Annotated[Kind, typer.Option(help="Kind of all files.")] = Kind.MIX,
    forms: Annotated[str, typer.Option(help="Codes of the forms, with commas between.")] = USUAL_FORMS,
    dossiers: Annotated[int, typer.Option(min=1, help="Rows of form F08 of an average agency.")] = 1000,
    lake: Annotated[
        bool, typer.Option("--lake", help="Write accepted rows and a ledger instead of files to take in.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes to use.")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")] = False,
) -> None:
    """Make up the reports of every agency, in a home of their own: set KPI_HOME to it for other commands.

    The same options give the same cells, and so do the same tasks of working sessions where the home has a
    ledger with some. Each file lies in the folder of the agency that may speak for its reporter today;
    `manifest.json` says what intake must make of it.
    """
    moment, settings, catalogue = now(), Settings(), load_catalogue(CATALOGUE_DIR)
    codes = tuple(dict.fromkeys(code.strip().upper() for code in forms.split(",") if code.strip()))
    if unknown := set(codes) - set(FORMS):
        raise typer.BadParameter(
            f"no figures can be made up for {', '.join(sorted(unknown))}", param_hint="--forms"
        )
    periods = months_from(first_month.date(), months)
    if periods[-1].end >= moment.date():
        raise SimulationError(
            f"{periods[-1].code} has not ended yet, so that nobody can report on it",
            remedy="begin earlier with --first-month, or ask for fewer --months",
        )
    order = Order(periods, codes, dossiers, error_rate, None if kind is Kind.MIX else f".{kind.value}")
    nation = reporters_of(catalogue, periods, None if lake else moment.date(), seed, services)
    arguments = {
        "months": months, "services": services, "seed": seed, "error_rate": error_rate,
        "first_month": periods[0].code, "kind": kind.value, "forms": codes, "dossiers": dossiers,
        "lake": lake,
    }  # fmt: skip
    paths = prepare_home(output, Paths.of(settings).home, arguments)
    catalogue = known_catalogue(paths, "", moment)
    started = time.monotonic()
    files, rows, wrong = Counter[str](), Counter[str](), Counter[str]()
    if lake:
        for written in fill_lake(catalogue, paths, nation, order, workers):
            files[written.form_code] += 1
            rows[written.form_code] += written.rows
    else:
        for entry in drop_submissions(catalogue, paths, nation, order, workers):
            files[entry.form_code] += 1
            rows[entry.form_code] += entry.rows
            wrong[entry.form_code] += bool(entry.planted)
    table = [
        {"form_code": code, "files": files[code], "rows": rows[code], "wrong": wrong[code]} for code in codes
    ]
    show(table, COLUMNS, as_json=as_json, title=str(paths.home))
    seconds = time.monotonic() - started
    typer.echo(f"{rows.total():,} rows in {seconds:.1f} s, {rows.total() / seconds:,.0f} rows/s", err=True)
