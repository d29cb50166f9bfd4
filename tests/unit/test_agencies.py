import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from national_kpi.agencies import AgencyResolver, in_scope, may_speak_for, successor_on
from national_kpi.catalogue import load_catalogue
from national_kpi.paths import CATALOGUE_DIR

CATALOGUE = load_catalogue(CATALOGUE_DIR)
RESOLVER = AgencyResolver(CATALOGUE)
IN_2022 = date(2022, 8, 22)
TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("printed", "agency_id"),
    [
        ("Bộ GTVT", "G04@0001-01-01"),
        ("Bộ GT&VT", "G04@0001-01-01"),
        ("Bộ Giao thông Vận tải", "G04@0001-01-01"),
        ("Bộ VHTT&DL", "G16@0001-01-01"),
        ("Bộ TN&MT", "G13@0001-01-01"),
        ("Bộ Tài nguyên & Môi trường", "G13@0001-01-01"),
        ("Bộ Tài nguyên và Môi trường (TN&MT)", "G13@0001-01-01"),
        ("Bộ Nông nghiệp và Phát triển nông thôn (NN&PTNT)", "G10@0001-01-01"),
        ("Bộ Lao động - Thương binh và Xã hội (LĐTB&XH)", "G07@0001-01-01"),
        ("Bộ Lao động – Thương binh và Xã hội", "G07@0001-01-01"),
        ("Bộ LĐB&XH", "G07@0001-01-01"),
        ("Bộ Tư Pháp", "G15@0001-01-01"),
        ("Công Thương", "G02@0001-01-01"),
        ("NHNN", "G19@0001-01-01"),
        ("NHNN Việt Nam", "G19@0001-01-01"),
        ("Uỷ ban Dân tộc", "G21@0001-01-01"),
        ("VPCP", "G22@0001-01-01"),
        ("Cục Đăng kiểm Việt Nam", "G04.X-CDK@0001-01-01"),
        ("Trung tâm CNTT (Bộ GTVT)", "G04.X-TTCNTT@0001-01-01"),
        ("SơnLa", "H52@0001-01-01"),
        ("Điện biên", "H18@0001-01-01"),
        ("Thừa Thiên - Huế", "H57@0001-01-01"),
        ("Thừa Thiên – Huế", "H57@0001-01-01"),
        ("Tỉnh Thừa Thiên Huế", "H57@0001-01-01"),
        ("Ủy ban nhân dân tỉnh Bắc Giang", "H02@0001-01-01"),
        ("UBND TỈNH BẮC GIANG", "H02@0001-01-01"),
        ("\u00a0BÌNH ĐỊNH ", "H08@0001-01-01"),
        ("B<U+1EAF>c K<U+1EA1>n", "H03@0001-01-01"),
        ("Bắc Cạn", "H03@0001-01-01"),
        ("Hoà Bình", "H28@0001-01-01"),
        ("ĐẮC NÔNG", "H16@0001-01-01"),
        ("Ðắk Lắk", "H15@0001-01-01"),
        ("Tp. Hồ Chí Minh", "H29@0001-01-01"),
        ("TP.HCM", "H29@0001-01-01"),
        ("tphcm", "H29@0001-01-01"),
        ("h05", "H05@0001-01-01"),
        ("Toàn quốc", "VN@0001-01-01"),
        ("62/95 bộ, cơ quan, địa phương", "GRP-95@0001-01-01"),
        ("7 bộ, cơ quan trong số 12 bộ, cơ quan", "GRP-12-2019@0001-01-01"),
        ("4 bộ, cơ quan (không nêu tên)", "GRP-4-2019@0001-01-01"),
        ("Một số bộ, cơ quan còn lại", "GRP-CONLAI-2019@0001-01-01"),
        ("Hệ thống DVC lĩnh vực vận tải đường bộ", "G04@0001-01-01"),
    ],
)
def test_a_name_as_printed_means_this_agency(printed, agency_id):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert resolution.agency
    assert (resolution.agency.agency_id, resolution.suggestion) == (agency_id, None)


@pytest.mark.parametrize(
    ("printed", "code"),
    [("SON LA", "H52"), ("H<U+1EA2>I DUONG", "H23"), ("BA RỊA - VUNG TÀU", "H06"), ("TP Da Nang", "H17"),
     ("Dac Lak", "H15"), ("Vinh Long", "H61")],
)  # fmt: skip
def test_a_name_that_only_lost_marks_is_understood(printed, code):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert resolution.reason == "missing_marks"
    assert resolution.agency and resolution.agency.agency_code == code


@pytest.mark.parametrize("printed", ["Quáng Ninh", "Hà Tỉnh", "Hải Đương"])
def test_a_name_with_other_marks_is_only_suggested(printed):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert (resolution.agency, resolution.reason) == (None, "similar")
    assert resolution.suggestion


@pytest.mark.parametrize(
    ("printed", "suggested"),
    [("H� Giang", "H22"), ("�<U+1EAE>K N�NG", "H16"), ("�AN GIANG", "H01"), ("��i<U+1EC7>n Bi�n", "H18"),
     ("B� ��", None), ("���", None)],
)  # fmt: skip
def test_a_damaged_name_is_flagged_and_never_guessed(printed, suggested):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert (resolution.agency, resolution.reason) == (None, "damaged")
    assert (resolution.suggestion.agency_code if resolution.suggestion else None) == suggested


@pytest.mark.parametrize(
    ("printed", "reason"),
    [("", "empty"), (" \u00a0\u200b", "empty"), ("Hà Tây", "closed"), ("Hà Bắc (cũ)", "closed"),
     ("Sở Y tế tỉnh Bắc Giang", "unknown"), ("Bộ TN&MT (GTVT)", "ambiguous"), ("Tổng cộng", "unknown")],
)  # fmt: skip
def test_what_cannot_be_told_stays_unresolved(printed, reason):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert (resolution.agency, resolution.reason) == (None, reason)


@pytest.mark.parametrize(
    ("printed", "day", "agency_id"),
    [
        ("Bộ Khoa học và Công nghệ", date(2025, 2, 28), "G06@0001-01-01"),
        ("Bộ Khoa học và Công nghệ", date(2025, 3, 1), "G06@2025-03-01"),
        ("G10", date(2025, 2, 28), "G10@0001-01-01"),
        ("G10", date(2025, 3, 1), "G10@2025-03-01"),
        ("Huế", date(2024, 12, 31), "H57@0001-01-01"),
        ("Huế", date(2025, 1, 1), "H57@2025-01-01"),
        ("Bắc Ninh", date(2025, 6, 30), "H05@0001-01-01"),
        ("Bắc Ninh", date(2025, 7, 1), "H05@2025-07-01"),
    ],
)
def test_a_name_means_the_agency_of_that_day(printed, day, agency_id):
    resolution = RESOLVER.resolve(printed, day)
    assert resolution.agency and resolution.agency.agency_id == agency_id


@pytest.mark.parametrize(
    ("printed", "day", "reason", "suggested"),
    [
        ("Bộ Giao thông vận tải", TODAY, "closed", "G17@2025-03-01"),
        ("Bắc Giang", TODAY, "closed", "H05@2025-07-01"),
        ("Bộ Nông nghiệp và Môi trường", IN_2022, "not_yet", "G10@0001-01-01"),
    ],
)
def test_a_name_of_another_time_is_not_taken_but_its_holder_is_suggested(printed, day, reason, suggested):
    resolution = RESOLVER.resolve(printed, day)
    assert (resolution.agency, resolution.reason) == (None, reason)
    assert resolution.suggestion and resolution.suggestion.agency_id == suggested


def test_units_are_looked_for_below_one_agency_only():
    health, construction = CATALOGUE.agency("G18@0001-01-01"), CATALOGUE.agency("G17@2025-03-01")
    assert RESOLVER.resolve("Văn phòng Bộ", IN_2022, below=health).agency is None
    office = RESOLVER.resolve("Văn phòng Bộ", IN_2022, below=construction).agency
    assert office and office.agency_code == "G04.X-VPB"


def test_every_agency_is_found_by_its_names_and_its_code():
    for agency in CATALOGUE.agencies:
        for printed in (agency.name_vi, agency.agency_code):
            resolution = RESOLVER.resolve(printed, agency.valid_from)
            assert resolution.agency == agency, printed
    for alias in CATALOGUE.agency_aliases:
        named = CATALOGUE.agency(alias.agency_id)
        assert RESOLVER.resolve(alias.alias, named.valid_from).agency == named, alias.alias


WRITINGS = [
    str.upper, str.lower, str.title,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: name.replace(" ", "\u00a0"),
    lambda name: f" {name}  ",
    lambda name: name.replace(" - ", "–"),
    lambda name: "".join(f"<U+{ord(sign):04X}>" if ord(sign) > 0xFF else sign for sign in name),
]  # fmt: skip


@given(st.sampled_from(CATALOGUE.agencies), st.lists(st.sampled_from(WRITINGS), max_size=3))
def test_case_spaces_dashes_and_encoding_do_not_matter(agency, writings):
    printed = agency.name_vi
    for write in writings:
        printed = write(printed)
    assert RESOLVER.resolve(printed, agency.valid_from).agency == agency


@given(st.sampled_from(CATALOGUE.agencies), st.integers(0, 200))
def test_one_lost_letter_is_enough_not_to_guess(agency, place):
    place %= len(agency.name_vi)
    printed = agency.name_vi[:place] + "\ufffd" + agency.name_vi[place + 1 :]
    assert RESOLVER.resolve(printed, agency.valid_from).agency is None


@given(st.text())
def test_no_text_breaks_the_resolver(printed):
    resolution = RESOLVER.resolve(printed, IN_2022)
    assert resolution.agency is None or resolution.suggestion is None


@pytest.mark.parametrize(
    ("holder", "agency", "may"),
    [
        ("G06@2025-03-01", "G06@2025-03-01", True),
        ("G06@2025-03-01", "G06@0001-01-01", True),
        ("G06@2025-03-01", "G14@0001-01-01", True),
        ("G06@2025-03-01", "G14.X-CTHH@0001-01-01", True),
        ("G17@2025-03-01", "G04.X-TCDBVN@0001-01-01", True),
        ("H05@2025-07-01", "H02@0001-01-01", True),
        ("H57@2025-01-01", "H57@0001-01-01", True),
        ("G06@2025-03-01", "G04@0001-01-01", False),
        ("G14@0001-01-01", "G06@2025-03-01", False),
        ("G18@0001-01-01", "G04.X-VPB@0001-01-01", False),
        ("G22@0001-01-01", "VN@0001-01-01", False),
    ],
)
def test_an_agency_speaks_for_itself_its_predecessors_and_the_units_below_them(holder, agency, may):
    assert may_speak_for(CATALOGUE, CATALOGUE.agency(holder), CATALOGUE.agency(agency)) is may


@pytest.mark.parametrize(
    ("agency", "day", "successor"),
    [
        ("G15@0001-01-01", date(2026, 1, 1), "G15@0001-01-01"),
        ("G14@0001-01-01", date(2022, 8, 31), "G14@0001-01-01"),
        ("G14@0001-01-01", date(2026, 1, 1), "G06@2025-03-01"),
        ("H02@0001-01-01", date(2026, 1, 1), "H05@2025-07-01"),
        ("G04.X-CDK@0001-01-01", date(2026, 1, 1), None),
    ],
)
def test_duties_pass_to_the_main_successor_of_that_day(agency, day, successor):
    found = successor_on(CATALOGUE, CATALOGUE.agency(agency), day)
    assert (found and found.agency_id) == successor


@pytest.mark.parametrize(
    ("scope", "agency", "names_it"),
    [
        (("agency:G15@0001-01-01",), "G15@0001-01-01", True),
        (("kind:province", "kind:ministry"), "G15@0001-01-01", True),
        (("kind:province",), "G15@0001-01-01", False),
        (("units_of:G04@0001-01-01",), "G04.X-CDK@0001-01-01", True),
        (("units_of:G04@0001-01-01",), "G04@0001-01-01", False),
        (("nation",), "VN@0001-01-01", True),
        (("nation",), "G15@0001-01-01", False),
        ((), "G15@0001-01-01", False),
    ],
)
def test_a_scope_names_agencies_kinds_units_or_the_nation(scope, agency, names_it):
    assert in_scope(scope, CATALOGUE.agency(agency)) is names_it


@pytest.mark.parametrize("letters", ["\ufffd" * 200, "\ufffd " * 100, "B\ufffd" * 100, "Sở Tư pháp " * 3000])
def test_no_name_keeps_the_resolver_busy(letters: str) -> None:
    started = time.monotonic()
    assert RESOLVER.resolve(letters, IN_2022).agency is None
    assert time.monotonic() - started < 1
