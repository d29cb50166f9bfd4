"""Conclusions of a working session are taken as they stand, or refused where they do not fit."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.cli.tasks import known_catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.conclusion_rows import one_conclusion, read_conclusions
from national_kpi.cycle.minutes import Minutes, check_amendments, checked, owners_of
from national_kpi.errors import CycleError
from national_kpi.paths import CATALOGUE_DIR, Paths
from national_kpi.tasks import GivenTask, known_until, with_tasks

CATALOGUE = load_catalogue(CATALOGUE_DIR)
HEADER = "agency_code,task,deadline,responsible,amends\n"
MOMENT = datetime(2026, 11, 26, 9, 0, tzinfo=HANOI)
GIVEN = GivenTask(
    code="TCT-001-01", task_code="TCT-001-01", name_vi="Kết nối dữ liệu", agency_ids=("G04@0001-01-01",),
    responsible_vi="Bộ Giao thông vận tải", deadline=date(2025, 3, 31), amends=None, session_id=1,
    held_on=date(2024, 11, 25), chair="A", legal_basis="Thông báo số 1/TB-VPCP", recorded_at=MOMENT,
    withdrawn_at=None, withdrawn_because=None,
)  # fmt: skip


def minutes(file: Path, text: str, agency_codes: tuple[str, ...] = ("G15", "H05")) -> Minutes:
    file.write_text(HEADER + text, encoding="utf-8-sig")
    return Minutes(
        held_on=date(2026, 11, 25),
        chair="  Phó Thủ tướng  A ",
        agency_codes=agency_codes,
        legal_basis="Thông báo số 2/TB-VPCP ngày 25/11/2026",
        conclusions=read_conclusions(file),
        source=str(file),
    )


def test_a_day_is_read_as_officials_and_as_programs_write_it(tmp_path: Path) -> None:
    rows = minutes(tmp_path / "x.csv", "G15,A,31/12/2026,,\nG15,B,1/2/2027,,\nG15,C,2027-02-01,,\n")
    assert [placed.row.deadline for placed in rows.conclusions] == [
        date(2026, 12, 31), date(2027, 2, 1), date(2027, 2, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("G15,A,31/02/2027,,", "deadline", "write a day as 31/12/2026 or 2026-12-31"),
        ("G15,A,,,", "deadline", "write a day"),
        ("G15,,31/12/2026,,", "task", "at least 1 character"),
        ("G15, A,31/12/2026,,", "task", "spaces around it"),
        ("G15,A,24/11/2026,,", "deadline", "before 2026-11-25"),
        ("G15|X99,A,31/12/2026,,", "agency_code", "'X99'"),
        ("VN,A,31/12/2026,,", "agency_code", "'VN'"),
        ("G04,A,31/12/2026,,", "agency_code", "'G04'"),  # the code has had no holder since March 2025
        ("G15,A,31/12/2026,,TCT-009-01", "amends", "no conclusion in force"),
    ],
)
def test_what_does_not_fit_is_named_by_file_line_and_column(
    tmp_path: Path, line: str, column: str, said: str
) -> None:
    file = tmp_path / "ket-luan.csv"
    with pytest.raises(CycleError) as refused:
        given = minutes(file, f"G15,Đúng,31/12/2026,,\n{line}\n")
        check_amendments(given, [GIVEN])
        owners_of(CATALOGUE, given, [GIVEN])
    assert refused.value.where == f"{file}:3 column {column}"
    assert said in str(refused.value)


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("agency;task\n", encoding="utf-8")
    with pytest.raises(CycleError, match="agency_code,task,deadline,responsible,amends"):
        read_conclusions(file)


def test_a_task_is_for_whom_it_names_else_for_whom_it_was_else_for_all_that_took_part(tmp_path: Path) -> None:
    given = minutes(
        tmp_path / "x.csv",
        "H01|H01,A,31/12/2026,,\n,B,31/12/2026,,\n,C,31/12/2026,,TCT-001-01\nG15,D,31/12/2026,,\n",
    )
    owners = owners_of(CATALOGUE, given, [GIVEN])
    codes = [[agency.agency_code for agency in agencies] for agencies in owners]
    assert codes == [["H01"], ["G15", "H05"], ["G17"], ["G15"]], "G17 took over from G04"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"agency_codes": ("G15", "G99")}, "'G99'"),
        ({"agency_codes": ()}, "no agency took part"),
        ({"held_on": date(2026, 11, 27)}, "still to come"),
        ({"chair": " "}, "--chair"),
        ({"legal_basis": ""}, "--basis"),
        ({"conclusions": ()}, "no conclusions"),
    ],
)
def test_a_session_without_its_particulars_is_refused(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    given = minutes(tmp_path / "x.csv", ",A,31/12/2026,,\n")
    assert checked(given, MOMENT.date()).chair == "Phó Thủ tướng A"
    with pytest.raises(CycleError, match=said):
        owners_of(CATALOGUE, checked(replace(given, **changes), MOMENT.date()), [])  # type: ignore[arg-type]


def test_a_conclusion_is_replaced_once_and_later(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    line = "G15,A,31/12/2026,,TCT-001-01\n"
    check_amendments(minutes(file, line), [GIVEN])
    with pytest.raises(CycleError, match="replaced twice"):
        check_amendments(minutes(file, line + line), [GIVEN])
    later = replace(GIVEN, code="TCT-002-01", amends="TCT-001-01")
    with pytest.raises(CycleError, match="write TCT-002-01"):
        check_amendments(minutes(file, line), [GIVEN, later])
    with pytest.raises(CycleError, match="not before 2026-11-25"):
        check_amendments(minutes(file, line), [replace(GIVEN, held_on=date(2026, 11, 25))])


def test_a_single_conclusion_may_be_typed() -> None:
    (placed,) = one_conclusion(" Kết nối ", "31/12/2026", ["G15"])
    assert (placed.row.task, placed.row.agency_code, placed.row.amends) == ("Kết nối", ("G15",), None)
    with pytest.raises(CycleError, match="deadline"):
        one_conclusion("Kết nối", None)


def test_a_task_is_known_from_its_record_until_its_withdrawal() -> None:
    withdrawn = replace(GIVEN, withdrawn_at=MOMENT.replace(day=28))
    for moment, is_known in ((25, False), (26, True), (27, True), (28, False)):
        assert bool(known_until([withdrawn], MOMENT.replace(day=moment))) is is_known


def test_tasks_leave_the_catalogue_its_name() -> None:
    later = replace(GIVEN, code="TCT-002-01", amends="TCT-001-01", deadline=date(2027, 1, 31))
    widened = with_tasks(CATALOGUE, [GIVEN, later])
    assert (widened.sha256, widened.files) == (CATALOGUE.sha256, CATALOGUE.files)
    assert [kpi.kpi_code for kpi in widened.kpis[len(CATALOGUE.kpis) :]] == ["TCT-001-01"]
    targets = widened.targets[len(CATALOGUE.targets) :]
    assert [(one.target_id, one.kpi_code, one.amends) for one in targets] == [
        ("TCT-001-01", "TCT-001-01", None),
        ("TCT-002-01", "TCT-001-01", "TCT-001-01"),
    ]
    assert with_tasks(CATALOGUE, []) is CATALOGUE


def test_asking_for_the_tasks_makes_no_ledger(tmp_path: Path) -> None:
    assert known_catalogue(Paths(tmp_path), "", MOMENT).targets == CATALOGUE.targets
    assert list(tmp_path.iterdir()) == []
