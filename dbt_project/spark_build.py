"""Builds the models on a Spark cluster. Runs in the Spark environment, which has no `national_kpi`.

The session it opens is the one that dbt's target `spark` uses. Before dbt runs, it declares what DuckDB
reads by name: each file of the build's inputs as a table, and the accepted files of each form in the lake as
one. Driver and workers must see the home under one path.

Usage: python dbt_project/spark_build.py INPUTS FOLDER MASTER DBT_OPTION …
    INPUTS  what the platform exported for this build
    FOLDER  an empty folder: links to the lake and the tables that are made go there
    MASTER  the cluster, spark://host:7077
Exit status: dbt's.
"""

import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

SETTINGS = {
    # No Hive: tables are known as long as the session lasts, their files lie in FOLDER.
    "spark.sql.catalogImplementation": "in-memory",
    # Decimals as in DuckDB: the exact result, or none.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    # With as many columns as ours, what could be concluded of them takes minutes to find out.
    "spark.sql.constraintPropagation.enabled": "false",
}
"""What the models rest on. How much of the cluster is used stands in Spark's own configuration."""


def main() -> int:
    """Open the session, declare the inputs, run dbt."""
    inputs, folder, master, *options = sys.argv[1:]
    spark = open_session(master, Path(folder))
    declare_inputs(spark, Path(inputs))
    declare_lake(spark, Path(inputs), Path(folder) / "lake")
    result = dbtRunner().invoke(options)
    spark.stop()
    if result.exception:
        print(result.exception)
    return 0 if result.success else 1


def open_session(master: str, folder: Path) -> SparkSession:
    """A session on the cluster, whose tables lie in the folder."""
    builder = SparkSession.builder.master(master).appName(f"national-kpi {folder.parent.name}")
    for name, value in {**SETTINGS, "spark.sql.warehouse.dir": str(folder / "tables")}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def declare_inputs(spark: SparkSession, inputs: Path) -> None:
    """The sources of dbt_project/models/sources.yml, each where its `external_location` says."""
    for source in ("inputs", "catalogue", "archive", "lake"):
        spark.sql(f"create database if not exists {source}")
    for file in inputs.glob("*.parquet"):
        spark.catalog.createTable(f"inputs.{file.stem}", str(file), "parquet")
    for file in (inputs / "catalogue").glob("*.parquet"):
        spark.catalog.createTable(f"catalogue.{file.stem}", str(file), "parquet")
    for empty in inputs.glob("*/empty.parquet"):
        columns = spark.read.parquet(str(empty)).schema
        spark.catalog.createTable(f"archive.{empty.parent.name}", str(empty.parent), "parquet", columns)


def declare_lake(spark: SparkSession, inputs: Path, links: Path) -> None:
    """A table for each form, of links to its accepted files; a column that an older file lacks is null."""
    for empty in (inputs / "empty").glob("*.parquet"):
        (links / empty.stem).mkdir(parents=True)
        (links / empty.stem / empty.name).symlink_to(empty)
    for row in spark.table("inputs.submissions").select("form_code", "submission_id", "lake_path").collect():
        (links / row.form_code / f"{row.submission_id}.parquet").symlink_to(row.lake_path)
    for form in links.iterdir():
        columns = spark.read.parquet(str(inputs / "empty" / f"{form.name}.parquet")).schema
        spark.catalog.createTable(f"lake.{form.name}", str(form), "parquet", columns)


if __name__ == "__main__":
    sys.exit(main())
