"""Reading and checking one file: what it says, and what is wrong with it. Nothing is stored here."""

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.agencies import AgencyResolver, is_focal_point
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.errors import CatalogueError, UnreadableFileError
from national_kpi.intake.attribution import (
    check_named_agency,
    folder_holder,
    read_period,
    read_reporter,
    wrong_folder,
)
from national_kpi.intake.body import says_nil as says_nil_text
from national_kpi.intake.cells import shown
from national_kpi.intake.explanations import Explanation, explain, read_explanations
from national_kpi.intake.forms import FormFinder, Table
from national_kpi.intake.header import Heading, read_file_name, read_heading
from national_kpi.intake.isolation import IsolatedReader
from national_kpi.intake.locate import check_columns, find_tables
from national_kpi.intake.number_cells import file_locale, places_of_numbers
from national_kpi.intake.outcomes import Outcome, outcome_of
from national_kpi.intake.problems import PLACES_LISTED, Noticed, Notices, Problem, problem
from national_kpi.intake.row_reader import RowReader
from national_kpi.intake.rows import Frame, Rows
from national_kpi.intake.rules import Broken, broken_rows
from national_kpi.intake.sheets import Sheet
from national_kpi.intake.totals import check_total_row, column_totals
from national_kpi.limits import DEFAULT_LIMITS, Limits
from national_kpi.periods import Period, period_of

log = logging.getLogger(__name__)

PERIOD_COLUMNS = ("period_code", "period_start", "period_end", "period_known")


@dataclass(frozen=True)
class Earlier:
    """What the reporter last reported with a form for the period before."""

    submission_id: str
    rows: pa.Table


History = Callable[[Agency, str, Period], Earlier | None]
"""Finds what an agency reported with a form before a period; None when it is the first."""


@dataclass
class Examination:
    """What a file says. Fields stay None as far as it could not be understood.

    Attributes:
        is_readable: False when the file could not be opened or its folder belongs to nobody.
        reporter: for whom the file speaks.
        known_from: the day from which the figures count as known.
        rows: the typed rows in the lake's shape, without those left out.
        rows_left_out: rows that something blocks, of a form that counts the others all the same.
        rows_understood: rows that nothing blocks.
        totals: sum of each numeric column, by column name.
        is_nil: whether the file says that there is nothing to report.
        compared_with: the submission for the period before, with which this one was compared.
        not_evaluated: rules that need the history, where there is none at hand.
        problems: what is wrong, in the order of the file.
    """

    is_readable: bool = True
    form_code: str | None = None
    reporter: Agency | None = None
    period: Period | None = None
    known_from: date | None = None
    rows: pa.Table | None = None
    rows_left_out: int = 0
    rows_understood: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    is_nil: bool = False
    compared_with: str | None = None
    not_evaluated: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """What the file deserves by itself, before it is compared with earlier ones."""
        return outcome_of(self.problems, is_readable=self.is_readable, keeps_part=self.rows_left_out > 0)


class Examiner:
    """Reads and checks files against one state of the catalogue. Build it once for many files.

    Args:
        catalogue: by which to check.
        limits: what a file may be at most.
    """

    def __init__(self, catalogue: Catalogue, limits: Limits = DEFAULT_LIMITS) -> None:
        self._catalogue = catalogue
        self._finder = FormFinder(catalogue)
        self._resolver = AgencyResolver(catalogue)
        self._reader = IsolatedReader(limits)

    def examine(
        self,
        path: Path,
        file_name: str,
        agency_code: str,
        day: date,
        submission_id: str = "",
        history: History | None = None,
    ) -> Examination:
        """Read and check one file.

        Args:
            path: where the bytes are.
            file_name: the name it was sent under.
            agency_code: the folder it was found in.
            day: the day of receipt.
            submission_id: marks the rows.
            history: finds the period before; without it the rules that need it are only named.

        Raises:
            CatalogueError: a rule of the catalogue cannot be evaluated.
            OSError: the bytes cannot be read from the disk.
        """
        result, notices = Examination(), Notices(self._catalogue)
        explanations: list[Explanation] = []
        try:
            holder = folder_holder(self._catalogue, agency_code, day)
            if holder is None:
                result.is_readable = False
                notices.add([wrong_folder(self._catalogue, agency_code, day)])
            else:
                sheets = self._reader.read_sheets(path, file_name)
                explanations = read_explanations(sheets)
                file = _File(path, file_name, sheets, holder, day, submission_id)
                self._examine(result, notices, file, history)
        except UnreadableFileError as error:
            result.is_readable = False
            notices.add(
                [
                    problem(
                        error.rule_id, sheet=error.where or None, found=error.found, expected=error.expected
                    )
                ]
            )
        except (CatalogueError, OSError):
            raise
        except Exception:
            # A mistake of ours on one file must not stop the others: the sender gets a receipt, we a trace.
            log.exception("submission %s: %s could not be examined", submission_id, file_name)
            result, notices = Examination(is_readable=False), Notices(self._catalogue)
            notices.add([problem("READ-02")])
        result.problems = explain(notices.problems(), explanations)
        return result

    def by(self, catalogue: Catalogue) -> "Examiner":
        """The same by a catalogue that has other tasks; the process that opens files is shared."""
        other = copy(self)
        other._catalogue = catalogue
        return other

    def mark(self, source: Path, file_name: str, body: Mapping[str, Any], target: Path) -> str:
        """Write the marked copy of a file that was examined: see `marking.mark_workbook`."""
        return self._reader.mark_workbook(source, file_name, body, target)

    def _examine(self, result: Examination, notices: Notices, file: "_File", history: History | None) -> None:
        catalogue = self._catalogue
        form_codes = {form.form_code for form in catalogue.forms}
        named = [read_file_name(name, form_codes) for name in file.names]
        named_form = next((one.form_code for one in named if one.form_code), None)
        tables, about_sheets = find_tables(catalogue, self._finder, file.sheets, named_form)
        notices.add(about_sheets)
        if not tables:
            return
        form = catalogue.form(tables[0].form_code)
        result.form_code = form.form_code
        for table in tables:
            notices.add(check_columns(catalogue, table))
        frame = self._frame(result, notices, file, tables, named)
        rows, says_nil = self._read_rows(frame, notices, file, tables)
        if not len(rows) and not (says_nil and form.may_be_nil):
            notices.add([problem("FORM-06", {"form": form.form_code}, sheet=tables[0].sheet.name)])
            return
        result.is_nil = not len(rows)
        if says_nil:
            rule_id = "NIL-01" if result.is_nil else "NIL-02"
            notices.add([problem(rule_id, {"form": form.form_code}, sheet=tables[0].sheet.name)])
        typed = rows.to_arrow()
        self._settle_period(result, notices, frame, typed)
        self._break_rules(result, notices, frame, rows, typed, history)
        blocked = notices.blocked_rows(len(rows))
        result.rows_understood = len(rows) - int(blocked.sum())
        if blocked.any() and form.accepts_partly and result.rows_understood and not notices.blocks_file:
            result.rows_left_out = int(blocked.sum())
            typed = typed.filter(pa.array(~blocked))
        result.rows = typed
        result.totals = column_totals(catalogue.columns_of(form.form_code), typed)

    def _frame(
        self,
        result: Examination,
        notices: Notices,
        file: "_File",
        tables: Sequence[Table],
        named: Sequence[Heading],
    ) -> Frame:
        """For whom the file speaks, and about which period."""
        catalogue, day = self._catalogue, file.day
        form_code = tables[0].form_code
        source = catalogue.form(form_code).source
        headings = [read_heading(table.sheet, table.top) for table in tables]
        result.period, about_period = read_period(headings, [one.period for one in named if one.period], day)
        notices.add(about_period)
        end = result.period.end if result.period else day
        publishes = source == "published"
        result.reporter, about_reporter = read_reporter(
            catalogue, self._resolver, headings, file.holder, (day, end) if publishes else (end, day)
        )
        notices.add(about_reporter)
        for name in file.names:
            notices.add(check_named_agency(catalogue, name, file.holder, result.reporter))
        if publishes and not result.reporter.may_publish:
            words = {"reporter": result.reporter.name_vi, "form": form_code}
            notices.add([problem("AGENCY-06", words)])
        if source == "confirmation" and not is_focal_point(catalogue, result.reporter, end):
            words = {"reporter": result.reporter.name_vi, "form": form_code}
            notices.add([problem("AGENCY-08", words)])
        return Frame(catalogue, self._resolver, form_code, file.holder, result.reporter, result.period, day)

    def _read_rows(
        self, frame: Frame, notices: Notices, file: "_File", tables: Sequence[Table]
    ) -> tuple[Rows, bool]:
        """The rows of all tables, and whether one of them says that there are none."""
        columns, form = self._catalogue.columns_of(frame.form_code), self._catalogue.form(frame.form_code)
        bodies = [self._finder.body(table) for table in tables]
        locale = file_locale(form.locale, columns, zip(tables, bodies, strict=True))
        rows = Rows(self._catalogue, frame.form_code)
        reader = RowReader(frame, file.submission_id, locale)
        says_nil = False
        for table, body in zip(tables, bodies, strict=True):
            sheet = table.sheet
            numbers = places_of_numbers(table, body, columns)
            percents = {}
            if numbers:
                percents = self._reader.percent_decimals(file.path, file.name, sheet.name, numbers)
            reader.read(table, body, percents, rows, notices)
            for index in body.headings:
                found = next(shown(cell) for cell in reversed(sheet.row(index)) if cell is not None)
                notices.add([problem("ROW-01", sheet=sheet.name, row_number=index + 1, found=found)])
            if body.unfilled:
                words, first = {"count": len(body.unfilled)}, body.unfilled[0] + 1
                notices.add([problem("ROW-02", words, sheet=sheet.name, row_number=first)])
            if not frame.publishes:
                notices.add(check_total_row(columns, locale, table, body, rows.parts[-1].values))
            above = (cell for row in sheet.rows(table.top) for cell in row)
            says_nil = says_nil or bool(body.nils) or any(says_nil_text(cell) for cell in above)
        return rows, says_nil

    def _settle_period(self, result: Examination, notices: Notices, frame: Frame, rows: pa.Table) -> None:
        """The file's period and day of knowledge, from its rows where its heading says nothing."""
        result.known_from = pc.max(rows["known_from"]).as_py() or (frame.day if result.is_nil else None)
        if result.period is None and frame.publishes:
            periods = {
                code: (start, end, known)
                for code, start, end, known in zip(
                    *(rows[name].to_pylist() for name in PERIOD_COLUMNS), strict=True
                )
                if code
            }
            if len(periods) == 1:
                ((start, end, known),) = periods.values()
                result.period = period_of(start, end, known)
            elif result.known_from:
                result.period = period_of(None, result.known_from, known=False)
        if result.period is None and not notices.has("PERIOD-02"):
            notices.add([problem("PERIOD-01")])

    def _break_rules(
        self,
        result: Examination,
        notices: Notices,
        frame: Frame,
        rows: Rows,
        typed: pa.Table,
        history: History | None,
    ) -> None:
        catalogue, form_code = self._catalogue, frame.form_code
        columns = catalogue.columns_of(form_code)
        headers = {column.column_name: column.header_vi for column in columns}
        expected = {column.column_name: column.constraint_text for column in columns}
        rules, previous = list(catalogue.rules_of(form_code, "row")), None
        about_history = catalogue.rules_of(form_code, "history")
        if history is None:
            result.not_evaluated = [rule.rule_id for rule in about_history]
        elif (
            about_history
            and result.reporter
            and result.period
            and (earlier := history(result.reporter, form_code, result.period))
        ):
            result.compared_with = earlier.submission_id
            rules += about_history
            previous = earlier.rows
        for one in broken_rows(catalogue, typed, rules, previous):
            numbers = {int(row): number for number, row in enumerate(one.rows[:PLACES_LISTED])}

            def describe(row: int, one: Broken = one, numbers: dict[int, int] = numbers) -> Noticed:
                column = one.rule.column_name or ""
                return rows.notice(
                    one.rule.rule_id,
                    row,
                    column,
                    expected=expected.get(column) if one.rule.kind == "row" else None,
                    evidence=one.evidence(rows.values(row), headers, numbers[row]),
                )

            notices.add_rows(one.rule.rule_id, one.rows, describe)


@dataclass(frozen=True)
class _File:
    """One file under examination."""

    path: Path
    name: str
    sheets: list[Sheet]
    holder: Agency
    day: date
    submission_id: str

    @property
    def names(self) -> list[str]:
        """The file's name and, if it is an archive, those of the files in it."""
        return [self.name, *dict.fromkeys(sheet.file_name for sheet in self.sheets if sheet.file_name)]
