"""What dbt reports is told by name, with rows."""

import json
from pathlib import Path

import duckdb
import pytest

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


def test_the_parsed_project_goes_from_build_to_build_while_no_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, cache = tmp_path / "project", tmp_path / ".dbt"
    monkeypatch.setattr("national_kpi.warehouse.dbt.DBT_PROJECT_DIR", project)
    (project / "models").mkdir(parents=True)
    (project / "models" / "a.yml").write_text("one")

    def lent(name: str) -> bytes | None:
        lend_parsed_project(cache, tmp_path / name)
        parsed = tmp_path / name / "target" / PARSED_PROJECT
        return parsed.read_bytes() if parsed.exists() else None

    assert lent("first") is None
    (tmp_path / "first" / "target" / PARSED_PROJECT).write_bytes(b"parsed")
    keep_parsed_project(tmp_path / "first", cache)
    assert lent("second") == b"parsed"
    (project / "models" / "a.yml").rename(project / "models" / "b.yml")
    assert lent("third") is None, "dbt cannot follow a description to another file"
    (tmp_path / "third" / "target" / PARSED_PROJECT).write_bytes(b"parsed anew")
    keep_parsed_project(tmp_path / "third", cache)
    assert lent("fourth") == b"parsed anew"
    assert len(list(cache.iterdir())) == 1
