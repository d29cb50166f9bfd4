"""Only what is certain to be what the whole lake gives is taken over from an earlier build."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from national_kpi.catalogue.load import load_catalogue
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse import carry
from national_kpi.warehouse.carry import SEAL_FILE, carried_models, carry_over, models_key, seal
from national_kpi.warehouse.dbt import DUCKDB_FILE
from national_kpi.warehouse.inputs import SUBMISSIONS_FILE, LedgerState, Reach, submissions_table

KEY = "key"


def state(*submission_ids: str, **changed: Any) -> LedgerState:
    rows = [
        {
            "submission_id": submission_id,
            "form_code": "F02",
            "sha256": submission_id,
            "lake_path": f"lake/{submission_id}.parquet",
            "lake_version": "1-1",
            **changed,
        }
        for submission_id in submission_ids
    ]
    return LedgerState(tuple(rows), (), Reach(len(rows), {}, None))


def write_build(folder: Path, known: LedgerState, key: str = KEY) -> Path:
    (folder / "inputs").mkdir(parents=True)
    pq.write_table(submissions_table(known), folder / "inputs" / SUBMISSIONS_FILE)
    with duckdb.connect(str(folder / DUCKDB_FILE)) as connection:
        for model in carried_models():
            connection.execute(f"create table {model} (submission_id varchar, value decimal(28, 6))")
            for row in known.submissions:
                connection.execute(f"insert into {model} values (?, 1.5)", [row["submission_id"]])
    seal(folder, key)
    return folder


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    return write_build(tmp_path / "builds" / "20261122T090000-aaaaaa", state("a", "b"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new = tmp_path / "builds" / "20261122T100000-ffffff"
    new.mkdir(parents=True)
    return new


def rows_in(database: Path) -> set[int]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            count
            for model in carried_models()
            for (count,) in connection.execute(f"select count(*) from {model}").fetchall()
        }


def test_what_an_earlier_build_made_is_taken_over(earlier: Path, folder: Path) -> None:
    assert carry_over(folder.parent, folder, KEY, state("a", "b", "new")) == ("a", "b")
    assert rows_in(folder / DUCKDB_FILE) == {2}


def test_without_an_earlier_build_the_whole_lake_is_read(folder: Path) -> None:
    assert carry_over(folder.parent, folder, KEY, state("a")) == ()
    assert not (folder / DUCKDB_FILE).exists()


def flip_a_byte(database: Path) -> None:
    content = bytearray(database.read_bytes())
    for place in range(12_288 + 100, len(content), 4096):
        content[place] ^= 0xFF
    database.write_bytes(content)


def change_a_value(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("update int_service_totals set value = 2 where submission_id = 'a'")


def drop_a_table(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table int_service_totals")


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_byte,
        change_a_value,
        drop_a_table,
        lambda database: database.write_bytes(database.read_bytes()[:20_000]),
        lambda database: database.write_bytes(b""),
        lambda database: database.unlink(),
        lambda database: shutil.rmtree(database.parent),
        lambda database: (database.parent / SEAL_FILE).unlink(),
        lambda database: (database.parent / SEAL_FILE).write_text("{"),
        lambda database: (database.parent / SEAL_FILE).write_text("[]"),
        lambda database: (database.parent / SEAL_FILE).write_text(json.dumps({"key": KEY})),
        lambda database: (database.parent / "inputs" / SUBMISSIONS_FILE).unlink(),
        lambda database: pq.write_table(
            submissions_table(state("a", "b", "new")), database.parent / "inputs" / SUBMISSIONS_FILE
        ),
    ],
)
def test_nothing_is_taken_over_from_a_damaged_build(
    earlier: Path, folder: Path, damage: Callable[[Path], object]
) -> None:
    damage(earlier / DUCKDB_FILE)
    assert carry_over(folder.parent, folder, KEY, state("a", "b", "new")) == ()
    assert not (folder / DUCKDB_FILE).exists(), "dbt would take what was copied for whole"


@pytest.mark.parametrize(
    "ledger",
    [
        state("a", "new"),
        state("a", "b", sha256="another file"),
        state("a", "b", lake_path="elsewhere.parquet"),
        state("a", "b", lake_version="2-2"),
        state(),
    ],
)
def test_a_build_that_knows_a_submission_as_it_is_not_is_passed_over(
    earlier: Path, folder: Path, ledger: LedgerState
) -> None:
    assert carry_over(folder.parent, folder, KEY, ledger) == ()


def test_other_sql_or_another_catalogue_takes_nothing_over(earlier: Path, folder: Path) -> None:
    assert carry_over(folder.parent, folder, "another key", state("a", "b")) == ()


def test_the_newest_usable_build_is_taken(tmp_path: Path, earlier: Path, folder: Path) -> None:
    newer = write_build(earlier.with_name("20261122T093000-aaaaaa"), state("a", "b", "c"))
    write_build(earlier.with_name("20261122T094000-aaaaaa"), state("a", "b", "c", "gone"))
    change_a_value(write_build(earlier.with_name("20261122T095000-aaaaaa"), state("a")) / DUCKDB_FILE)
    assert carry_over(folder.parent, folder, KEY, state("a", "b", "c", "d")) == ("a", "b", "c")
    shutil.rmtree(newer)
    (folder / DUCKDB_FILE).unlink()
    assert carry_over(folder.parent, folder, KEY, state("a", "b", "c", "d")) == ("a", "b")


def test_the_key_follows_what_the_tables_are_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shutil.ignore_patterns("target", "logs")
    project = Path(shutil.copytree(carry.DBT_PROJECT_DIR, tmp_path / "dbt_project", ignore=made))
    monkeypatch.setattr(carry, "DBT_PROJECT_DIR", project)
    catalogue = load_catalogue(CATALOGUE_DIR)
    key = models_key(catalogue)

    def after(name: str, addition: str, folder: Path = project) -> str:
        file = next(folder.rglob(name))
        before = file.read_text(encoding="utf-8")
        file.write_text(before + addition, encoding="utf-8")
        changed = models_key(load_catalogue(project / "seeds"))
        file.write_text(before, encoding="utf-8")
        return changed

    assert after("int_element_totals.sql", "-- changed") != key
    assert after("stg_services.sql", "-- changed") != key, "int_service_totals is made from it"
    assert after("stg_milestone_reports.sql", "-- changed") != key
    assert after("lake.sql", "{# changed #}") != key
    assert after("dbt_project.yml", "# changed") != key
    column = "F99,1,booths,Số ki-ốt,,integer,true,false,,,,\n"
    assert after("form_columns.csv", column) != key, "which column holds which element"
    assert after("fct_kpi_gap.sql", "-- changed") == key
    assert after("agency_aliases.csv", "Bộ Mới,G01@0001-01-01,variant,\n") == key
