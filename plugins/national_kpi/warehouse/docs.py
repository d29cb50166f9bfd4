"""`python -m national_kpi.warehouse.docs`: the data dictionary, from the models' own descriptions."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from national_kpi.clock import now
from national_kpi.errors import BuildError
from national_kpi.settings import Settings
from national_kpi.warehouse.dbt import run_dbt
from national_kpi.warehouse.empty import empty_build


def write_docs(page: Path, as_of: date) -> None:
    """Write dbt's documentation as one HTML page that needs no server.

    Args:
        page: the file to write.
        as_of: the day to look from; it changes nothing in the page.

    Raises:
        BuildError: dbt cannot make it.
    """
    with empty_build(as_of) as folder:
        for command in (("run",), ("docs", "generate", "--static")):
            run = run_dbt(folder, *command)
            if run.returncode != 0:
                raise BuildError(f"dbt {' '.join(command)} failed:\n{run.stdout}", remedy="mend the model")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes((folder / "target" / "static_index.html").read_bytes())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", dest="page", type=Path, help="the file to write; var/docs/… by default")
    page = parser.parse_args(arguments).page or Settings().home / "docs" / "data-dictionary.html"
    try:
        write_docs(page, now().date())
    except BuildError as error:
        sys.exit(str(error))
    print(page)


if __name__ == "__main__":
    main()
