"""Writing a reference page that is made from the catalogue."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from national_kpi.catalogue.load import Catalogue, load_catalogue
from national_kpi.paths import CATALOGUE_DIR


def write_page(
    page_of: Callable[[Catalogue], str], default: Path, what: str | None, arguments: Sequence[str] | None
) -> None:
    """Write a page, where `-o` says or where it belongs, and print where it is.

    Args:
        page_of: makes the page's text.
        default: where it belongs.
        what: what `--help` says.
        arguments: the command line; None for this process's own.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("-o", dest="page", type=Path, default=default, help="the file to write")
    page: Path = parser.parse_args(arguments).page
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(page_of(load_catalogue(CATALOGUE_DIR)), encoding="utf-8")
    print(page)
