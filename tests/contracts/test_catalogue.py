"""What the catalogue must hold: the facts it is built from."""

import math
import re
from collections import Counter
from datetime import date
from itertools import chain

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.catalogue.tables import TABLES
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)


def agencies_on(day: date) -> Counter[str]:
    return Counter(agency.kind for agency in CATALOGUE.agencies if agency.valid_on(day))


@pytest.mark.parametrize(
    ("day", "ministries", "ministry_level", "provinces"),
    [
        (date(2019, 7, 29), 18, 4, 63),
        (date(2022, 8, 22), 18, 4, 63),
        (date(2025, 2, 28), 18, 4, 63),
        (date(2025, 3, 1), 14, 3, 63),
        (date(2025, 6, 30), 14, 3, 63),
        (date(2025, 7, 1), 14, 3, 34),
    ],
)
def test_the_state_has_these_agencies_on_a_day(day, ministries, ministry_level, provinces):
    kinds = agencies_on(day)
    assert (kinds["ministry"], kinds["ministry_level"], kinds["province"]) == (
        ministries,
        ministry_level,
        provinces,
    )
    assert kinds["government_agency"] == 8


def test_who_absorbs_another_begins_anew_on_that_day():
    successors = Counter(step.to_agency_id for step in CATALOGUE.agency_successions)
    assert {agency for agency, count in successors.items() if count > 1} == {
        "G06@2025-03-01", "G09@2025-03-01", "G10@2025-03-01", "G12@2025-03-01", "G17@2025-03-01",
        *(f"{code}@2025-07-01" for code in (
            "H01", "H05", "H12", "H13", "H15", "H17", "H19", "H20", "H21", "H24", "H29", "H31", "H32",
            "H36", "H38", "H42", "H44", "H48", "H50", "H53", "H55", "H60", "H61",
        )),
    }  # fmt: skip


def test_every_agency_of_2022_has_one_holder_of_today():
    successor = {step.from_agency_id: step.to_agency_id for step in CATALOGUE.agency_successions}
    for agency in CATALOGUE.agencies:
        current = agency.agency_id
        while current in successor:
            current = successor[current]
        is_closed_unit = agency.kind == "unit" and agency.valid_to is not None
        assert is_closed_unit or CATALOGUE.agency(current).valid_to is None, agency.agency_id


def test_codes_of_the_statistics_office_name_one_province_a_day():
    for day in (date(2022, 8, 22), date(2025, 7, 1)):
        provinces = [row for row in CATALOGUE.agencies if row.kind == "province" and row.valid_on(day)]
        assert len({row.gso_code for row in provinces}) == len(provinces)


@pytest.mark.parametrize(
    ("day", "provinces"),
    [
        (date(2019, 7, 29), 63),
        (date(2022, 8, 22), 63),
        (date(2025, 6, 30), 63),
        (date(2025, 7, 1), 34),
    ],
)
def test_the_map_of_a_day_has_every_province_and_both_archipelagos(day, provinces):
    shapes = [
        (CATALOGUE.agency(shape.agency_id), shape.archipelago_vi)
        for shape in CATALOGUE.province_shapes
        if CATALOGUE.agency(shape.agency_id).valid_on(day)
    ]
    drawn = [agency for agency, archipelago in shapes if not archipelago]
    there = [row for row in CATALOGUE.agencies if row.kind == "province" and row.valid_on(day)]
    assert sorted(agency.agency_id for agency in drawn) == sorted(agency.agency_id for agency in there)
    assert len(drawn) == provinces
    assert {(archipelago, agency.agency_code) for agency, archipelago in shapes if archipelago} == {
        ("Quần đảo Hoàng Sa", "H17"),
        ("Quần đảo Trường Sa", "H32"),
    }


def test_archipelagos_and_islands_lie_where_they_are():
    def outlines(agency_id: str, archipelago: str = "") -> list[list[tuple[float, float]]]:
        """Longitude and latitude of every corner of each part, north of the equator."""
        (shape,) = [
            shape
            for shape in CATALOGUE.province_shapes
            if (shape.agency_id, shape.archipelago_vi) == (agency_id, archipelago)
        ]
        parts = [re.findall(r"([\d.]+),([\d.]+)", part) for part in shape.path.split("Z")[:-1]]
        narrow = math.cos(math.radians(16))
        return [[(101.9 + float(x) / 50 / narrow, 23.6 - float(y) / 50) for x, y in part] for part in parts]

    def holds(agency_id: str, longitude: float, latitude: float) -> bool:
        return any(
            min(x for x, _ in part) <= longitude <= max(x for x, _ in part)
            and min(y for _, y in part) <= latitude <= max(y for _, y in part)
            for part in outlines(agency_id)[1:]
        )

    for validity in ("0001-01-01", "2025-07-01"):
        for x, y in chain(*outlines(f"H17@{validity}", "Quần đảo Hoàng Sa")):
            assert 111 < x < 113 and 15.6 < y < 17.1
        for x, y in chain(*outlines(f"H32@{validity}", "Quần đảo Trường Sa")):
            assert 111.5 < x < 116 and 7.8 < y < 11.6
    for agency_id, longitude, latitude in (
        ("H33@0001-01-01", 104.0, 10.25),  # Phú Quốc
        ("H01@2025-07-01", 104.0, 10.25),
        ("H06@0001-01-01", 106.6, 8.7),  # Côn Đảo
        ("H29@2025-07-01", 106.6, 8.7),
        ("H24@0001-01-01", 107.0, 20.8),  # Cát Bà
    ):
        assert holds(agency_id, longitude, latitude), agency_id


def test_a_province_whose_code_is_not_verified_says_so():
    doubtful = [row for row in CATALOGUE.agencies if row.verify_status in ("unverified", "inferred")]
    assert Counter(row.verify_status for row in doubtful) == {"unverified": 24, "inferred": 3}
    assert all(row.note for row in doubtful)


def test_units_have_provisional_codes_below_their_ministry():
    units = [row for row in CATALOGUE.agencies if row.kind == "unit"]
    assert len(units) == 14
    for unit in units:
        assert re.fullmatch(r"G\d\d\.X-[A-Z]+", unit.agency_code)
        assert not unit.code_official and unit.verify_status == "provisional"
        assert unit.parent_id == f"{unit.agency_code[:3]}@0001-01-01"


def test_these_agencies_may_publish_figures_about_others():
    assert {row.agency_id for row in CATALOGUE.agencies if row.may_publish} == {
        "G22@0001-01-01", "G14@0001-01-01", "G06@2025-03-01", "G04@0001-01-01", "G17@2025-03-01",
    }  # fmt: skip


def test_the_46_requirements_are_there():
    assert [target.target_id for target in CATALOGUE.targets] == [f"T{n:02}" for n in range(1, 47)]
    assert Counter(target.target_type for target in CATALOGUE.targets) == {
        "level": 21, "relative": 2, "count": 3, "milestone": 17, "qualitative": 3,
    }  # fmt: skip


def test_look_alike_targets_have_denominators_of_their_own():
    kpis = {kpi.kpi_code: kpi for kpi in CATALOGUE.kpis}
    assert kpis["KPI_OPS_L4_RATE"].denominator_element == "services_count"
    assert kpis["KPI_TTHC_L4_RATE"].denominator_element == "procedures_count"
    assert kpis["KPI_DOSSIER_ONLINE_RATE"].denominator_element == "dossiers_received_count"
    assert kpis["KPI_OPS_DOSSIER_ONLINE_RATE"].denominator_element == "ops_dossiers_received_count"
    assert kpis["SYS_ROAD_ONLINE_DOSSIER_RATE"].denominator_element == "road_dossiers_count"
    ratios = [kpi for kpi in CATALOGUE.kpis if kpi.kind == "ratio"]
    elements = {(kpi.numerator_element, kpi.denominator_element) for kpi in ratios}
    assert len(elements) == len(ratios)


def test_each_of_the_16_systems_is_followed_by_an_indicator():
    assert len(CATALOGUE.systems) == 16
    assert {system.system_code for system in CATALOGUE.systems} == {
        kpi.system_code for kpi in CATALOGUE.kpis
    } - {None}


def test_what_the_press_asks_of_each_system_is_followed():
    items = Counter(item.system_code for item in CATALOGUE.system_items)
    assert items == {
        "SYS_AGENCY_PORTAL": 5, "SYS_DOC_AXIS": 6, "SYS_DOC_MGMT": 2, "SYS_DSIG": 3, "SYS_ECABINET": 3,
        "SYS_EDATA": 5, "SYS_LGSP": 3, "SYS_NPSP": 5, "SYS_PAYGOV": 3, "SYS_POSTAL": 2, "SYS_REPORTING": 1,
        "SYS_ROAD": 9, "SYS_SECTOR_DB": 3, "SYS_SECURITY": 3, "SYS_SERVICE_LISTS": 2, "SYS_WEB_PORTAL": 1,
    }  # fmt: skip
    for system in items:
        places = [item.position for item in CATALOGUE.system_items if item.system_code == system]
        assert sorted(places) == list(range(1, len(places) + 1)), system


def test_the_index_of_decision_766_has_six_groups_of_these_maxima():
    points: Counter[str] = Counter()
    for component in CATALOGUE.index_components:
        assert component.verify_status != "verified" and component.note
        points[component.group_code] += int(component.max_score)
    assert points == {"CKMB": 18, "TDGQ": 20, "CLGQ": 12, "TTTT": 10, "MDHL": 18, "MDSH": 22}
    reached_early = {
        component.kpi_code: component.full_mark_pct
        for component in CATALOGUE.index_components
        if component.full_mark_pct != 100
    }
    assert reached_early == {"KPI_766_DOSSIER_SATISFACTION": 90, "KPI_766_REUSED_DATA": 80}


def test_figures_for_the_index_are_asked_of_those_the_decision_binds():
    used = {component.kpi_code for component in CATALOGUE.index_components}
    elements = {
        element
        for kpi in CATALOGUE.kpis
        if kpi.kpi_code in used
        for element in (kpi.numerator_element, kpi.denominator_element)
    }
    asked = {row.element_code: set(row.reported_by) for row in CATALOGUE.data_elements}
    ordinary = {"procedures_count", "dossiers_received_count"}
    for element in elements - ordinary:
        provinces = {"kind:province"} if element.startswith("communes") else set()
        binds = {"kind:ministry", "kind:ministry_level", "kind:province"}
        assert asked[element] in (provinces or binds, set()), element


def test_the_nine_forms_are_there_one_for_published_figures_and_one_for_confirming_those_of_units():
    assert [form.form_code for form in CATALOGUE.forms] == [f"F0{n}" for n in range(1, 10)]
    assert [form.form_code for form in CATALOGUE.forms if form.source == "published"] == ["F07"]
    assert [form.form_code for form in CATALOGUE.forms if form.source == "confirmation"] == ["F09"]


def test_elements_are_used_by_a_form_or_an_indicator_or_reported_by_code():
    used = {column.element_code for column in CATALOGUE.form_columns}
    used |= {kpi.numerator_element for kpi in CATALOGUE.kpis}
    used |= {kpi.denominator_element for kpi in CATALOGUE.kpis}
    used |= {item.element_code for item in CATALOGUE.system_items}
    levels = {"services_level3_count", "services_full_process_count", "services_partial_count"}
    assert {element.element_code for element in CATALOGUE.data_elements} - used == levels


def test_every_data_element_is_asked_of_somebody_or_given_by_a_form():
    given = {column.element_code for column in CATALOGUE.form_columns}
    asked = {element.element_code for element in CATALOGUE.data_elements if element.reported_by}
    assert {element.element_code for element in CATALOGUE.data_elements} == given.union(asked) - {None}


def test_rows_are_in_the_order_of_their_keys():
    for table in TABLES:
        key = table.key if table.table != "form_columns" else ("form_code", "position")
        keys = [tuple(getattr(row, column) for column in key) for row in CATALOGUE.rows(table)]
        assert keys == sorted(keys), table.table


def test_vietnamese_texts_hold_no_slips_of_the_keyboard():
    for table in TABLES:
        for row in CATALOGUE.rows(table):
            for column, value in row:
                for text in value if isinstance(value, tuple) else (value,):
                    if isinstance(text, str) and table.table != "agency_aliases":
                        assert "  " not in text, (table.table, column, text)
                        assert " ," not in text and " ;" not in text, (table.table, column, text)
                        assert "\ufffd" not in text, (table.table, column, text)
