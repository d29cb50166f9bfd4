"""What a mart holds, in one line: rows, and a hash that does not depend on their order."""

from pathlib import Path
from typing import Any

import duckdb

from national_kpi.warehouse.marts import MARTS


def fingerprint(database: Path) -> dict[str, dict[str, Any]]:
    """Rows and content hash of every mart in a DuckDB file.

    The hash is the SHA-256 of the sorted SHA-256 of the rows, each row as a JSON object.

    Args:
        database: a build's or a snapshot's DuckDB file.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        return {mart: _of_table(connection, mart) for mart in MARTS}


def _of_table(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    row = connection.execute(
        f"""
        select count(*), sha256(coalesce(string_agg(row_hash, '' order by row_hash), ''))
        from (select sha256(cast(to_json(t) as varchar)) as row_hash from {table} as t)
        """  # noqa: S608 - the name is one of ours
    ).fetchone()
    rows, sha256 = row or (0, "")
    return {"rows": rows, "sha256": sha256}
