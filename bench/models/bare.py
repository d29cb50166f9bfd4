"""The SQL a build ran, run again by DuckDB alone, one statement after the other, as dbt ordered them.

Prints the seconds it took. Usage: python bench/models/bare.py BUILD_FOLDER
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from national_kpi.paths import DBT_PROJECT_DIR
from national_kpi.warehouse.dbt import DUCKDB_FILE


def statements(folder: Path) -> list[str]:
    """Every model and test of a build."""
    target = folder / "target"
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    return [
        statement(nodes[result["unique_id"]], result["compiled_code"])
        for result in results
        if result["unique_id"] in nodes
    ]


def statement(node: dict[str, Any], sql: str) -> str:
    """What dbt makes of a node: a view, a table, or a test that counts what it finds."""
    if node["resource_type"] == "test":
        return f"select count(*) from ({sql})"
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    return f"create {kind} {node['name']} as ({sql})"


def main() -> None:
    """Run them in a database of their own and print how long they took."""
    folder = Path(sys.argv[1])
    profile = yaml.safe_load((DBT_PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8"))
    target = profile["national_kpi"]["outputs"]["build"]
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="bare-") as name,
        duckdb.connect(str(Path(name) / DUCKDB_FILE)) as connection,  # compiled SQL says its name
    ):
        connection.execute(f"set file_search_path = '{folder}'")
        connection.execute(f"set threads = {target['threads']}")
        for name, value in target["settings"].items():
            connection.execute(f"set {name} = {value}")
        started = time.perf_counter()
        for sql in statements(folder):
            connection.execute(sql).fetchall()
        print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
