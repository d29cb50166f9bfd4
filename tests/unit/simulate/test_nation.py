"""Who reports, into which folder, and how large each is."""

from datetime import date

from national_kpi.agencies import may_speak_for
from national_kpi.catalogue import Catalogue
from national_kpi.periods import Period
from national_kpi.simulate.nation import Reporter, months_from, reporters_of
from tests.unit.simulate.conftest import RECEIVED_ON


def test_months_cross_the_year() -> None:
    assert [month.code for month in months_from(date(2022, 11, 1), 3)] == ["2022-M11", "2022-M12", "2023-M01"]


def test_every_reporting_agency_of_the_month_takes_part(catalogue: Catalogue) -> None:
    before, after = (months_from(day, 1) for day in (date(2022, 8, 1), date(2026, 1, 1)))
    assert len(reporters_of(catalogue, before, RECEIVED_ON, 1, 10)) == 93
    today = reporters_of(catalogue, after, RECEIVED_ON, 1, 10)
    assert sum(one.agency.kind == "province" for one in today) == 34
    assert not [one for one in today if one.agency.kind in ("unit", "collective")]


def test_a_file_lies_in_the_folder_of_who_may_speak_for_its_agency(
    catalogue: Catalogue, nation: tuple[Reporter, ...]
) -> None:
    folders = {one.agency.agency_id: one.folder for one in nation}
    assert folders["H02@0001-01-01"] == "H05"  # Bắc Giang is part of Bắc Ninh now
    assert folders["G13@0001-01-01"] == "G10"
    for one in nation:
        holder = catalogue.holder(one.folder, RECEIVED_ON)
        assert holder and may_speak_for(catalogue, holder, one.agency)


def test_without_a_day_of_receipt_every_agency_has_its_own_folder(
    catalogue: Catalogue, months: tuple[Period, ...]
) -> None:
    nation = reporters_of(catalogue, months, None, 1, 10)
    assert all(one.folder == one.agency.agency_code for one in nation)


def test_services_add_up_and_nobody_has_none(nation: tuple[Reporter, ...]) -> None:
    assert sum(one.services for one in nation) == 40 * len(nation)
    assert min(one.services for one in nation) >= 1


def test_another_seed_is_another_nation(
    catalogue: Catalogue, months: tuple[Period, ...], nation: tuple[Reporter, ...]
) -> None:
    assert reporters_of(catalogue, months, RECEIVED_ON, 1, 40) == nation
    other = reporters_of(catalogue, months, RECEIVED_ON, 2, 40)
    assert [one.services for one in other] != [one.services for one in nation]
