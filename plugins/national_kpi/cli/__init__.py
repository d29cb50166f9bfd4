"""The `kpi` command: every stage, without Airflow."""

import sys
from importlib import import_module

import typer

from national_kpi.errors import KpiPlatformError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command; a platform error becomes one line on standard error and exit status 2."""
    for name in (
        "audit", "brief", "catalogue", "cycle", "findings", "intake", "open_data", "period", "receipts",
        "remind", "replay", "session", "simulate", "template", "warehouse",
    ):  # fmt: skip
        import_module(f"national_kpi.cli.{name}")  # it registers its commands
    try:
        app()
    except KpiPlatformError as error:
        print(f"kpi: {error}", file=sys.stderr)
        sys.exit(2)
