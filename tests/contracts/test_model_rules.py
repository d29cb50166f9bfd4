"""Rules that the models apply: the catalogue, the SQL and the unit tests speak of the same ones."""

import re
from typing import Any

import pytest
import yaml

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.checks.forms import MODEL_WORDS
from national_kpi.paths import CATALOGUE_DIR, DBT_PROJECT_DIR

INTERMEDIATE = DBT_PROJECT_DIR / "models" / "intermediate"
RULES = {rule.rule_id: rule for rule in load_catalogue(CATALOGUE_DIR).rules if rule.kind == "model"}
SQL = {file.stem: file.read_text(encoding="utf-8") for file in (INTERMEDIATE / "findings").glob("*.sql")}
UNITED = (INTERMEDIATE / "int_findings_of_models.sql").read_text(encoding="utf-8")
UNIT_TESTS: list[dict[str, Any]] = yaml.safe_load(
    (INTERMEDIATE / "findings" / "findings.yml").read_text(encoding="utf-8")
)["unit_tests"]


def applied_by(rule_id: str) -> str:
    (text,) = (text for text in SQL.values() if f"'{rule_id}' as rule_id" in text)
    return text


def test_every_model_rule_is_applied_and_no_other() -> None:
    applied = {name for text in SQL.values() for name in re.findall(r"'(MODEL-\d+)' as rule_id", text)}
    assert applied == set(RULES)


def test_every_model_of_findings_is_united() -> None:
    assert set(re.findall(r'"(int_finding_\w+)"', UNITED)) == set(SQL)


def test_the_words_of_messages_are_those_the_models_fill_in() -> None:
    (words,) = re.findall(r"set words = {(.*?)\n}", UNITED, re.DOTALL)
    assert set(re.findall(r'^ +"(\w+)":', words, re.MULTILINE)) == MODEL_WORDS


@pytest.mark.parametrize("rule_id", RULES)
def test_limits_are_numbers_of_the_catalogue(rule_id: str) -> None:
    text, rule = applied_by(rule_id), RULES[rule_id]
    assert ("limits.threshold" in text) == (rule.threshold is not None)
    assert ("limits.minimum" in text) == (rule.minimum is not None)
    for limit in ("threshold", "minimum"):
        stated = f"{{{limit}}}" in rule.message_vi and f"{{{limit}}}" in rule.message_en
        assert stated == (getattr(rule, limit) is not None), "a rule says beyond what it speaks"


@pytest.mark.parametrize("rule_id", RULES)
def test_a_model_rule_has_a_case_that_fires_and_one_that_does_not(rule_id: str) -> None:
    (test,) = (test for test in UNIT_TESTS if SQL[test["model"]] == applied_by(rule_id))
    fires = [row for row in test["expect"]["rows"] if row["rule_id"] == rule_id]
    places = {(row.get("agency_id"), row.get("period_code"), row.get("kpi_code")) for row in fires}
    given = {
        (row.get("agency_id"), row.get("period_code"), row.get("kpi_code"))
        for source in test["given"]
        for row in source["rows"]
    }
    assert fires and given - places
    told = set(re.findall(r"{(found|expected|evidence)}", RULES[rule_id].message_vi))
    assert all(row.get(word) for row in fires for word in told), "a message would have a hole"
