"""Names of provinces as really typed: each means its province, and a damaged one is never guessed."""

import csv
from datetime import date
from pathlib import Path

import pytest

from national_kpi.agencies import AgencyResolver
from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)
RESOLVER = AgencyResolver(CATALOGUE)
DAYS = (date(2022, 8, 22), date(2024, 12, 31), date(2025, 6, 30))

SAMPLE = Path(__file__).parents[1] / "fixtures" / "province_spellings.csv"

with SAMPLE.open(encoding="utf-8", newline="") as file:
    SPELLINGS = list(csv.DictReader(file))
INTACT = [row for row in SPELLINGS if row["is_damaged"] == "false"]
DAMAGED = [row for row in SPELLINGS if row["is_damaged"] == "true"]


def holder(code: str, day: date) -> Agency | None:
    return next((row for row in CATALOGUE.agencies if row.agency_code == code and row.valid_on(day)), None)


def ended(code: str) -> Agency:
    return next(row for row in CATALOGUE.agencies if row.agency_code == code and row.valid_to)


def successor(code: str) -> str:
    steps = CATALOGUE.agency_successions
    return next(s.to_agency_id for s in steps if s.from_agency_id == ended(code).agency_id and s.is_main)


def test_the_sample_is_whole() -> None:
    assert (len(INTACT), len(DAMAGED)) == (204, 124)
    assert len({row["agency_code"] for row in SPELLINGS}) == 64
    assert all(("\ufffd" in row["spelling"]) == (row["is_damaged"] == "true") for row in SPELLINGS)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_undamaged_spelling_means_its_province(day: date) -> None:
    for row in INTACT:
        agency = holder(row["agency_code"], day) or ended(row["agency_code"])
        there = day if agency.valid_on(day) else agency.valid_to
        assert there
        assert RESOLVER.resolve(row["spelling"], there).agency == agency, row


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_province_of_the_past_is_not_taken_for_another_but_its_successor_is_suggested(day: date) -> None:
    past = [row for row in INTACT if holder(row["agency_code"], day) is None]
    assert {row["agency_code"] for row in past} == {"H.X-HABAC", "H.X-HATAY"}
    for row in past:
        resolution = RESOLVER.resolve(row["spelling"], day)
        assert (resolution.agency, resolution.reason) == (None, "closed")
        assert resolution.suggestion and resolution.suggestion.agency_id == successor(row["agency_code"])


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_damaged_spelling_is_flagged_with_the_right_suggestion_and_never_resolved(day: date) -> None:
    for row in DAMAGED:
        resolution = RESOLVER.resolve(row["spelling"], day)
        meant = holder(row["agency_code"], day)
        assert (resolution.agency, resolution.reason) == (None, "damaged"), row
        assert resolution.suggestion, row
        assert resolution.suggestion.agency_id == (
            meant.agency_id if meant else successor(row["agency_code"])
        ), row
