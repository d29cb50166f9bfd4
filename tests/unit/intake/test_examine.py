"""Examining a file: each structural rule fires where it should, and on nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.intake.examine import Examination, Examiner
from national_kpi.intake.problems import PLACES_LISTED
from national_kpi.intake.reading.files import ACCEPTED_TYPES
from national_kpi.lake import lake_schema
from national_kpi.paths import CATALOGUE_DIR
from tests.unit.intake.workbooks import GOOD_ROWS, Grid, form_grid, save

Examine = Callable[..., Examination]


def rules(examination: Examination) -> list[str]:
    return [one.rule_id for one in examination.problems]


@pytest.mark.parametrize("form_code", list(GOOD_ROWS))
@pytest.mark.parametrize("ending", ACCEPTED_TYPES)
def test_a_good_file_of_every_form_and_kind_breaks_no_rule(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, form_code: str, ending: str
) -> None:
    known = {"unit": "Bộ Tư pháp"} if form_code == "F04" else {}
    file = save(tmp_path / f"bao-cao{ending}", edited(catalogue, form_code, **known))
    found = examine(file, "G22" if form_code == "F07" else "G15")
    assert rules(found) == []
    assert found.outcome == "accepted"
    assert (found.form_code, found.rows_understood) == (form_code, 1)
    assert found.period is not None
    assert found.period.code == "2022-M08"
    assert found.rows is not None
    assert found.rows.schema == lake_schema(catalogue, form_code)


def test_a_milestone_without_a_target_is_reported_like_any_other(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    code = "MS_EGOV_ARCH_V2_APPROVED"
    assert code not in {target.kpi_code for target in catalogue.targets}
    file = save(tmp_path / "bao-cao.xlsx", edited(catalogue, "F05", milestone_code=code))
    found = examine(file, "G15")
    assert (rules(found), found.outcome) == ([], "accepted")


def edited(catalogue: Catalogue, form_code: str, **cells: Any) -> Grid:
    return form_grid(catalogue, form_code, [GOOD_ROWS[form_code] | cells])


def two_sheets(catalogue: Catalogue, *lines: str) -> list[Grid]:
    return [form_grid(catalogue, "F06", period=None, lines=[line]) for line in lines]


CONFIRMATION = {"unit": "Cục Đăng kiểm", "form_code": "F04", "receipt": "1/G15", "decision": "xác nhận"}


# What breaks each rule: the sheets to save, or the bytes; the folder; where the finding points.
def broken(catalogue: Catalogue, rule_id: str) -> tuple[list[Grid] | bytes, str, str | None]:
    f06 = form_grid(catalogue, "F06")
    incomplete = [{"stt": number, "portal": number} for number in range(PLACES_LISTED + 3)]
    many = [{"portal": "A", "visits": 1}, {"portal": "B", "visits": 2}]
    mixed = [row | {"visits": text} for row, text in zip(many, ("1.234.567", "1,234"), strict=True)]
    scenes: dict[str, tuple[list[Grid] | bytes, str, str | None]] = {
        "FOLDER-01": ([f06], "G14", None),
        "FORM-01": ([[["Biểu mẫu: F99"], *f06[1:]]], "G15", None),
        "FORM-02": ([form_grid(catalogue, "F04", without=["documents_signed"])], "G15", None),
        "FORM-03": ([[*f06[:3], [*f06[3], "Lượt truy cập"], [*f06[4], 5]]], "G15", "F4"),
        "FORM-04": ([f06, form_grid(catalogue, "F04")[1:]], "G15", None),
        "FORM-05": ([[*f06[:3], [*f06[3], "Người phụ trách"], f06[4]]], "G15", "F4"),
        "FORM-06": ([form_grid(catalogue, "F06", [])], "G15", None),
        "FORM-08": (
            two_sheets(catalogue, "Kỳ báo cáo: Tháng 7/2022", "Kỳ báo cáo: Tháng 8/2022"), "G15", None
        ),
        "CELL-01": ([edited(catalogue, "F06", visits="rất nhiều")], "G15", "C5"),
        "CELL-02": ([edited(catalogue, "F06", stt=1, visits=None)], "G15", "C5"),
        "CELL-03": ([edited(catalogue, "F06", visits="=C7+C8")], "G15", "C5"),
        "CELL-04": ([edited(catalogue, "F07", value_as_printed=datetime(2026, 6, 4))], "G22", "D5"),
        "CODE-01": ([edited(catalogue, "F07", kpi_code="KPI_NOTHING")], "G22", "C5"),
        "NUMBER-01": ([edited(catalogue, "F01", value="1.234")], "G15", "E5"),
        "NUMBER-02": ([form_grid(catalogue, "F06", mixed)], "G15", "C6"),
        "NUMBER-03": ([edited(catalogue, "F06", visits="1,9 triệu")], "G15", "C5"),
        "ROW-01": ([form_grid(catalogue, "F06", [{"stt": "I", "portal": "Khối bộ"}, *many])], "G15", None),
        "ROW-02": (
            [form_grid(catalogue, "F01", [GOOD_ROWS["F01"], {"stt": 2, "element_code": "services_count"}])],
            "G15", None,
        ),
        "TOTAL-01": (
            [form_grid(catalogue, "F06", [*many, {"portal": "Tổng cộng", "visits": 5}])], "G15", "C7"
        ),
        "AGENCY-01": ([form_grid(catalogue, "F06", lines=["Cơ quan báo cáo: Bộ Tư báp"])], "G15", None),
        "AGENCY-02": ([form_grid(catalogue, "F06", lines=["Cơ quan báo cáo: Bộ Y tế"])], "G15", None),
        "AGENCY-03": ([edited(catalogue, "F07", agency="Bộ Tư báp")], "G22", "B5"),
        "AGENCY-04": ([edited(catalogue, "F04", unit="Bộ Y tế")], "G15", "B5"),
        "AGENCY-05": ([edited(catalogue, "F04", unit="Vụ Không Có")], "G15", "B5"),
        "AGENCY-07": ([f06], "G15", None),
        "NIL-01": ([form_grid(catalogue, "F06", [{"stt": 1, "portal": "Không phát sinh"}])], "G15", None),
        "NIL-02": ([form_grid(catalogue, "F06", [*many, {"portal": "Không phát sinh"}])], "G15", None),
        "AGENCY-06": ([edited(catalogue, "F07")], "G15", None),
        "AGENCY-08": ([form_grid(catalogue, "F09", [CONFIRMATION])], "G15", None),
        "PERIOD-01": ([form_grid(catalogue, "F06", period=None)], "G15", None),
        "PERIOD-02": ([form_grid(catalogue, "F06", period="Kỳ báo cáo: tháng tám")], "G15", None),
        "PERIOD-03": ([form_grid(catalogue, "F06", period="Kỳ báo cáo: Tháng 8/2028")], "G15", None),
        "PERIOD-04": ([f06], "G15", None),
        "PERIOD-05": ([form_grid(catalogue, "F06", period="Kỳ báo cáo: Năm 2026")], "G15", None),
        "PERIOD-06": ([edited(catalogue, "F07", published_on="08/09/2028")], "G22", "J5"),
        "PERIOD-07": ([edited(catalogue, "F07", period_from="01/01/2022")], "G22", "H5"),
        "MORE-01": (
            [form_grid(catalogue, "F06", incomplete)], "G15", None
        ),
    }  # fmt: skip
    return scenes[rule_id]


NAMED = {"PERIOD-04": "F06_2022-M07.xlsx", "AGENCY-07": "F06_2022-M08_G18.xlsx"}
TESTED_APART = {"FORM-07"}
STRUCTURAL_RULES = sorted(
    rule.rule_id
    for rule in load_catalogue(CATALOGUE_DIR).rules
    if rule.kind == "structural" and rule.category != "reading" and rule.rule_id not in TESTED_APART
)


@pytest.mark.parametrize("rule_id", STRUCTURAL_RULES)
def test_every_structural_rule_fires_in_the_right_place(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, rule_id: str
) -> None:
    content, folder, cell = broken(catalogue, rule_id)
    file = tmp_path / NAMED.get(rule_id, "bao-cao.xlsx")
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        save(file, *content)
    found = examine(file, folder)
    problem = next(one for one in found.problems if one.rule_id == rule_id)
    assert problem.cell == cell
    assert "{" not in problem.message_vi + problem.mend_vi
    expected = {"block": "rejected", "warn": "accepted_with_warnings", "info": "accepted"}[problem.severity]
    if rule_id == "FOLDER-01":
        expected = "quarantined"
    if rule_id == "MORE-01":
        expected = "rejected"
    assert found.outcome == expected


def test_a_hidden_sheet_is_not_read_but_told(catalogue: Catalogue, examine: Examine, tmp_path: Path) -> None:
    file = save(tmp_path / "x.xlsx", form_grid(catalogue, "F06"), form_grid(catalogue, "F06"))
    book = openpyxl.load_workbook(file)
    book["Trang 2"].sheet_state = "hidden"
    book.save(file)
    found = examine(file)
    assert rules(found) == ["FORM-07"]
    assert found.rows_understood == 1


def test_formulas_and_percentages_are_read_from_the_archive_where_names_have_no_ending(
    catalogue: Catalogue, examiner: Examiner, tmp_path: Path
) -> None:
    for form_code, folder, cells, expected in (
        ("F06", "G15", {"visits": "=C7+C8"}, ["CELL-03"]),
        ("F07", "G22", {"value_as_printed": 0.5}, []),
    ):
        file = save(tmp_path / f"{form_code}.xlsx", edited(catalogue, form_code, **cells))
        archived = file.rename(tmp_path / f"{form_code}-0123456789abcdef")
        found = examiner.examine(archived, file.name, folder, date(2026, 11, 22))
        assert rules(found) == expected


def test_a_mistake_of_ours_becomes_a_receipt_not_a_crash(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(tmp_path / "x.xlsx", form_grid(catalogue, "F06"))
    monkeypatch.setattr("national_kpi.intake.examine.find_tables", lambda *_: 1 / 0)
    found = Examiner(catalogue).examine(file, "x.xlsx", "G15", date(2026, 11, 22))
    assert (rules(found), found.is_readable) == (["READ-02"], False)


def test_all_sheets_of_the_form_are_read(catalogue: Catalogue, examine: Examine, tmp_path: Path) -> None:
    guide: Grid = [["HƯỚNG DẪN"], ["Cột", "Cách ghi"], ["Số lượt truy cập", "Ghi số nguyên"]]
    rows = [{"portal": "A", "visits": 1}, {"portal": "B", "visits": "2.000"}]
    file = save(tmp_path / "x.xlsx", guide, form_grid(catalogue, "F06", rows), form_grid(catalogue, "F06"))
    found = examine(file)
    assert rules(found) == []
    assert found.rows is not None
    assert found.rows["sheet"].to_pylist() == ["Trang 2", "Trang 2", "Trang 3"]
    assert found.rows["row_number"].to_pylist() == [5, 6, 5]
    assert found.totals == {"visits": Decimal(2_001 + 13_042_570)}


def test_a_form_without_its_code_is_known_by_its_title_or_header(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    untitled = form_grid(catalogue, "F04")[1:]
    assert examine(save(tmp_path / "a.xlsx", untitled)).form_code == "F04"
    titled = [[catalogue.form("F04").name_vi.upper()], *untitled]
    assert examine(save(tmp_path / "b.xlsx", titled)).form_code == "F04"


def test_an_unknown_form_is_told_what_was_seen_and_which_forms_there_are(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    (problem,) = examine(save(tmp_path / "x.xlsx", [["Họ và tên", "Ngày sinh"], ["An", "1990"]])).problems
    assert problem.rule_id == "FORM-01"
    assert problem.found == "Họ và tên, Ngày sinh"
    assert problem.expected is not None
    for form in catalogue.forms:
        assert f"{form.form_code} – {form.name_vi}" in problem.expected


@pytest.mark.parametrize(
    ("code", "successor"),
    [("G14", "G06 (Bộ Khoa học và Công nghệ)"), ("G13", "G10"), ("H05", None), ("XX", None)],
)
def test_a_folder_that_is_nobodys_names_the_successors(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, code: str, successor: str | None
) -> None:
    found = examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F06")), code)
    holder = catalogue.holder(code, date(2026, 11, 22))
    if holder is None:
        assert rules(found) == ["FOLDER-01"]
        assert (successor or "mã định danh") in found.problems[0].mend_vi
    else:
        assert "FOLDER-01" not in rules(found)


def test_a_collective_has_no_folder(catalogue: Catalogue, examine: Examine, tmp_path: Path) -> None:
    assert rules(examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F06")), "VN")) == ["FOLDER-01"]


def reporter(examination: Examination) -> str:
    assert examination.reporter is not None
    return examination.reporter.agency_id


@pytest.mark.parametrize(
    ("folder", "lines", "who"),
    [
        ("G15", [], "G15@0001-01-01"),
        ("G10", [], "G10@0001-01-01"),  # in 2022 the code was Agriculture's
        ("G10", ["Cơ quan báo cáo: Bộ TN&MT"], "G13@0001-01-01"),  # a predecessor
        ("G17", ["Cơ quan báo cáo: Cục Hàng hải Việt Nam"], "G04.X-CHHVN@0001-01-01"),  # a unit of one
    ],
)
def test_a_folder_speaks_for_its_holder_its_predecessors_and_their_units(
    catalogue: Catalogue, examine: Examine, tmp_path: Path, folder: str, lines: list[str], who: str
) -> None:
    found = examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F06", lines=lines)), folder)
    assert rules(found) == []
    assert reporter(found) == who
    assert found.rows is not None
    assert found.rows["agency_id"].to_pylist() == [who]


def test_a_publisher_may_speak_about_others_and_is_an_agency_of_today(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    rows = [GOOD_ROWS["F07"] | {"agency": name} for name in ("SơnLa", "Toàn quốc", "Bộ LĐB&XH")]
    found = examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F07", rows)), "G06")
    assert rules(found) == []
    assert reporter(found) == "G06@2025-03-01"
    assert found.rows is not None
    assert found.rows["agency_id"].to_pylist() == ["H52@0001-01-01", "VN@0001-01-01", "G07@0001-01-01"]


def test_published_rows_have_their_own_periods_and_fractions(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    base = GOOD_ROWS["F07"]
    rows = [
        base | {"value_as_printed": "01/326, 0.3%", "period_from": "01/01/2022", "period_to": "31/01/2022"},
        base | {"value_as_printed": "khoảng 40%", "period_to": "31/12/2019"},
        base | {"value_as_printed": "50-75%"},
    ]  # fmt: skip
    found = examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F07", rows, period=None)), "G22")
    assert found.rows is not None
    one, two, three = found.rows.to_pylist()
    assert (one["numerator"], one["denominator"], one["stated_value"]) == (1, 326, Decimal("0.300000"))
    assert (one["period_code"], one["period_known"]) == ("2022-M01", True)
    assert (two["bound"], two["value_low"], two["value_high"]) == ("≈", Decimal(38), Decimal(42))
    assert (two["period_code"], two["period_start"]) == ("..2019-12-31", None)
    assert (three["period_code"], three["period_known"]) == ("..2022-09-08", False)
    assert (three["bound"], three["stated_value"]) == ("range", None)
    assert {row["known_from"] for row in (one, two, three)} == {date(2022, 9, 8)}
    assert found.period is not None
    assert (found.period.code, found.known_from) == ("..2022-09-08", date(2022, 9, 8))


def test_a_percentage_kept_as_a_number_is_printed_as_shown(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    file = save(tmp_path / "x.xlsx", edited(catalogue, "F07", value_as_printed=0.9767))
    book = openpyxl.load_workbook(file)
    book.active["D5"].number_format = "0.00%"
    book.save(file)
    found = examine(file, "G22")
    assert found.rows is not None
    assert found.rows["value_as_printed"].to_pylist() == ["97,67%"]


def test_an_empty_box_in_a_column_of_ticks_means_no_and_an_empty_column_means_nothing(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    base = GOOD_ROWS["F02"]
    rows = [base, base | {"procedure_code": "1.000002", "on_national_portal": None, "e_dossier": None}]
    found = examine(save(tmp_path / "x.xlsx", form_grid(catalogue, "F02", rows)))
    assert rules(found) == []
    assert found.rows is not None
    assert found.rows["on_national_portal"].to_pylist() == [True, False]
    assert found.rows["e_dossier"].to_pylist() == [None, None]


def test_a_rule_of_the_catalogue_names_cell_found_and_expected(
    catalogue: Catalogue, examine: Examine, tmp_path: Path
) -> None:
    found = examine(save(tmp_path / "x.xlsx", edited(catalogue, "F04", documents_signed=1001)))
    (problem,) = [one for one in found.problems if one.severity == "block"]
    rule = next(rule for rule in catalogue.rules if rule.rule_id == problem.rule_id)
    assert "documents_signed" in rule.predicate
    assert (problem.cell, problem.row_number, problem.found) == ("E5", 5, "1001")
    assert problem.expected == "Không lớn hơn Văn bản điện tử gửi qua Trục liên thông"
    assert (problem.agency_id, problem.period_code) == ("G15@0001-01-01", "2022-M08")
    assert found.rows_understood == 0


def test_a_rule_may_look_at_all_rows(catalogue: Catalogue, tmp_path: Path) -> None:
    once = replace(
        catalogue,
        rules=(
            catalogue.rules_of("F06", "row")[0].model_copy(
                update={
                    "rule_id": "F06-T1", "form_code": "F06", "column_name": "portal",
                    "predicate": "count(*) over (partition by portal) = 1",
                }
            ),
        ),
    )  # fmt: skip
    rows = [{"portal": name, "visits": 1} for name in "aba"]
    file = save(tmp_path / "x.xlsx", form_grid(catalogue, "F06", rows))
    found = Examiner(once).examine(file, "x.xlsx", "G15", date(2026, 11, 22))
    assert [(one.rule_id, one.cell) for one in found.problems] == [("F06-T1", "B5"), ("F06-T1", "B7")]


def test_a_broken_rule_is_the_catalogues_error_not_the_senders(catalogue: Catalogue, tmp_path: Path) -> None:
    from national_kpi.errors import CatalogueError

    rule = catalogue.rules_of("F06", "row")[0].model_copy(update={"predicate": "no_such_column > 0"})
    bad = replace(catalogue, rules=(rule,))
    file = save(tmp_path / "x.xlsx", form_grid(catalogue, "F06"))
    with pytest.raises(CatalogueError, match="cannot be evaluated"):
        Examiner(bad).examine(file, "x.xlsx", "G15", date(2026, 11, 22))


@pytest.fixture(scope="module")
def whole_files(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    grid = form_grid(catalogue, "F06")
    return {ending: save(folder / f"x{ending}", grid).read_bytes() for ending in ACCEPTED_TYPES}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ACCEPTED_TYPES), st.data())
def test_damage_of_any_kind_is_answered_and_never_taken_for_a_mistake_of_ours(
    whole_files: dict[str, bytes],
    examiner: Examiner,
    tmp_path_factory: pytest.TempPathFactory,
    ending: str,
    data: st.DataObject,
) -> None:
    content = bytearray(whole_files[ending])
    start = data.draw(st.integers(0, len(content) - 1))
    content[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    del content[data.draw(st.integers(1, len(content))) :]
    file = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    file.write_bytes(content)
    found = examiner.examine(file, file.name, "G15", date(2026, 11, 22))
    assert "READ-02" not in rules(found)
    assert found.rows is not None or found.problems
