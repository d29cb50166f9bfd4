"""The dbt project keeps what the design promises: grain, tests, contracts, descriptions."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from national_kpi.catalogue.load import load_catalogue
from national_kpi.catalogue.tables import TABLES
from national_kpi.paths import CATALOGUE_DIR, DBT_PROJECT_DIR
from national_kpi.warehouse.carry import carried_models
from national_kpi.warehouse.marts import MARTS

MODELS_DIR = DBT_PROJECT_DIR / "models"


def documents() -> list[dict[str, Any]]:
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(MODELS_DIR.rglob("*.yml"))]


DOCUMENTED = {model["name"]: model for document in documents() for model in document.get("models", [])}
SQL = {file.stem: file for file in sorted(MODELS_DIR.rglob("*.sql"))}
UNIT_TESTED = {test["model"] for document in documents() for test in document.get("unit_tests", [])}
COLUMN_DOCS = dict(
    re.findall(
        r"{% docs (\w+) %}\n(.+?)\n{% enddocs %}",
        (MODELS_DIR / "marts" / "columns.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
)


def arguments_of(model: str, name: str) -> list[dict[str, Any]]:
    return [test[name]["arguments"] for test in DOCUMENTED[model]["data_tests"] if name in test]


def test_every_model_is_described_and_every_description_has_a_model() -> None:
    assert set(DOCUMENTED) == set(SQL)
    assert all(model["description"].strip() for model in DOCUMENTED.values())


def test_publishing_knows_every_mart_and_no_other() -> None:
    assert {name for name, file in SQL.items() if file.parent.name == "marts"} == set(MARTS)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_states_its_grain_and_tests_it(mart: str) -> None:
    grain = DOCUMENTED[mart]["config"]["meta"]["grain"]
    assert tuple(grain) == MARTS[mart]
    key = DOCUMENTED[mart]["columns"][0]
    assert key["constraints"] == [{"type": "not_null"}]
    tested = [tuple(arguments["columns"]) for arguments in arguments_of(mart, "grain")]
    assert tuple(grain) in tested or (key["name"],) in tested
    assert (key["name"],) in tested


@pytest.mark.parametrize("mart", MARTS)
def test_codes_in_a_mart_are_held_to_their_dimension(mart: str) -> None:
    columns = {column["name"] for column in DOCUMENTED[mart]["columns"]}
    dimensions = {
        "agency_id": "dim_agency",
        "period_code": "dim_period",
        "target_id": "dim_target",
        "submission_id": "fct_submission",
    }
    expected = {
        column: parent for column, parent in dimensions.items() if column in columns and parent != mart
    }
    links = {
        column: parent
        for arguments in arguments_of(mart, "belongs_to")
        for column, parent in arguments["links"].items()
    }
    assert expected.items() <= links.items()


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_and_its_columns_are_described_in_both_languages(mart: str) -> None:
    vietnamese, _, english = DOCUMENTED[mart]["description"].partition(" / ")
    assert re.search(r"[ăâđêôơưạảấầậắộớờợịốồổệểềế]", vietnamese) and english
    for column in DOCUMENTED[mart]["columns"]:
        assert column["data_type"]
        assert column["description"] == f'{{{{ doc("{column["name"]}") }}}}'
        vietnamese, _, english = COLUMN_DOCS[column["name"]].partition(" / ")
        assert vietnamese and english, column["name"]


def test_no_column_description_is_left_over() -> None:
    used = {column["name"] for mart in MARTS for column in DOCUMENTED[mart]["columns"]}
    assert set(COLUMN_DOCS) == used


@pytest.mark.parametrize(
    "model",
    [
        "fct_finding",
        "fct_index_component",
        "fct_kpi_gap",
        "fct_kpi_rank",
        "fct_milestone_status",
        "int_obligation_status",
        "int_obligation_components",
        "fct_system_status",
        "int_agencies",
        "int_certified_values",
        "int_index_scores",
        "int_index_values",
        "int_dossier_totals",
        "int_element_totals",
        "int_findings_of_intake",
        "int_findings_of_models",
        "int_kpi_gaps",
        "int_kpi_values_by_agency",
        "int_kpi_values_by_period",
        "int_kpi_values_current",
        "int_kpi_values_growth",
        "int_kpi_values_reported",
        "int_observations",
        "int_service_parts",
        "int_service_periods",
        "int_service_set_counts",
        "int_service_spans",
        "int_service_totals",
        "int_submissions",
        "int_system_agencies",
        "int_system_figures",
        "int_target_agencies",
        "int_target_series",
        "int_target_values",
        "int_targets",
        "int_unit_confirmations",
    ],
)
def test_what_computes_has_a_unit_test(model: str) -> None:
    assert model in UNIT_TESTED


def test_materialisation_is_set_by_folder_never_by_model() -> None:
    assert [name for name, file in SQL.items() if "config(" in file.read_text(encoding="utf-8")] == []
    project = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = project["models"]["national_kpi"]
    assert folders["marts"]["+contract"] == {"enforced": "{{ (target.type == 'duckdb') | as_bool }}"}
    assert project["seeds"]["national_kpi"]["+enabled"] is False


def test_what_only_one_database_understands_stands_in_a_macro() -> None:
    """A sample of it; that the rest is understood by both, tests/spark shows."""
    of_duckdb = re.compile(
        r"union all by name|\b(exclude \(|(unnest|string_agg|list|strftime)\(|hugeint\b)|//|as varchar"
    )
    assert [name for name, file in SQL.items() if of_duckdb.search(file.read_text(encoding="utf-8"))] == []
    dialect = (DBT_PROJECT_DIR / "macros" / "dialect.sql").read_text(encoding="utf-8")
    assert of_duckdb.search(dialect)
    for_duckdb, for_spark = (re.findall(rf"macro {kind}__(\w+)", dialect) for kind in ("duckdb", "spark"))
    assert for_duckdb == for_spark


def test_what_is_taken_over_from_an_earlier_build_is_incremental() -> None:
    project = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = project["models"]["national_kpi"]
    assert (
        folders["submissions"]["+materialized"]
        == folders["staging"]["lake"]["+materialized"]
        == "{{ 'table' if target.type == 'spark' else 'incremental' }}"
    )
    assert {"int_element_totals", "int_service_set_counts", "stg_milestone_reports"} <= set(carried_models())


def test_only_what_is_taken_over_reads_the_lake_and_only_what_is_new_of_it() -> None:
    read_by = {name for name, file in SQL.items() if "lake(" in file.read_text(encoding="utf-8")}
    views = {name for name in read_by if SQL[name].parent.name == "staging"}
    assert read_by - views <= set(carried_models())
    used_by = {
        name
        for name, file in SQL.items()
        for view in views
        if f'ref("{view}")' in file.read_text(encoding="utf-8")
    }
    assert used_by and used_by <= set(carried_models()), (
        "a view holds only rows that no earlier build has read"
    )


def test_the_catalogue_is_one_source_table_each() -> None:
    (document,) = (document for document in documents() if "sources" in document)
    tables = {source["name"]: {table["name"] for table in source["tables"]} for source in document["sources"]}
    assert tables["catalogue"] == {table.table for table in TABLES}


@pytest.mark.parametrize(("model", "count"), [("int_service_totals", 11), ("int_dossier_totals", 10)])
def test_elements_counted_from_rows_are_data_elements(model: str, count: int) -> None:
    sql = SQL[model].read_text(encoding="utf-8")
    counted = set(re.findall(r"\) }} as (\w+_count)", sql))
    assert len(counted) == count
    assert counted <= {element.element_code for element in load_catalogue(CATALOGUE_DIR).data_elements}


def test_no_path_of_a_machine_and_no_clock_in_sql() -> None:
    for file in [*SQL.values(), *Path(DBT_PROJECT_DIR / "macros").glob("*.sql")]:
        text = file.read_text(encoding="utf-8")
        assert not re.search(
            r"current_(date|timestamp)|now\(\)|today\(\)|run_started_at|random\(\)|'/\w", text
        ), file
