"""What dbt reports is told by name, with rows."""

import json
from pathlib import Path

import duckdb

from national_kpi.warehouse.dbt import (
    PARSED_PROJECT,
    describe_failures,
    keep_parsed_project,
    lend_parsed_project,
    read_results,
)


def test_failures_name_models_and_tests_and_show_rows(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as connection:
        connection.execute("create table t as select range as n from range(9)")
    outcomes = [
        ("model.national_kpi.good", "success", "OK", "select 1"),
        ("model.national_kpi.broken", "error", "Binder Error", "x"),
        ("test.national_kpi.grain_t.1a2b", "fail", "Got 9 results", "select n from t order by n"),
        ("test.national_kpi.later.3c", "skipped", None, None),
    ]
    results = [
        {
            "unique_id": unique_id,
            "status": status,
            "message": message,
            "compiled_code": sql,
            "compiled": sql is not None,
            "execution_time": 0.12345,
        }
        for unique_id, status, message, sql in outcomes
    ]
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "run_results.json").write_text(json.dumps({"results": results}))

    read = read_results(tmp_path)
    assert [(result.kind, result.name, result.seconds) for result in read][:1] == [("model", "good", 0.123)]
    text = describe_failures(tmp_path, read)
    assert text.splitlines() == [
        "model broken: Binder Error",
        "test grain_t: Got 9 results",
        *(f"    {{'n': {n}}}" for n in range(5)),
    ]


def test_dbt_that_ended_early_has_no_results(tmp_path: Path) -> None:
    assert read_results(tmp_path) == ()


def test_the_parsed_project_goes_from_build_to_build(tmp_path: Path) -> None:
    first, second, cache = tmp_path / "first", tmp_path / "second", tmp_path / ".dbt"
    lend_parsed_project(cache, first)
    assert not (first / "target" / PARSED_PROJECT).exists()
    (first / "target" / PARSED_PROJECT).write_bytes(b"parsed")
    keep_parsed_project(first, cache)
    lend_parsed_project(cache, second)
    assert (second / "target" / PARSED_PROJECT).read_bytes() == b"parsed"
    assert [file.name for file in cache.iterdir()] == [PARSED_PROJECT]
