"""The same marts from a cluster: a master and two workers build what DuckDB builds, row for row."""

from collections.abc import Iterator
from datetime import timedelta

import duckdb
import pytest

from national_kpi.errors import BuildError
from national_kpi.warehouse.build import BuildResult
from national_kpi.warehouse.marts import MARTS
from national_kpi.warehouse.publish import publish
from national_kpi.warehouse.spark_cluster import spark_cluster
from national_kpi.warehouse.sql import quoted
from tests.integration.certified_home import at
from tests.spark.nation import Nation

pytestmark = pytest.mark.needs_java

NOW = at("2026-10-02", 10)
LITTLE_USED = {"fct_canary"}
"""Marts that may be without a row on this day."""


SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {
    "spark.driver.extraJavaOptions": SHORT_LIVED,
    "spark.executor.extraJavaOptions": SHORT_LIVED,
    "spark.sql.files.openCostInBytes": "65536",
    # For so few rows it takes longer to compile, to plan again and to share out than to compute.
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with spark_cluster(tmp_path_factory.mktemp("spark") / "cluster", settings=SETTINGS) as address:
        yield address


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    nation = Nation(tmp_path_factory.mktemp("nation"))
    yield nation
    nation.context.engine.dispose()


@pytest.fixture(scope="module")
def on_one_machine(nation: Nation) -> BuildResult:
    return nation.build(NOW)


@pytest.fixture(scope="module")
def on_the_cluster(nation: Nation, cluster: str) -> BuildResult:
    return nation.build(NOW + timedelta(minutes=1), spark_master=cluster)


def test_every_mart_is_the_same_row_for_row(on_one_machine: BuildResult, on_the_cluster: BuildResult) -> None:
    differing, empty = {}, set()
    with duckdb.connect() as connection:
        for name, result in (("duck", on_one_machine), ("spark", on_the_cluster)):
            connection.execute(f"attach {quoted(result.duckdb_path)} as {name} (read_only)")
        for mart in MARTS:
            described = [
                connection.sql(f"select column_name, column_type from (describe {name}.{mart})").fetchall()
                for name in ("duck", "spark")
            ]
            assert described[0] == described[1], mart
            one_sided = connection.sql(
                f"""
                (select 'DuckDB only' as side, * from (from duck.{mart} except all from spark.{mart}))
                union all
                (select 'Spark only' as side, * from (from spark.{mart} except all from duck.{mart}))
                """
            ).fetchmany(4)
            if one_sided:
                differing[mart] = one_sided
            if not connection.sql(f"from duck.{mart} limit 1").fetchall():
                empty.add(mart)
    assert differing == {}
    assert empty <= LITTLE_USED, "a mart without rows proves nothing"
    assert on_one_machine.fingerprint == on_the_cluster.fingerprint


def test_what_a_cluster_built_is_published_like_any_build(
    nation: Nation, on_the_cluster: BuildResult
) -> None:
    context = nation.context
    published = publish(
        context.settings, context.paths, context.engine, build_id=on_the_cluster.build_id, now=NOW
    )
    assert published.fingerprint == on_the_cluster.fingerprint
    assert not list(on_the_cluster.duckdb_path.parent.glob("spark/tables")), "no table is kept twice"


@pytest.mark.parametrize(
    ("master", "said"),
    [
        ("spark://nowhere", "Invalid master URL"),
        # Spark tries for a minute.
        pytest.param("spark://127.0.0.1:9", "All masters are unresponsive", marks=pytest.mark.proof_only),
    ],
)
def test_a_build_that_spark_cannot_do_fails_and_says_why(nation: Nation, master: str, said: str) -> None:
    with pytest.raises(BuildError, match=said) as failed:
        nation.build(NOW + timedelta(minutes=2), spark_master=master)
    assert failed.value.where.endswith("spark.log")
