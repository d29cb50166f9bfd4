"""Small help for asking DuckDB."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb


def select_rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """The rows of a query, by column.

    Args:
        connection: where to ask.
        query: what to ask, with a `?` for each value.
        values: what the marks stand for.
    """
    answer = connection.execute(query, values)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def quoted(path: Path) -> str:
    """A path as a text in SQL, for statements that take no values."""
    return "'" + str(path).replace("'", "''") + "'"
