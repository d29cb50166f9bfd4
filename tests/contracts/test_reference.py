"""The pages written from the catalogue say what the catalogue says."""

from pathlib import Path

from national_kpi.catalogue import load_catalogue
from national_kpi.intake.reference import RULES_PAGE, main, rules_page
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse import dictionary
from national_kpi.warehouse.dictionary import DICTIONARY_PAGE, dictionary_page
from national_kpi.warehouse.marts import MARTS


def test_the_page_on_rules_is_that_of_the_catalogue() -> None:
    page = rules_page(load_catalogue(CATALOGUE_DIR))
    assert RULES_PAGE.read_text(encoding="utf-8") == page, "run `make docs`"


def test_the_page_holds_every_rule_with_its_condition_and_words() -> None:
    catalogue = load_catalogue(CATALOGUE_DIR)
    page = " ".join(rules_page(catalogue).split())
    for rule in catalogue.rules:
        assert f"### {rule.rule_id} " in page
        for text in (rule.predicate, rule.message_vi, rule.mend_en, rule.legal_basis):
            assert " ".join((text or "").split()) in page, rule.rule_id


def test_the_page_can_be_written_elsewhere(tmp_path: Path) -> None:
    page = tmp_path / "reference" / "rules.md"
    main(["-o", str(page)])
    assert page.read_text(encoding="utf-8") == RULES_PAGE.read_text(encoding="utf-8")


def test_the_data_dictionary_is_that_of_the_marts() -> None:
    page = dictionary_page(load_catalogue(CATALOGUE_DIR))
    assert DICTIONARY_PAGE.read_text(encoding="utf-8") == page, "run `make docs`"


def test_the_data_dictionary_holds_every_mart_and_every_indicator() -> None:
    catalogue = load_catalogue(CATALOGUE_DIR)
    page = dictionary_page(catalogue)
    for mart in MARTS:
        assert f"### {mart}\n" in page
    for kpi in catalogue.kpis:
        assert f"### {kpi.kpi_code}\n" in page and kpi.formula_vi in page
    for target in catalogue.targets:
        assert f"Chỉ tiêu {target.target_id}: " in page


def test_the_data_dictionary_can_be_written_elsewhere(tmp_path: Path) -> None:
    page = tmp_path / "dictionary.md"
    dictionary.main(["-o", str(page)])
    assert page.read_text(encoding="utf-8") == DICTIONARY_PAGE.read_text(encoding="utf-8")
