"""`kpi catalogue`: the catalogue's own commands."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.check import check_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.errors import CatalogueError
from national_kpi.paths import CATALOGUE_DIR

catalogue_app = typer.Typer(
    no_args_is_help=True, help="The catalogue of agencies, forms, indicators, targets."
)
app.add_typer(catalogue_app, name="catalogue")


@catalogue_app.command()
def check(
    folder: Annotated[Path, typer.Option(help="Folder of the catalogue's CSV files.")] = CATALOGUE_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of problems.")] = False,
) -> None:
    """Validate every catalogue file and their references to each other.

    Exit status 0: sound; 1: it has problems; 2: there is no such folder.
    """
    if not folder.is_dir():
        raise CatalogueError(
            "there is no such folder", where=str(folder), remedy="name the folder of the CSVs"
        )
    problems = check_catalogue(folder)
    if problems or as_json:
        rows = [asdict(problem) for problem in problems]
        show(rows, ("file", "line", "column", "what", "remedy"), as_json=as_json, title="Catalogue problems")
    else:
        catalogue = load_catalogue(folder)
        typer.echo(
            f"The catalogue is sound: {len(catalogue.agencies)} agency rows, {len(catalogue.forms)} forms, "
            f"{len(catalogue.kpis)} indicators, {len(catalogue.targets)} targets."
        )
    raise typer.Exit(1 if problems else 0)
