"""`kpi open-data`: certified periods as files for everybody."""

import typer

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson, platform
from national_kpi.open_data.export import export_open_data

open_data_app = typer.Typer(no_args_is_help=True, help="Certified periods as files for everybody.")
app.add_typer(open_data_app, name="open-data")


@open_data_app.callback()
def open_data() -> None:
    """Certified periods as files for everybody."""


@open_data_app.command()
def export(as_json: AsJson = False) -> None:
    """Write the packages of certified periods that are not there yet, and the list of all."""
    settings, paths, engine = platform()
    written = export_open_data(settings, paths, engine)
    rows = [
        {"period_code": folder.parent.name, "publication_id": folder.name, "folder": str(folder)}
        for folder in written
    ]
    show(rows, ("period_code", "publication_id", "folder"), as_json=as_json, title="Open data")
