"""The `kpi` command: every stage, without Airflow."""

import sys
from importlib import import_module

import typer

from national_kpi.errors import KpiPlatformError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

COMMANDS = {
    "account": ("account",),
    "audit": ("audit",),
    "backup": ("backup", "restore"),
    "brief": ("brief",),
    "catalogue": ("catalogue",),
    "cycle": ("extend", "status"),
    "findings": ("findings",),
    "intake": ("check", "intake"),
    "open_data": ("open-data",),
    "period": ("period",),
    "receipts": ("receipts",),
    "remind": ("mail", "remind"),
    "replay": ("lake", "replay"),
    "session": ("session",),
    "sftp": ("sftp",),
    "simulate": ("simulate",),
    "sources": ("sources",),
    "template": ("template",),
    "warehouse": ("build", "gaps", "publish", "rank", "trace"),
}
"""The modules of this package, each with the commands it registers."""


@app.callback()
def _platform() -> None:
    """The national KPI reporting platform, stage by stage."""


def main() -> None:
    """Run the command; a platform error becomes one line on standard error and exit status 2.

    Only the asked command's module is loaded: all of them together take seconds.
    """
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    modules = [module for module, commands in COMMANDS.items() if asked in commands]
    for module in modules or COMMANDS:
        import_module(f"national_kpi.cli.{module}")
    try:
        app()
    except KpiPlatformError as error:
        print(f"kpi: {error}", file=sys.stderr)
        sys.exit(2)
