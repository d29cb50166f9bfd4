"""Reading and checking one file: what it says, and what is wrong with it. Nothing is stored here."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from national_kpi.agencies import AgencyResolver
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.errors import CatalogueError, UnreadableFileError
from national_kpi.intake.attribution import folder_holder, read_period, read_reporter, wrong_folder
from national_kpi.intake.cells import address, shown
from national_kpi.intake.forms import Body, FormFinder, Table
from national_kpi.intake.header import read_file_name, read_heading
from national_kpi.intake.isolation import IsolatedReader
from national_kpi.intake.locate import check_columns, find_tables
from national_kpi.intake.problems import Noticed, Problem, problem, worded
from national_kpi.intake.rows import Frame, RowReader, Rows, places_of_numbers
from national_kpi.intake.rules import broken_rows
from national_kpi.intake.totals import check_total_row, column_totals
from national_kpi.periods import Period, period_of

log = logging.getLogger(__name__)

PLACES_LISTED = 200
"""Places listed for one rule; further ones are counted."""


@dataclass
class Examination:
    """What a file says. Fields stay None as far as it could not be understood.

    Attributes:
        is_readable: False when the file could not be opened or its folder belongs to nobody.
        reporter: for whom the file speaks.
        known_from: the day from which the figures count as known.
        rows: the typed rows in the lake's shape.
        totals: sum of each numeric column, by column name.
        problems: what is wrong, in the order of the file.
    """

    is_readable: bool = True
    form_code: str | None = None
    reporter: Agency | None = None
    period: Period | None = None
    known_from: date | None = None
    rows: pa.Table | None = None
    totals: dict[str, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows_understood(self) -> int:
        """Rows without a blocking problem of their own."""
        blocked = {(p.sheet, p.row_number) for p in self.problems if p.severity == "block" and p.row_number}
        return max(0, self.rows.num_rows - len(blocked)) if self.rows is not None else 0


class Examiner:
    """Reads and checks files against one state of the catalogue. Build it once for many files."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._finder = FormFinder(catalogue)
        self._resolver = AgencyResolver(catalogue)
        self._reader = IsolatedReader()

    def examine(
        self, path: Path, file_name: str, agency_code: str, day: date, submission_id: str = ""
    ) -> Examination:
        """Read and check one file.

        Args:
            path: where the bytes are.
            file_name: the name it was sent under.
            agency_code: the folder it was found in.
            day: the day of receipt.
            submission_id: marks the rows.

        Raises:
            CatalogueError: a rule of the catalogue cannot be evaluated.
            OSError: the bytes cannot be read from the disk.
        """
        result, noticed = Examination(), list[Noticed]()
        try:
            self._examine(result, noticed, path, file_name, agency_code, day, submission_id)
        except UnreadableFileError as error:
            result.is_readable = False
            noticed.append(problem("READ-01", {"what": error.what, "remedy": error.remedy}))
        except (CatalogueError, OSError):
            raise
        except Exception:
            # A mistake of ours on one file must not stop the others: the sender gets a receipt, we a trace.
            log.exception("submission %s: %s could not be examined", submission_id, file_name)
            result.is_readable = False
            result.rows = None
            noticed.append(problem("READ-02"))
        result.problems = [worded(self._catalogue, one) for one in _listed(noticed)]
        return result

    def mark(self, source: Path, file_name: str, body: Mapping[str, Any], target: Path) -> str:
        """Write the marked copy of a file that was examined: see `marking.mark_workbook`."""
        return self._reader.mark_workbook(source, file_name, body, target)

    def _examine(
        self,
        result: Examination,
        noticed: list[Noticed],
        path: Path,
        file_name: str,
        agency_code: str,
        day: date,
        submission_id: str,
    ) -> None:
        catalogue = self._catalogue
        holder = folder_holder(catalogue, agency_code, day)
        if holder is None:
            result.is_readable = False
            noticed.append(wrong_folder(catalogue, agency_code, day))
            return
        named = read_file_name(file_name, {form.form_code for form in catalogue.forms})
        sheets = self._reader.read_sheets(path, file_name)
        tables, about_sheets = find_tables(catalogue, self._finder, sheets, named.form_code)
        noticed += about_sheets
        if not tables:
            return
        result.form_code = tables[0].form_code
        for table in tables:
            noticed += check_columns(catalogue, table)
        headings = [read_heading(table.sheet, table.top) for table in tables]
        result.period, about_period = read_period(headings, named.period, day)
        noticed += about_period
        end = result.period.end if result.period else day
        publishes = catalogue.form(result.form_code).source == "published"
        result.reporter, about_reporter = read_reporter(
            catalogue, self._resolver, headings, holder, (day, end) if publishes else (end, day)
        )
        noticed += about_reporter
        frame = Frame(
            catalogue, self._resolver, result.form_code, holder, result.reporter, result.period, day
        )
        if publishes and not result.reporter.may_publish:
            words = {"reporter": result.reporter.name_vi, "form": result.form_code}
            noticed.append(problem("AGENCY-06", words))
        rows = self._read_rows(frame, tables, path, file_name, submission_id)
        if not rows.values:
            noticed.append(problem("FORM-06", {"form": result.form_code}, sheet=tables[0].sheet.name))
            return
        noticed += rows.problems
        result.totals = column_totals(catalogue.columns_of(frame.form_code), rows.values)
        self._settle_period(result, noticed, frame, rows)
        result.rows = rows.to_arrow(frame)
        noticed += self._break_rules(frame, rows, result.rows)

    def _read_rows(
        self, frame: Frame, tables: Sequence[Table], path: Path, file_name: str, submission_id: str
    ) -> Rows:
        rows, reader = Rows(), RowReader(frame, submission_id)
        columns = frame.catalogue.columns_of(frame.form_code)
        for table in tables:
            body = self._finder.body(table)
            numbers = places_of_numbers(table, body, columns)
            percents = {}
            if numbers:
                percents = self._reader.percent_decimals(path, file_name, table.sheet.name, numbers)
            before = len(rows.values)
            reader.read(table, body, percents, rows)
            for index in body.headings:
                found = next(shown(cell) for cell in reversed(table.sheet.row(index)) if cell is not None)
                rows.problems.append(
                    problem("ROW-01", sheet=table.sheet.name, row_number=index + 1, found=found)
                )
            if body.unfilled:
                rows.problems.append(_unfilled(table, body))
            if not frame.publishes:
                locale = frame.catalogue.form(frame.form_code).locale
                rows.problems += check_total_row(columns, locale, table, body, rows.values[before:])
        return rows

    def _settle_period(self, result: Examination, noticed: list[Noticed], frame: Frame, rows: Rows) -> None:
        """The file's period and day of knowledge, from its rows where its heading says nothing."""
        result.known_from = max((row["known_from"] for row in rows.values if row["known_from"]), default=None)
        if result.period is None and frame.publishes:
            periods = {row["period_code"]: row for row in rows.values if row.get("period_code")}
            if len(periods) == 1:
                (row,) = periods.values()
                result.period = period_of(row["period_start"], row["period_end"], row["period_known"])
            elif result.known_from:
                result.period = period_of(None, result.known_from, known=False)
        if result.period is None and not any(one.rule_id == "PERIOD-02" for one in noticed):
            noticed.append(problem("PERIOD-01"))

    def _break_rules(self, frame: Frame, rows: Rows, typed: pa.Table) -> Iterator[Noticed]:
        constraints = {c.column_name: c.constraint_text for c in self._catalogue.columns_of(frame.form_code)}
        for rule, broken in broken_rows(
            self._catalogue, typed, self._catalogue.rules_of(frame.form_code, "row")
        ):
            for number in broken:
                (table, index), row = rows.places[number], rows.values[number]
                position = table.columns.get(rule.column_name or "")
                cell = None if position is None else table.sheet.cell(index, position)
                yield problem(
                    rule.rule_id,
                    sheet=table.sheet.name,
                    row_number=index + 1,
                    column_name=rule.column_name,
                    cell=None if position is None else address(index, position),
                    found=None if cell is None else shown(cell),
                    expected=constraints.get(rule.column_name or ""),
                    agency_id=row.get("agency_id"),
                    kpi_code=row.get("kpi_code"),
                    period_code=row.get("period_code"),
                )


def _unfilled(table: Table, body: Body) -> Noticed:
    """How many rows were left as handed out, and which comes first."""
    first = body.unfilled[0] + 1
    return problem("ROW-02", {"count": len(body.unfilled)}, sheet=table.sheet.name, row_number=first)


def _listed(noticed: Sequence[Noticed]) -> Iterator[Noticed]:
    """At most `PLACES_LISTED` places of each rule, and how many more there are."""
    counts: Counter[str] = Counter()
    for one in noticed:
        counts[one.rule_id] += 1
        if counts[one.rule_id] <= PLACES_LISTED:
            yield one
    for rule_id, count in counts.items():
        if count > PLACES_LISTED:
            yield problem("MORE-01", {"count": count - PLACES_LISTED, "rule_id": rule_id})
