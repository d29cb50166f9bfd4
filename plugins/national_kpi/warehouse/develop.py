"""dbt for developers, on no data at all, so that it works in a fresh clone.

`python -m national_kpi.warehouse.develop lint` checks the SQL, `… test` builds every model empty and runs all
dbt tests including unit tests, `… docs -o FILE` writes the dbt documentation as one HTML page, `… inputs DIR`
prepares a folder in which dbt can be run by hand.
"""

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from national_kpi.catalogue.load import load_catalogue
from national_kpi.clock import now
from national_kpi.paths import CATALOGUE_DIR, DBT_PROJECT_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.warehouse.dbt import run_dbt
from national_kpi.warehouse.inputs import LedgerState, write_inputs


def write_empty_inputs(folder: Path, as_of: date) -> None:
    """Write build inputs with the catalogue and not one submission.

    Args:
        folder: where dbt will run; `inputs/` is made in it.
        as_of: the day to look from.
    """
    write_inputs(folder / "inputs", load_catalogue(CATALOGUE_DIR), LedgerState((), (), 0), as_of)


def lint(folder: Path) -> int:
    """Check the SQL with sqlfluff; returns its exit status."""
    sqlfluff = Path(sysconfig.get_path("scripts")) / "sqlfluff"
    sources = [str(DBT_PROJECT_DIR / part) for part in ("models", "tests")]
    command = [str(sqlfluff), "lint", "--disable-progress-bar", "--config", str(PROJECT_ROOT / ".sqlfluff")]
    return subprocess.run([*command, *sources], cwd=folder, check=False).returncode


def test(folder: Path) -> int:
    """Build every model on no data and run all tests, unit tests too; returns dbt's exit status."""
    run = run_dbt(folder, "build")
    print(run.stdout)
    return run.returncode


def docs(folder: Path, page: Path) -> int:
    """Write dbt's documentation as one HTML page; returns dbt's exit status."""
    run = run_dbt(folder, "run")
    if run.returncode == 0:
        run = run_dbt(folder, "docs", "generate", "--static")
    if run.returncode == 0:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes((folder / "target" / "static_index.html").read_bytes())
    else:
        print(run.stdout)
    return run.returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands in a temporary folder; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lint", help="check the SQL")
    commands.add_parser("test", help="build on no data, run all tests")
    commands.add_parser("docs", help="write the documentation").add_argument(
        "-o", dest="page", type=Path, required=True, help="the HTML file to write"
    )
    commands.add_parser("inputs", help="write empty inputs").add_argument(
        "folder", type=Path, help="a folder without `inputs`"
    )
    options = parser.parse_args(arguments)
    if options.command == "inputs":
        write_empty_inputs(options.folder, now().date())
        return 0
    with tempfile.TemporaryDirectory(prefix="kpi-dbt-") as name:
        folder = Path(name)
        write_empty_inputs(folder, now().date())
        if options.command == "docs":
            return docs(folder, options.page)
        return lint(folder) if options.command == "lint" else test(folder)


if __name__ == "__main__":
    sys.exit(main())
