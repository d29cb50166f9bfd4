"""What a mart holds, in one line: rows, and a hash that does not depend on their order."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.warehouse.marts import MARTS

_LOWER_HALF = 2**64 - 1


def fingerprint(database: Path, marts: Iterable[str] = tuple(MARTS)) -> dict[str, dict[str, Any]]:
    """Rows and content hash of every mart in a DuckDB file.

    The hash is the SHA-256 of two sums over the rows: of the upper and the lower 64 bits of the MD5 of a row
    as text, its cells separated by U+001F, an empty one written U+001E. Sums, unlike a list, need no sorting.

    Args:
        database: a build's or a snapshot's DuckDB file.
        marts: which tables; those of today by default. An older snapshot holds those of its time.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return {mart: _of_table(connection, mart) for mart in marts}


def _of_table(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    columns = connection.execute(f"select column_name from (describe {table})").fetchall()  # noqa: S608
    cells = ", ".join(f"coalesce(cast({name} as varchar), chr(30))" for (name,) in columns)
    row = connection.execute(
        f"""
        select
            count(*),
            sha256(concat_ws(
                ' ',
                sum(cast(digest >> 64 as ubigint)),
                sum(cast(digest & cast({_LOWER_HALF} as uhugeint) as ubigint))
            ))
        from (select md5_number(concat_ws(chr(31), {cells})) as digest from {table})
        """  # noqa: S608 - the names are ours
    ).fetchone()
    rows, sha256 = row or (0, "")
    return {"rows": rows, "sha256": sha256}
