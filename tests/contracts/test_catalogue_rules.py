"""Every rule fires on a row made for it, and not on its nearest neighbour.

The cases are `tests/fixtures/rule_cases.csv`. Each changes cells of the good row below (`column=value`, with
`;` between them, no value for an empty cell): those of the row judged, of other rows of the file, and of the
rows of the previous period (with ` / ` between rows).
"""

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import national_kpi
from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.tables import Rule
from national_kpi.intake.digits import LARGEST_COUNT, LARGEST_NUMBER
from national_kpi.intake.rules import broken_rows
from national_kpi.lake import lake_schema
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)
PACKAGE = Path(national_kpi.__file__).parent
RULES = {rule.rule_id: rule for rule in CATALOGUE.rules if rule.form_code}

ENVELOPE: dict[str, Any] = {
    "agency_id": "H52@0001-01-01", "reported_by": "H52@0001-01-01", "period_code": "2022-M08",
    "period_start": date(2022, 8, 1), "period_end": date(2022, 8, 31), "known_from": date(2022, 9, 5),
}  # fmt: skip
BEFORE: dict[str, Any] = {
    "period_code": "2022-M07", "period_start": date(2022, 7, 1), "period_end": date(2022, 7, 31),
    "known_from": date(2022, 8, 4),
}  # fmt: skip

GOOD: dict[str, dict[str, Any]] = {
    "F01": {"element_code": "services_count", "unit": "dịch vụ", "value": Decimal(12)},
    "F02": {
        "procedure_code": "1.000105", "service_level": "mức 4", "on_national_portal": True,
        "dossiers_total": 10, "dossiers_online": 4, "dossiers_postal": 6, "e_dossier": True,
        "online_payment": True,
    },
    "F03": {
        "field_or_unit": "Đất đai", "received_total": 20, "received_online": 8, "received_direct_postal": 7,
        "received_carried": 5, "resolved_total": 12, "resolved_early": 2, "resolved_on_time": 9,
        "resolved_late": 1, "pending_total": 8, "pending_on_time": 8, "pending_late": 0,
    },
    "F04": {
        "unit": "Cục Đăng kiểm", "documents_sent": 100, "documents_sent_electronic": 90,
        "documents_signed": 80, "documents_signed_wrong": 10, "documents_received": 300,
        "documents_confidential": 3, "work_files_total": 50, "work_files_online": 50,
    },
    "F05": {
        "milestone_code": "MS_LGSP", "state": "hoàn thành", "completed_on": date(2022, 8, 22),
        "done_count": 3, "planned_count": 3,
    },
    "F06": {"portal": "Cổng thông tin điện tử", "visits": 13_042_570},
    "F07": {
        "kpi_code": "KPI_EDOC_SIGNED_RATE", "value_as_printed": "70,5%", "numerator": 105, "denominator": 149,
        "period_from": date(2022, 1, 1), "period_to": date(2022, 8, 22), "published_on": date(2022, 8, 22),
        "stated_value": Decimal("70.5"), "bound": "=", "value_low": Decimal("70.5"),
        "value_high": Decimal("70.5"), "decimals": 1, "printed_unit": "%",
    },
    "F08": {
        "dossier_code": "000.00.15.H52-220801-0001", "procedure_code": "1.000105", "channel": "trực tuyến",
        "received_on": date(2022, 8, 1), "due_on": date(2022, 8, 1), "returned_on": date(2022, 8, 1),
        "state": "đã giải quyết",
    },
    "F09": {
        "agency_id": "G04@0001-01-01", "reported_by": "G04@0001-01-01", "unit": "Cục Đăng kiểm",
        "unit_id": "G04.X-CDK@0001-01-01", "form_code": "F04", "receipt": "12/G04.X-CDK",
        "decision": "xác nhận",
    },
}  # fmt: skip

CARRIED_ON = {"F03": "pending_total=5", "F08": "state=đang giải quyết;returned_on="}
"""How the good row stood in the previous period, where it cannot have been the same."""

with (Path(__file__).parents[1] / "fixtures" / "rule_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def table(form_code: str, *rows: dict[str, Any]) -> pa.Table:
    schema = lake_schema(CATALOGUE, form_code)
    numbered = [{"row_number": number, **row} for number, row in enumerate(rows, start=8)]
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in numbered], schema)


def changed(form_code: str, cells: str, envelope: dict[str, Any]) -> dict[str, Any]:
    schema = lake_schema(CATALOGUE, form_code)
    row = envelope | GOOD[form_code]
    for cell in filter(None, cells.split(";")):
        name, value = cell.split("=", 1)
        row[name] = pa.array([value or None]).cast(schema.field(name).type)[0].as_py()
    return row


def is_broken(rule: Rule, rows: pa.Table, *previous: dict[str, Any]) -> bool:
    """Whether the first row breaks the rule."""
    earlier = table(str(rule.form_code), *previous) if rule.kind == "history" else None
    return any(0 in one.rows for one in broken_rows(CATALOGUE, rows, [rule], earlier))


def test_every_rule_has_a_case_that_fires_and_one_that_does_not() -> None:
    for outcome in ("fires", "holds"):
        assert {case["rule_id"] for case in CASES if case["outcome"] == outcome} == set(RULES)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{n} {case['rule_id']} {case['outcome']}" for n, case in enumerate(CASES, start=2)]
)
def test_a_rule_fires_on_its_case_and_not_on_the_neighbour(case: dict[str, str]) -> None:
    rule = RULES[case["rule_id"]]
    form_code = str(rule.form_code)
    cells = [case["row"], *filter(None, case["other_rows"].split(" / "))]
    rows = table(form_code, *(changed(form_code, each, ENVELOPE) for each in cells))
    earlier = case["previous_rows"].split(" / ")
    previous = [changed(form_code, each, ENVELOPE | BEFORE) for each in earlier]
    assert is_broken(rule, rows, *previous) is (case["outcome"] == "fires")


@pytest.mark.parametrize("form_code", GOOD)
def test_a_good_row_breaks_no_rule(form_code: str) -> None:
    rows = table(form_code, changed(form_code, "", ENVELOPE))
    previous = changed(form_code, CARRIED_ON.get(form_code, ""), ENVELOPE | BEFORE)
    broken = [
        rule.rule_id
        for rule in RULES.values()
        if rule.form_code == form_code and is_broken(rule, rows, previous)
    ]
    assert broken == []


@pytest.mark.parametrize("form_code", GOOD)
def test_a_row_of_empty_cells_breaks_no_rule(form_code: str) -> None:
    rows = table(form_code, {})
    rules = [rule for rule in RULES.values() if rule.form_code == form_code]
    assert [rule.rule_id for rule in rules if is_broken(rule, rows, {})] == []


@pytest.mark.parametrize("form_code", GOOD)
def test_a_row_that_is_new_in_its_period_breaks_no_rule_on_the_previous_one(form_code: str) -> None:
    rows = table(form_code, changed(form_code, "", ENVELOPE))
    rules = CATALOGUE.rules_of(form_code, "history")
    assert [rule.rule_id for rule in rules if is_broken(rule, rows, {})] == []


@pytest.mark.parametrize("form_code", GOOD)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_figures_that_are_read_overflow_no_rule(form_code: str, sign: int) -> None:
    largest: dict[str, Any] = {
        column.column_name: sign * (LARGEST_COUNT if column.data_type == "integer" else LARGEST_NUMBER)
        for column in CATALOGUE.columns_of(form_code)
        if column.data_type in ("integer", "decimal", "printed_value")
    }
    if "value_as_printed" in largest:
        largest |= {"value_as_printed": "1", "stated_value": sign * LARGEST_NUMBER}
    rows = table(form_code, *3 * [changed(form_code, "", ENVELOPE) | largest])
    previous = table(form_code, changed(form_code, "", ENVELOPE | BEFORE) | largest)
    broken_rows(CATALOGUE, rows, CATALOGUE.rules_of(form_code, "row"))
    broken_rows(CATALOGUE, rows, CATALOGUE.rules_of(form_code, "history"), previous)


def test_every_ratio_has_a_numerator_that_is_part_of_its_denominator() -> None:
    parts = {(part.element_code, part.part_of) for part in CATALOGUE.element_parts}
    ratios = {
        (kpi.numerator_element, kpi.denominator_element) for kpi in CATALOGUE.kpis if kpi.kind == "ratio"
    }
    assert ratios - parts == set()


def test_rules_of_one_form_say_different_things() -> None:
    seen = [(rule.form_code, rule.predicate) for rule in RULES.values()]
    assert len(set(seen)) == len(seen)


def test_the_structural_rules_of_the_catalogue_are_those_intake_applies() -> None:
    sources = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")]
    applied = {name for source in sources for name in re.findall(r'"([A-Z]+-[0-9]{2})"', source)}
    by_models = {rule.rule_id for rule in CATALOGUE.rules if rule.kind == "model"}
    assert applied - by_models == {rule.rule_id for rule in CATALOGUE.rules if rule.kind == "structural"}
