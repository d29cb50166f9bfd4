"""How `kpi` prints: a table for people, a list of objects for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def show(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, title: str = ""
) -> None:
    """Print rows to standard output.

    Args:
        rows: what to print.
        columns: which keys a table shows, in this order; JSON holds every key.
        as_json: a JSON list of objects and nothing else.
        title: heading of the table.
    """
    if as_json:
        print(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2, default=_plain))
        return
    table = Table(*columns, title=title or None)
    for row in rows:
        cells = (row.get(column) for column in columns)
        table.add_row(*("" if cell is None else str(_plain(cell)) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 250).print(table)  # a pipe has no width of its own
