"""Every rule fires on a row made for it, and on no good row."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import national_kpi
from national_kpi.catalogue import load_catalogue
from national_kpi.lake import lake_schema
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)
PACKAGE = Path(national_kpi.__file__).parent

GOOD: dict[str, dict[str, Any]] = {
    "F01": {"element_code": "services_count", "value": Decimal(12)},
    "F02": {
        "procedure_code": "1.000105", "service_level": "mức 4", "dossiers_total": 10, "dossiers_online": 4,
        "dossiers_postal": 6,
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
        "dossier_code": "000.00.15.H52-220801-0001", "received_on": date(2022, 8, 1),
        "due_on": date(2022, 8, 1), "returned_on": date(2022, 8, 1), "state": "đã giải quyết",
    },
}  # fmt: skip

NEGATIVE = {
    "F01": ["value"],
    "F02": ["dossiers_total", "dossiers_online", "dossiers_postal"],
    "F03": [column for column in GOOD["F03"] if column != "field_or_unit"],
    "F04": [column for column in GOOD["F04"] if column != "unit"],
    "F05": ["done_count", "planned_count"],
    "F06": ["visits"],
}

BAD: dict[str, dict[str, Any]] = {
    f"{form}-{number:03}": {column: -1}
    for form, columns in NEGATIVE.items()
    for number, column in enumerate(columns, start=1)
} | {
    "F02-004": {"dossiers_online": 11},
    "F02-005": {"dossiers_postal": 11},
    "F03-012": {"received_total": 21},
    "F03-013": {"pending_total": 9},
    "F03-014": {"resolved_total": 13},
    "F03-015": {"pending_on_time": 7},
    "F04-009": {"documents_sent_electronic": 101},
    "F04-010": {"documents_signed": 91},
    "F04-011": {"documents_signed_wrong": 11},
    "F04-012": {"work_files_online": 51},
    "F05-003": {"done_count": 4},
    "F05-004": {"completed_on": None},
    "F05-005": {"state": "đang thực hiện"},
    "F05-006": {"completed_on": date(2022, 8, 23)},
    "F07-001": {"numerator": -1},
    "F07-002": {"denominator": 0},
    "F07-003": {"numerator": 150},
    "F07-004": {"stated_value": Decimal("70.6")},
    "F07-005": {"period_from": date(2022, 8, 23)},
    "F07-006": {"published_on": date(2022, 8, 21)},
    "F07-007": {"stated_value": Decimal("100.5")},
    "F08-001": {"received_on": date(2022, 8, 23)},
    "F08-002": {"due_on": date(2022, 7, 31)},
    "F08-003": {"returned_on": date(2022, 7, 31)},
    "F08-004": {"state": "đang giải quyết"},
}  # fmt: skip

REPEATED = {"F01-002", "F02-006", "F03-016", "F04-013", "F05-007", "F06-002", "F07-008", "F08-005"}
"""Rules that fire on the same good row given twice."""


def broken_rules(form_code: str, *rows: dict[str, Any]) -> set[str]:
    schema = lake_schema(CATALOGUE, form_code)
    envelope = {
        "agency_id": "H52@0001-01-01",
        "period_code": "2022-01-01..2022-08-22",
        "period_end": date(2022, 8, 22),
    }
    cells = [{name: {**envelope, **row}.get(name) for name in schema.names} for row in rows]
    broken = set()
    with duckdb.connect() as connection:
        connection.register("submission", pa.Table.from_pylist(cells, schema=schema))
        for rule in CATALOGUE.rules_of(form_code, "row"):
            answers = connection.execute(f"select ({rule.predicate}) from submission").fetchall()
            if any(answer is False for (answer,) in answers):
                broken.add(rule.rule_id)
    return broken


def test_every_rule_has_a_row_that_breaks_it_and_no_row_is_for_no_rule():
    assert set(BAD) | REPEATED == {rule.rule_id for rule in CATALOGUE.rules if rule.kind == "row"}


@pytest.mark.parametrize("form_code", GOOD)
def test_a_good_row_breaks_no_rule(form_code: str):
    assert broken_rules(form_code, GOOD[form_code]) == set()


@pytest.mark.parametrize("form_code", GOOD)
def test_a_row_of_empty_cells_breaks_no_rule(form_code: str):
    assert broken_rules(form_code, {}) == set()


@pytest.mark.parametrize("rule_id", BAD)
def test_a_bad_row_breaks_its_rule(rule_id: str):
    form_code = rule_id.split("-")[0]
    assert rule_id in broken_rules(form_code, {**GOOD[form_code], **BAD[rule_id]})


@pytest.mark.parametrize("rule_id", sorted(REPEATED))
def test_a_row_given_twice_breaks_the_rule_on_repetition(rule_id: str):
    form_code = rule_id.split("-")[0]
    assert broken_rules(form_code, GOOD[form_code], GOOD[form_code]) == {rule_id}


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed", "decimals", "agrees"),
    [
        (1, 326, "0.3", 1, True),
        (66, 302, "22", 0, True),
        (105, 149, "70.5", 1, True),
        (124, 436, "28.5", 1, False),
        (124, 436, "28.4", 1, True),
        (1, 8, "12.5", 1, True),
        (1, 8, "13", 0, True),
        (1, 8, "12", 0, True),
        (2, 3, "66.67", 2, True),
        (2, 3, "66.66", 2, False),
    ],
)
def test_a_printed_percentage_must_agree_within_half_a_unit_of_its_last_decimal(
    numerator, denominator, printed, decimals, agrees
):
    row = GOOD["F07"] | {
        "numerator": numerator,
        "denominator": denominator,
        "stated_value": Decimal(printed),
        "decimals": decimals,
    }
    assert ("F07-004" in broken_rules("F07", row)) is not agrees


def test_the_structural_rules_of_the_catalogue_are_those_intake_applies():
    sources = [file.read_text(encoding="utf-8") for file in (PACKAGE / "intake").rglob("*.py")]
    applied = {name for source in sources for name in re.findall(r'"([A-Z]+-[0-9]{2})"', source)}
    assert applied == {rule.rule_id for rule in CATALOGUE.rules if rule.kind == "structural"}
