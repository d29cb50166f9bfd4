"""`python -m national_kpi.stack up|down|status|reset`, which the Makefile calls."""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.table import Table

from national_kpi.clock import now
from national_kpi.dashboards import import_dashboards, prepare_superset
from national_kpi.errors import KpiPlatformError, StackError
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.stack.airflow_accounts import provide_airflow_accounts
from national_kpi.stack.credentials import airflow_credentials
from national_kpi.stack.progress import console
from national_kpi.stack.summary import print_summary
from national_kpi.stack.up import Stack, alone, bring_up, migrate_airflow, prepare_ledger_and_folders

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def up() -> None:
    """Start the platform, take in the samples, publish, and show the gaps."""
    stack = Stack.of(Settings())
    with alone(stack):
        bring_up(stack, now())
    print_summary(stack)


@app.command()
def down() -> None:
    """Stop what `up` started, and nothing else."""
    stack = Stack.of(Settings())
    with alone(stack):
        print("Stopped." if stack.supervisor.stop() else "Nothing was running.")


@app.command()
def status() -> None:
    """Say what runs and how it is; exit status 1 if anything is down or unwell."""
    stack = Stack.of(Settings())
    states = stack.supervisor.states()
    table = Table("service", "state", "health", "address")
    unwell = False
    for service in stack.services:
        process = states.get(service.name)
        state = process.state if process else "DOWN"
        ailment = service.ailment() if state in ("RUNNING", "STARTING") else "does not run"
        unwell = unwell or bool(ailment)
        pid = f" (pid {process.pid})" if process and process.pid else ""
        table.add_row(service.name, state + pid, ailment or "healthy", service.address)
    console().print(table)
    if unwell:
        raise typer.Exit(1)


@app.command()
def reset() -> None:
    """Stop the platform and forget everything it ever received."""
    stack = Stack.of(Settings())
    with alone(stack):
        stack.supervisor.stop()
        forget(stack.paths)
    print(f"Forgotten: {stack.paths.home}")


@app.command()
def prepare() -> None:
    """Prepare keys, folders, databases and accounts without starting anything: for a deployment."""
    settings = Settings()
    paths = Paths.of(settings)
    credentials = airflow_credentials(paths)
    prepare_ledger_and_folders(settings, paths, now())
    for mounted in (paths.published, paths.open_data, paths.sftp_keys):
        mounted.mkdir(exist_ok=True)
    with ThreadPoolExecutor() as both:
        preparations = [
            both.submit(migrate_airflow, paths, dict(os.environ)),
            both.submit(prepare_superset, paths),
        ]
        for preparation in preparations:
            preparation.result()
    provide_airflow_accounts(credentials.airflow_password)


@app.command()
def dashboards() -> None:
    """Import the dashboards and check every chart."""
    import_dashboards(Paths.of(Settings()))


def forget(paths: Paths) -> None:
    """Delete a home, if it looks like one.

    Raises:
        StackError: the folder holds things that are not the platform's.
    """
    properties = [getattr(paths, name) for name, kind in vars(Paths).items() if isinstance(kind, property)]
    places = [place for place in properties if isinstance(place, Path)]
    own = {place.relative_to(paths.home).parts[0] for place in places} | {"supervisor", ".stack.lock"}
    foreign = sorted(
        entry.name
        for entry in paths.home.iterdir()
        if entry.name not in own and not entry.name.startswith(paths.ledger_file.name)
    )
    if foreign:
        raise StackError(
            f"this folder holds what the platform did not make: {', '.join(foreign)}",
            where=str(paths.home),
            remedy="move that away, or delete the folder yourself",
        )
    shutil.rmtree(paths.home)


def main() -> None:
    """Run a command; what goes wrong becomes a message on standard error and exit status 1."""
    try:
        app()
    except KpiPlatformError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(1)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for problem in error.errors():
            setting = f"KPI_{'_'.join(map(str, problem['loc']))}".upper()
            print(f"{setting}: {problem['msg']}, found {problem['input']!r}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
