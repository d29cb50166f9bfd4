"""Simulated sheets, as intake's own reader sees them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.examine import Examination, Examiner
from national_kpi.periods import Period
from national_kpi.simulate.figures import FORMS, figures_of
from national_kpi.simulate.files import to_bytes
from national_kpi.simulate.layout import lay_out
from national_kpi.simulate.nation import Reporter
from national_kpi.simulate.report import KINDS, Habits, Report, report_of
from tests.unit.simulate.conftest import RECEIVED_ON


def office(**habits: Any) -> Habits:
    usual = {
        "ending": ".xlsx", "has_motto": True, "numbers_columns": True, "has_total": False, "is_signed": True,
        "types_numbers": False, "ticks": True, "is_indented": False,
    }  # fmt: skip
    return Habits(**(usual | habits))


@pytest.fixture(scope="module")
def examiner(catalogue: Catalogue) -> Examiner:
    return Examiner(catalogue)


def reports(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...], habits: Habits
) -> list[Report]:
    made = []
    for month, form_code, rows in figures_of(catalogue, nation[3], months[:1], FORMS, 30):
        report = report_of(catalogue, nation[3], month, form_code, rows, habits.ending)
        report.habits = habits
        made.append(report)
    return made


def examine(examiner: Examiner, report: Report, folder: Path, content: bytes) -> Examination:
    file = folder / f"{report.form.form_code}{report.habits.ending}"
    file.write_bytes(content)
    return examiner.examine(file, file.name, report.reporter.folder, RECEIVED_ON)


@pytest.mark.parametrize(
    "habits",
    [
        *({"ending": ending, "has_total": True} for ending in KINDS),
        {"has_motto": False, "numbers_columns": False, "is_signed": False, "ticks": False},
        {"is_indented": True, "has_total": True},
        {"types_numbers": True},
        {"types_numbers": True, "ending": ".csv", "is_indented": True},
    ],
    ids=str,
)
def test_habits_change_nothing_of_what_a_report_says(
    catalogue: Catalogue,
    nation: tuple[Reporter, ...],
    months: tuple[Period, ...],
    examiner: Examiner,
    tmp_path: Path,
    habits: dict[str, Any],
) -> None:
    for report in reports(catalogue, nation, months, office(**habits)):
        found = examine(examiner, report, tmp_path, to_bytes(lay_out(report), report.habits.ending))
        assert found.problems == []
        assert (found.form_code, found.rows_understood) == (report.form.form_code, len(report.rows))
        assert found.reporter == nation[3].agency
        assert found.period == months[0]
        assert found.totals == report.totals


@pytest.mark.parametrize("ending", KINDS)
def test_the_same_sheet_gives_the_same_bytes(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...], ending: str
) -> None:
    one, other = (
        [
            to_bytes(lay_out(report), ending)
            for report in reports(catalogue, nation, months, office(ending=ending))
        ]
        for _ in range(2)
    )
    assert one == other


def test_the_resolution_form_has_its_three_row_header(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...]
) -> None:
    report = next(one for one in reports(catalogue, nation, months, office()) if one.form.form_code == "F03")
    grid = lay_out(report)
    top = next(index for index, row in enumerate(grid.rows) if "Tiếp nhận" in row)
    texts = [[text for text in row if text] for row in grid.rows[top : top + 3]]
    assert texts[1][:3] == ["Tổng số", "Trong kỳ", "Từ kỳ trước"]
    assert texts[2] == ["Trực tuyến", "Trực tiếp, dịch vụ bưu chính"]
    assert (top, 2, top, 5) in grid.merged  # “Tiếp nhận” over its four columns
    assert (top, 0, top + 2, 0) in grid.merged  # “TT” down to the last row


def test_addresses_are_those_of_the_cells(
    catalogue: Catalogue, nation: tuple[Reporter, ...], months: tuple[Period, ...]
) -> None:
    report = reports(catalogue, nation, months, office(is_indented=True))[0]
    grid = lay_out(report)
    assert grid.address("element_code", 0) == f"C{grid.first + 1}"
    assert grid.rows[grid.first][2] == report.rows[0]["element_code"]
    assert isinstance(report.period.end, date)
