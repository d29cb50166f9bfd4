"""The index of Decision 766, from what agencies report to its points."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse.build import build
from national_kpi.warehouse.trace import trace
from tests.integration.building import new_platform, put_into_lake, select, select_one

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
PERIOD = "2026-Q3G"
PROVINCE, MINISTRY, INCOMPLETE = "H05@2025-07-01", "G15@0001-01-01", "H50@2025-07-01"

F01 = {
    "procedures_published_on_time_count": 9, "procedures_publish_due_count": 10,
    "procedures_disclosed_on_time_count": 8, "procedures_disclosure_due_count": 10,
    "procedures_disclosed_full_count": 190, "procedures_disclosed_count": 200,
    "dossiers_synced_count": 800,
    "dossiers_full_process_count": 60, "dossiers_full_process_eligible_count": 120,
    "dossiers_paid_online_count": 30, "dossiers_payable_count": 100,
    "petitions_on_time_count": 0, "petitions_count": 0,
    "petitions_satisfied_count": 0, "petitions_answered_count": 0,
    "dossiers_satisfied_count": 810,
    "dossiers_e_result_count": 500, "dossiers_result_due_count": 600,
    "dossiers_digitised_count": 450, "dossiers_digitised_shared_count": 0, "dossiers_citizen_data_count": 450,
    "dossiers_received_count": 900,
    "dossiers_reused_data_count": 40, "dossiers_reusable_data_count": 100,
    "procedures_citizen_data_count": 50, "procedures_count": 200,
}  # fmt: skip
COMMUNES = {"communes_e_copy_count": 10, "communes_count": 100}
F03 = {
    "field_or_unit": "Tất cả", "received_total": 1000, "received_online": 500, "received_direct_postal": 400,
    "received_carried": 100, "resolved_total": 750, "resolved_early": 400, "resolved_on_time": 300,
    "resolved_late": 50, "pending_total": 250, "pending_on_time": 200, "pending_late": 50,
}  # fmt: skip
SCORES = {
    "CKMB": Decimal("15.3"),  # 0.9 of 6, 0.8 of 4, 0.95 of 2, 0.8 of 6
    "TDGQ": Decimal("18"),  # (400 + 300 + 200) of 1000
    "CLGQ": Decimal("6"),
    "TTTT": Decimal("3"),
    "MDHL": Decimal("17.4"),  # no petitions: 6 and 6; 81 % where 90 % is the full mark: 5.4
    "MDSH": Decimal("9.7"),  # 5, 2, 0, a tenth of 2, half of the full mark: 1, 1, 0.5
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    context = new_platform(tmp_path_factory.mktemp("index"))
    catalogue = load_catalogue(CATALOGUE_DIR)
    reports: list[tuple[str, str, list[dict[str, Any]]]] = []
    for agency_id, figures in {
        PROVINCE: F01 | COMMUNES,
        MINISTRY: F01,
        INCOMPLETE: F01 | COMMUNES | {"dossiers_payable_count": None},
    }.items():
        rows = [
            {"element_code": code, "value": Decimal(value)}
            for code, value in figures.items()
            if value is not None
        ]
        reports += [(agency_id, "F01", rows), (agency_id, "F03", [F03])]
    for number, (agency_id, form_code, rows) in enumerate(reports):
        put_into_lake(
            context.paths, context.engine, catalogue, f"s{number}", form_code=form_code,
            reported_by=agency_id, period_code=PERIOD, now=NOW, rows=rows,
        )  # fmt: skip
    yield build(context.paths, context.engine, as_of=date(2026, 11, 22), now=NOW).duckdb_path
    context.engine.dispose()


def index_of(database: Path, agency_id: str) -> dict[str, Any]:
    return select_one(
        database,
        f"""
        from fct_kpi_value
        where kpi_code = 'IDX_766' and agency_id = '{agency_id}' and period_code = '{PERIOD}'
            and basis = 'reported' and is_headline
        """,
    )


@pytest.mark.parametrize(
    ("agency_id", "value", "components"), [(PROVINCE, "69.4", 17), (MINISTRY, "69.2", 16)]
)
def test_the_index_adds_up_all_components_that_count_for_an_agency(
    database: Path, agency_id: str, value: str, components: int
) -> None:
    row = index_of(database, agency_id)
    assert (row["value"], row["parts_count"], row["parts_expected"]) == (
        Decimal(value), components, components,
    )  # fmt: skip
    assert (row["made_from"], row["formula_version"], row["source"]) == ("values", "2026", "self_reported")
    assert row["numerator"] is None and row["denominator"] is None


def test_the_six_groups_show_their_points(database: Path) -> None:
    groups = select(
        database,
        f"""
        select group_code, sum(score) as score, sum(max_score) as max_score
        from fct_index_component
        where agency_id = '{PROVINCE}' and period_code = '{PERIOD}' and basis = 'reported'
        group by group_code
        """,
    )
    assert {row["group_code"]: row["score"] for row in groups} == SCORES
    assert sum(row["max_score"] for row in groups) == 100
    assert sum(SCORES.values()) == Decimal("69.4")


def test_an_index_with_a_component_missing_has_no_value(database: Path) -> None:
    row = index_of(database, INCOMPLETE)
    assert (row["value"], row["no_value_reason"]) == (None, "incomplete_components")
    assert (row["parts_count"], row["parts_expected"]) == (16, 17)
    (missing,) = select(
        database,
        f"from fct_index_component where agency_id = '{INCOMPLETE}' and basis = 'reported' and score is null",
    )
    assert (missing["kpi_code"], missing["no_score_reason_vi"]) == (
        "KPI_766_ONLINE_PAYMENT", "Chưa có số liệu",
    )  # fmt: skip


def test_an_index_is_traced_through_its_components_to_the_rows(database: Path) -> None:
    code = INCOMPLETE.partition("@")[0]
    rows = trace(database, kpi_code="IDX_766", agency_code=code, period_code=PERIOD)
    components = [row for row in rows if row["step"] == "component"]
    assert len(components) == 17
    assert [row["kpi_code"] for row in components if row["score"] is None] == ["KPI_766_ONLINE_PAYMENT"]
    followed = {row["kpi_code"] for row in rows if row["step"] == "value" and row["depth"] == 2}
    observed = {row["kpi_code"] for row in rows if row["step"] == "observation" and row["file_name"]}
    assert followed == observed == {row["kpi_code"] for row in components if row["score"] is not None}


def test_points_of_an_index_are_those_of_its_components(database: Path) -> None:
    differing = select(
        database,
        """
        select agency_id, period_code, basis
        from fct_kpi_value
        inner join (
            select agency_id, index_code as kpi_code, period_code, basis, sum(score) as points
            from fct_index_component group by all
        ) using (agency_id, kpi_code, period_code, basis)
        where value <> points
        """,
    )
    assert differing == []
