"""Building on a Spark cluster: dbt's target `spark` makes the tables; they become a build's DuckDB file.

pyspark has an environment of its own, so that `dbt_project/spark_build.py` runs there as a process.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb

from national_kpi.errors import BuildError
from national_kpi.paths import DBT_PROJECT_DIR
from national_kpi.settings import PROJECT_ROOT
from national_kpi.warehouse.dbt import (
    DUCKDB_FILE,
    LINES_SHOWN,
    NodeResult,
    dbt_arguments,
    describe_failures,
    read_results,
)
from national_kpi.warehouse.sql import quoted

SPARK_PYTHON = PROJECT_ROOT / ".venv-spark" / "bin" / "python"


def build_on_spark(folder: Path, master: str) -> tuple[NodeResult, ...]:
    """Make every model on a cluster, and a DuckDB file of its tables in the build's folder.

    What earlier builds read is not taken over: a cluster reads the whole lake.

    Args:
        folder: the build's; it holds `inputs/`. The cluster's workers must see it under the same path.
        master: the cluster, `spark://host:7077`.

    Returns:
        What became of each model.

    Raises:
        BuildError: the Spark environment is not installed, the cluster is out of reach, or a model failed.
    """
    if not SPARK_PYTHON.exists():
        raise BuildError(
            "Spark's environment is not installed",
            where=str(SPARK_PYTHON),
            remedy="run `make .venv-spark/.installed`, or empty KPI_SPARK_MASTER",
        )
    own = folder / "spark"
    own.mkdir()
    options = dbt_arguments(own, "run", "--target", "spark")
    run = subprocess.run(
        # Isolated (-I): PYTHONPATH must not put the platform's modules before Spark's.
        [SPARK_PYTHON, "-I", DBT_PROJECT_DIR / "spark_build.py", folder / "inputs", own, master, *options],
        cwd=own,
        env=os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYSPARK_PYTHON": str(SPARK_PYTHON)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (folder / "spark.log").write_text(run.stdout, encoding="utf-8")
    results = read_results(own)
    if run.returncode != 0:
        # Whatever is indented is where in Spark's code it happened.
        said = [line for line in run.stdout.splitlines() if line and not line[0].isspace()]
        first = next((number for number, line in enumerate(said) if " ERROR " in line), -LINES_SHOWN)
        failures = describe_failures(own, results) or "\n".join(said[first:][:LINES_SHOWN])
        raise BuildError(
            f"the Spark cluster {master} did not build:\n{failures}",
            where=str(folder / "spark.log"),
            remedy="see docs/deployment.md on Spark, and build again; readers keep the snapshot they have",
        )
    _load_tables(own, folder / DUCKDB_FILE)
    for made in ("tables", "lake"):
        shutil.rmtree(own / made)
    return results


def _load_tables(own: Path, database: Path) -> None:
    """Read the tables the cluster wrote into a DuckDB file, each mart as its contract declares it."""
    manifest = json.loads((own / "target" / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(database)) as connection:
        for node in manifest["nodes"].values():
            if node["resource_type"] == "model" and node["config"]["materialized"] == "table":
                name, files = node["name"], own / "tables" / f"{node['schema']}.db" / node["name"]
                made = f"from read_parquet({quoted(files / '*.parquet')})"
                if columns := _declared(node):
                    connection.execute(f"create table {name} ({columns})")
                    connection.execute(f"insert into {name} by name {made}")
                else:
                    connection.execute(f"create table {name} as {made}")


def _declared(node: dict[str, Any]) -> str:
    """The columns of a mart in SQL; empty for a table without a contract."""
    return ", ".join(
        f"{column['name']} {column['data_type']}{' not null' if column['constraints'] else ''}"
        for column in node["columns"].values()
        if column["data_type"]
    )
