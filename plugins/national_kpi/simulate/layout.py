"""Laying a report out in a sheet: title rows, header, data, total row and signatures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from openpyxl.utils import get_column_letter

from national_kpi.simulate.report import Report
from national_kpi.simulate.vocabulary import PEOPLE

_MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
_LEVELS = " > "


@dataclass
class Grid:
    """The cells of a sheet, rows and columns counted from 0.

    Attributes:
        merged: merged ranges: first row, first column, last row, last column.
        bold: rows in bold type.
        first: the first row of data.
        places: where each column of the form lies.
    """

    rows: list[list[Any]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    bold: set[int] = field(default_factory=set)
    first: int = 0
    places: dict[str, int] = field(default_factory=dict)

    def address(self, column_name: str, row: int) -> str:
        """The address of a data cell, as spreadsheets show it."""
        return f"{get_column_letter(self.places[column_name] + 1)}{self.first + row + 1}"


def lay_out(report: Report) -> Grid:
    """The sheet an office would make of a report."""
    grid = Grid()
    left = int(report.habits.is_indented)
    width = left + len(report.columns) + len(report.more_columns)
    grid.places = {column.column_name: left + index for index, column in enumerate(report.columns)}
    _title(grid, report, left, width)
    _header(grid, report, left)
    grid.first = len(grid.rows)
    yes_no = _ticked(report) if report.habits.ticks else set()
    for number, row in enumerate(report.rows):
        cells = [_cell(report, column.column_name, row, yes_no) for column in report.columns]
        more = [PEOPLE[number % len(PEOPLE)] for _ in report.more_columns]
        grid.rows.append([None] * left + cells + more)
    if report.habits.has_total:
        _total(grid, report, left)
    if report.habits.is_signed:
        _signatures(grid, report, left, width)
    return grid


def _title(grid: Grid, report: Report, left: int, width: int) -> None:
    indent = [None] * left
    middle = max(left + 1, width // 2)
    if report.habits.has_motto:
        for line, motto in zip((report.reporter.agency.name_vi.upper(), None), _MOTTO, strict=True):
            cells: list[Any] = [None] * width
            cells[left], cells[min(middle, width - 1)] = line, motto
            grid.bold.add(len(grid.rows))
            grid.rows.append(cells)
        grid.rows.append([])
    grid.rows.append([*indent, f"Biểu mẫu: {report.form.form_code}"])
    grid.bold.add(len(grid.rows))
    grid.merged.append((len(grid.rows), left, len(grid.rows), width - 1))
    grid.rows.append([*indent, report.form.name_vi.upper()])
    grid.rows += [[*indent, line] for line in (report.agency_line, report.period_line) if line]
    grid.rows.append([])


def _header(grid: Grid, report: Report, left: int) -> None:
    """One row, or as many as the header texts have levels, with the groups merged over their columns."""
    paths = [tuple(column.header_vi.split(_LEVELS)) for column in report.columns]
    paths += [(text,) for text in report.more_columns]
    height, top = max(map(len, paths)), len(grid.rows)
    rows: list[list[Any]] = [[None] * (left + len(paths)) for _ in range(height)]
    for first, last, level in _groups(paths, height):
        path = paths[first]
        rows[level][left + first] = path[level]
        bottom = height - 1 if level == len(path) - 1 else level
        if (first, level) != (last, bottom):
            grid.merged.append((top + level, left + first, top + bottom, left + last))
    grid.bold |= set(range(top, top + height))
    grid.rows += rows
    if report.habits.numbers_columns:
        grid.rows.append([None] * left + [f"({number})" for number in range(1, len(paths) + 1)])


def _groups(paths: list[tuple[str, ...]], height: int) -> Iterator[tuple[int, int, int]]:
    """The header's cells: first and last column, and level."""
    for level in range(height):
        first = 0
        for index in range(1, len(paths) + 1):
            together = index < len(paths) and paths[index][: level + 1] == paths[first][: level + 1]
            if together and len(paths[first]) > level + 1:
                continue
            if len(paths[first]) > level:
                yield first, index - 1, level
            first = index


def _ticked(report: Report) -> set[str]:
    """The yes/no columns with a yes: where no cell is ticked, an empty one would say nothing."""
    names = (column.column_name for column in report.columns if column.data_type == "yes_no")
    return {name for name in names if any(row[name] is True for row in report.rows)}


def _cell(report: Report, name: str, row: dict[str, Any], ticked: set[str]) -> Any:
    value = row[name]
    if isinstance(value, bool):
        return ("x" if value else None) if name in ticked else "Có" if value else "Không"
    if isinstance(value, int) and report.habits.types_numbers and name != "stt":
        return f"{value:,}".replace(",", ".")
    return value


def _total(grid: Grid, report: Report, left: int) -> None:
    label = next(column for column in report.columns if column.data_type not in ("integer", "decimal"))
    totals = {name: total + report.total_errors.get(name, 0) for name, total in report.totals.items()}
    cells = ["Tổng cộng" if column is label else totals.get(column.column_name) for column in report.columns]
    grid.bold.add(len(grid.rows))
    grid.rows.append([None] * left + cells)


def _signatures(grid: Grid, report: Report, left: int, width: int) -> None:
    day = report.period.end + timedelta(days=5)
    right = max(left + 1, width - 2)
    place = report.reporter.agency.short_name_vi
    lines = (
        (None, f"{place}, ngày {day:%d} tháng {day:%m} năm {day:%Y}"),
        ("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG CƠ QUAN"),
        ("(Ký, ghi rõ họ tên)", "(Ký tên, đóng dấu)"),
        (PEOPLE[0], PEOPLE[len(place) % len(PEOPLE)]),
    )
    grid.rows.append([])
    for here, there in lines:
        cells: list[Any] = [None] * max(width, right + 1)
        cells[left], cells[right] = here, there
        grid.rows.append(cells)
