"""One report as an agency sends it: its lines, its cells, and the habits of the office that fills it in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Form, FormColumn
from national_kpi.periods import Period, name_vi
from national_kpi.simulate.nation import Reporter

KINDS = {".xlsx": 0.8, ".csv": 0.08, ".xls": 0.07, ".ods": 0.05}
"""Kinds of files, and how often offices send them."""

_MOST_ROWS = {".xls": 60_000, ".ods": 20_000, ".xlsx": 1_000_000}
_ORDINAL = "stt"


@dataclass(frozen=True)
class Habits:
    """How an office fills in a form; none of it changes what the report says.

    Attributes:
        ending: the kind of file.
        has_motto: the state's motto and the agency stand on top.
        numbers_columns: a row `(1) (2) …` stands under the header.
        has_total: a row “Tổng cộng” stands under the data.
        is_signed: a signature block ends the sheet.
        types_numbers: numbers are text, with a point between thousands.
        ticks: yes is a cross and no an empty cell.
        is_indented: the table begins in the second column.
    """

    ending: str
    has_motto: bool
    numbers_columns: bool
    has_total: bool
    is_signed: bool
    types_numbers: bool
    ticks: bool
    is_indented: bool


@dataclass(frozen=True)
class Planted:
    """Something made wrong on purpose.

    Attributes:
        rule_id: the rule that must notice it.
        column_name: in which column of the form; None when it is not about a cell.
        row: in which data row, from 0; None when it is not about a row.
    """

    rule_id: str
    column_name: str | None = None
    row: int | None = None


@dataclass
class Report:
    """A report before it is written. What is planted changes it in place.

    Attributes:
        columns: the form's columns, in the order of the sheet.
        rows: cells by column name, numbers as numbers.
        lines: the lines that name agency and period.
        more_columns: columns the form does not have.
        total_errors: by how much the total row is wrong, by column name.
        bytes_kept: share of the file that arrives.
    """

    form: Form
    reporter: Reporter
    period: Period
    columns: list[FormColumn]
    rows: list[dict[str, Any]]
    habits: Habits
    agency_line: str
    period_line: str
    file_name: str
    more_columns: list[str] = field(default_factory=list)
    total_errors: dict[str, int] = field(default_factory=dict)
    bytes_kept: float = 1.0
    planted: list[Planted] = field(default_factory=list)

    @property
    def numeric(self) -> list[str]:
        """The columns that receipts add up."""
        return [
            column.column_name
            for column in self.columns
            if column.data_type in ("integer", "decimal") and column.column_name != _ORDINAL
        ]

    @property
    def totals(self) -> dict[str, int | Decimal]:
        """Sum of each numeric column that holds numbers."""
        sums: dict[str, int | Decimal] = {}
        for name in self.numeric:
            cells = [row[name] for row in self.rows if isinstance(row[name], int | Decimal)]
            if cells:
                sums[name] = sum(cells)
        return sums


def report_of(
    catalogue: Catalogue,
    reporter: Reporter,
    period: Period,
    form_code: str,
    figures: pa.Table,
    ending: str | None,
) -> Report:
    """A report on these figures, filled in the way the agency's office does.

    Args:
        catalogue: holds the form and its columns.
        reporter: who reports.
        period: on which period.
        form_code: with which form.
        figures: the rows, typed as in the lake.
        ending: the kind of file; None for what the office is used to.
    """
    random = reporter.random(form_code, period.code, "habits")
    columns = list(catalogue.columns_of(form_code))
    habits = _habits(random, columns, figures.num_rows, ending)
    if random.random() < 0.15 and not any(" > " in column.header_vi for column in columns):
        first, rest = columns[:2], columns[2:]
        columns = [*first, *(rest[place] for place in random.permutation(len(rest)))]
    agency = reporter.agency
    names = (agency.name_vi, agency.name_vi, agency.short_name_vi)
    return Report(
        form=catalogue.form(form_code),
        reporter=reporter,
        period=period,
        columns=columns,
        rows=figures.select([column.column_name for column in columns]).to_pylist(),
        habits=habits,
        agency_line=f"Cơ quan báo cáo: {names[int(random.integers(0, len(names)))]}",
        period_line=_period_line(random, period),
        file_name=_file_name(random, reporter, period, form_code) + habits.ending,
    )


def _habits(
    random: np.random.Generator, columns: Sequence[FormColumn], rows: int, ending: str | None
) -> Habits:
    if ending is None:
        ending = str(random.choice(list(KINDS), p=list(KINDS.values())))
    if rows > _MOST_ROWS.get(ending, rows):
        ending = ".csv"
    chances = iter(random.random(7))
    is_summable = not any(column.column_name == "element_code" for column in columns) and any(
        column.data_type == "integer" and column.is_required for column in columns
    )
    return Habits(
        ending=ending,
        has_motto=next(chances) < 0.7,
        numbers_columns=next(chances) < 0.5,
        has_total=next(chances) < 0.6 and is_summable,
        is_signed=next(chances) < 0.7,
        types_numbers=next(chances) < 0.12,
        ticks=next(chances) < 0.5,
        is_indented=next(chances) < 0.1,
    )


def _period_line(random: np.random.Generator, period: Period) -> str:
    start: date = period.start or period.end
    lines = (
        f"Kỳ báo cáo: {name_vi(period)}",
        f"Kỳ báo cáo: {period.code}",
        f"Từ ngày {start:%d/%m/%Y} đến ngày {period.end:%d/%m/%Y}",
    )
    return lines[int(random.integers(0, len(lines)))]


def _file_name(random: np.random.Generator, reporter: Reporter, period: Period, form_code: str) -> str:
    """Names begin with the form and the agency's own code: two agencies may share a folder."""
    names = (
        f"{form_code}_{period.code}_{reporter.agency.agency_code}",
        f"{form_code}_{reporter.agency.agency_code}_tháng {period.end.month} năm {period.end.year}",
        f"Bao cao {form_code} {reporter.agency.agency_code} {period.end:%m-%Y}",
    )
    return names[int(random.integers(0, len(names)))]


def renamed(file_name: str, stem: str) -> str:
    """A file name with another stem."""
    return PurePath(file_name).with_stem(stem).name
