"""Reading a form's rows: every cell typed, every row dated and attributed.

Cells are read by columns, each distinct cell once: what it means, or why it means nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from national_kpi.agencies import Resolution, may_speak_for
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, FormColumn
from national_kpi.errors import PeriodError
from national_kpi.intake.body import ORDINAL, Body
from national_kpi.intake.cells import (
    BadCellError,
    Printed,
    expected_in,
    is_plain_count,
    read_cell,
    read_printed_value,
    shown,
)
from national_kpi.intake.forms import ABOUT_WHOM, Table
from national_kpi.intake.number_locale import Doubt, NumberLocale, Reading, plain_digits
from national_kpi.intake.problems import Noticed, Notices, Positions
from national_kpi.intake.rows import Frame, Part, Rows
from national_kpi.intake.sheets import Cell, Column, Place
from national_kpi.intake.text import fold
from national_kpi.lake import lake_schema
from national_kpi.periods import Period, period_of

_DATED = ("period_from", "period_to", "published_on")
"""The columns by which a row dates itself."""

_RULES_OF_DOUBT: dict[Doubt, str] = {
    "ambiguous": "NUMBER-01",
    "other_style": "NUMBER-02",
    "scale_word": "NUMBER-03",
}
_TOLD_ONCE = {"AGENCY-05"}
"""Rules of which one place of each cell is enough."""

Codes = np.ndarray[tuple[int], np.dtype[Any]]
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class _Said:
    """Why a cell, or a row, is not as it should be."""

    rule_id: str
    words: Mapping[str, Any] = field(default_factory=dict)
    expected: str | None = None


@dataclass(frozen=True)
class _Fault:
    """Rows of a table that break one rule in one column."""

    rule_id: str
    column_name: str
    rows: Positions
    said: Callable[[int], _Said]


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, frame: Frame, submission_id: str, locale: NumberLocale) -> None:
        self._frame = frame
        self._submission_id = submission_id
        self._columns = frame.catalogue.columns_of(frame.form_code)
        self._schema = lake_schema(frame.catalogue, frame.form_code)
        self._locale = locale
        self._codes = _code_lists(frame.catalogue)
        self._resolved: dict[tuple[str, date], Resolution] = {}
        self._unknown_units: set[str] = set()

    def read(
        self, table: Table, body: Body, percents: dict[Place, int], rows: Rows, notices: Notices
    ) -> None:
        """Append a table's data rows.

        Args:
            table: where the form was found.
            body: which of its rows are data.
            percents: number cells shown as a percentage, with their decimals.
            rows: what to append to.
            notices: where to note what is wrong with them.
        """
        count = len(body.data)
        values: dict[str, pa.Array] = {}
        faults: list[_Fault] = []
        for column in self._columns:
            position = table.columns.get(column.column_name)
            if position is None:
                continue
            held = table.sheet.columns[position]
            if column.data_type == "printed_value":
                found = self._printed_values(column, table, body, percents, values)
            else:
                found = self._typed(column, held, held.codes[body.data], values)
            faults += found
        self._fill_fraction(values)
        periods = self._periods(values, count, faults)
        self._agencies(table, body, periods, values, faults)
        values |= {
            "submission_id": _same(self._submission_id, count),
            "sheet": _same(table.sheet.name, count),
            "row_number": pa.array(body.data + 1),
            "reported_by": _same(self._frame.reporter.agency_id, count),
        }
        columns = [values.get(field.name, pa.nulls(count)).cast(field.type) for field in self._schema]
        before = len(rows)
        rows.parts.append(Part(table, body.data, pa.table(columns, schema=self._schema)))
        for fault in faults:
            _note(fault, before, rows, notices)

    def _typed(
        self, column: FormColumn, held: Column, codes: Codes, values: dict[str, pa.Array]
    ) -> Iterator[_Fault]:
        """One column's values; yields what is wrong with its cells."""
        name = column.column_name
        wrong: dict[int, _Said] = {}
        read = partial(self._read, column, wrong)
        meanings: Any = None
        if column.data_type in ("text", "code") and name not in self._codes:
            meanings = held.texts(read)
        if meanings is None:
            meanings = [None, *map(read, range(1, len(held.cells)), held.cells[1:])]
        if column.data_type == "yes_no" and codes.any():
            meanings[0] = False  # in a column of ticks an empty box means no
        elif column.is_required:
            wrong[0] = _Said("CELL-02", {"header": column.header_vi}, expected_in(column))
        values[name] = pa.array(meanings, self._schema.field(name).type).take(pa.array(codes))
        yield from _faults(name, codes, wrong)

    def _read(self, column: FormColumn, wrong: dict[int, _Said], code: int, cell: Cell) -> Any:
        """What a cell means; `wrong` gets, by its code, why it means nothing or is in doubt."""
        if column.data_type == "integer" and is_plain_count(cell):
            return int(cell)
        try:
            reading = self._meaning(column, cell)
        except BadCellError as error:
            meaning, rule_id, more = None, error.rule_id, {}
            expected = error.expected
        else:
            meaning, expected = reading.value, None
            if reading.doubt is None:
                return meaning
            rule_id, more = _RULES_OF_DOUBT[reading.doubt], {"read": plain_digits(meaning)}
        if column.column_name != ORDINAL:  # `1.1` or `I` numbers the rows as well as `1` does
            wrong[code] = _Said(rule_id, {"header": column.header_vi, "found": shown(cell), **more}, expected)
        return meaning

    def _meaning(self, column: FormColumn, cell: Cell) -> Reading[Any]:
        if codes := self._codes.get(column.column_name):
            if (code := codes.get(shown(cell).casefold())) is None:
                raise BadCellError("CODE-01")
            return Reading(code)
        return read_cell(column, cell, self._locale)

    def _printed_values(
        self,
        column: FormColumn,
        table: Table,
        body: Body,
        percents: dict[Place, int],
        values: dict[str, pa.Array],
    ) -> Iterator[_Fault]:
        """A column of published values, and what each of them says."""
        position = table.columns[column.column_name]
        places = [(int(index), position) for index in body.data]
        # A number is printed as its cell shows it: the same number may be printed in several ways.
        cells = [table.sheet.cell(*place) for place in places]
        distinct, codes = _distinct(
            [(type(cell), cell, percents.get(place)) for cell, place in zip(cells, places, strict=True)]
        )
        printed: list[Printed | None] = []
        wrong: dict[int, _Said] = {}
        for code, (_, cell, decimals) in enumerate(distinct):
            meaning = None
            if cell is None and column.is_required:
                wrong[code] = _Said("CELL-02", {"header": column.header_vi}, expected_in(column))
            elif cell is not None:
                try:
                    meaning = read_printed_value(column, cell, decimals)
                except BadCellError as error:
                    wrong[code] = _Said(error.rule_id, {"header": column.header_vi}, error.expected)
            printed.append(meaning)
        told = [one.value if one else None for one in printed]
        for name, meanings in {
            column.column_name: [one and one.text for one in printed],
            "stated_value": [one and one.stated_value for one in told],
            "bound": [one and one.bound for one in told],
            "value_low": [one and one.low for one in told],
            "value_high": [one and one.high for one in told],
            "decimals": [None if one is None else one.decimals for one in told],
            "printed_unit": [one and one.unit for one in told],
        }.items():
            values[name] = pa.array(meanings, self._schema.field(name).type).take(pa.array(codes))
        for name in ("numerator", "denominator"):
            parts = [
                None if one is None or (part := getattr(one, name)) is None else int(part) for one in told
            ]
            values[f"printed_{name}"] = pa.array(parts, pa.int64()).take(pa.array(codes))
        yield from _faults(column.column_name, codes, wrong)

    def _fill_fraction(self, values: dict[str, pa.Array]) -> None:
        """Numerator and denominator are those of their columns, else those of a printed fraction."""
        for name in ("numerator", "denominator"):
            printed = values.pop(f"printed_{name}", None)
            if printed is not None:
                values[name] = pc.coalesce(values[name], printed) if name in values else printed

    def _periods(
        self, values: dict[str, pa.Array], count: int, faults: list[_Fault]
    ) -> tuple[list[date], Codes]:
        """Date every row; gives back the distinct days on which periods end, and which is each row's."""
        frame = self._frame
        distinct: list[tuple[date | None, date | None, date | None]] = [(None, None, None)]
        codes: Codes = np.zeros(count, np.int64)
        if any(name in values for name in _DATED):
            dated = [values[name].to_pylist() if name in values else [None] * count for name in _DATED]
            distinct, codes = _distinct(zip(*dated, strict=True))
        periods = [self._period(*days) for days in distinct]
        for name, held in {
            "period_code": [period and period.code for period in periods],
            "period_start": [period and period.start for period in periods],
            "period_end": [period and period.end for period in periods],
            "period_known": [period and period.known for period in periods],
            "known_from": [published if frame.publishes else frame.day for *_, published in distinct],
        }.items():
            values[name] = pa.array(held, self._schema.field(name).type).take(pa.array(codes))
        expected = f"không sau ngày {frame.day:%d/%m/%Y}"
        unborn = {
            code: _Said("PERIOD-06", expected=expected)
            for code, (*_, published) in enumerate(distinct)
            if frame.publishes and published and published > frame.day
        }
        open_ended = {
            code: _Said("PERIOD-07") for code, (start, end, _) in enumerate(distinct) if start and not end
        }
        faults += _faults("published_on", codes, unborn)
        faults += _faults("period_to", codes, open_ended)
        return [period.end if period else frame.day for period in periods], codes

    def _period(self, start: date | None, end: date | None, published_on: date | None) -> Period | None:
        """A row's own period, else the file's, else the day of publication stands in for it."""
        if end:
            try:
                return period_of(start, end)
            except PeriodError:
                return None  # a rule of the catalogue says that the days are swapped
        if not published_on:
            return self._frame.period
        unknown = period_of(None, published_on, known=False)
        if self._frame.period is None or self._frame.period.code == unknown.code:
            return unknown
        return self._frame.period

    def _agencies(
        self,
        table: Table,
        body: Body,
        periods: tuple[list[date], Codes],
        values: dict[str, pa.Array],
        faults: list[_Fault],
    ) -> None:
        """Attribute every row; names are looked up on the day on which the row's period ends."""
        days, day_codes = periods
        values["agency_id"] = _same(self._frame.reporter.agency_id, len(body.data))
        for column in self._columns:
            position = table.columns.get(column.column_name)
            if column.data_type != "agency" or position is None:
                continue
            held = table.sheet.columns[position]
            distinct, codes = _distinct_pairs(held.codes[body.data], day_codes, len(days))
            is_about = column.column_name == ABOUT_WHOM
            ids: list[str | None] = []
            wrong: dict[int, _Said] = {}
            for code, pair in enumerate(distinct):
                cell, day = held.cells[int(pair) // len(days)], days[int(pair) % len(days)]
                agency: Agency | None = None
                said: _Said | None = None
                if cell is not None:
                    agency, said = (self._about_whom if is_about else self._unit)(shown(cell), day)
                ids.append(agency.agency_id if agency else None)
                if said:
                    wrong[code] = said
            name = "agency_id" if is_about else f"{column.column_name}_id"
            values[name] = pa.array(ids, pa.string()).take(pa.array(codes))
            faults += _faults(column.column_name, codes, wrong)

    def _about_whom(self, printed: str, day: date) -> tuple[Agency | None, _Said | None]:
        frame, resolution = self._frame, self._resolve(printed, day)
        agency = resolution.agency
        if agency is None:
            return None, _Said("AGENCY-03", {"found": printed, "suggestion": suggestion(resolution)})
        if not (frame.publishes and frame.reporter.may_publish) and not self._within(agency):
            return agency, _Said("AGENCY-04", {"agency": agency.name_vi, "reporter": frame.reporter.name_vi})
        return agency, None

    def _unit(self, printed: str, day: date) -> tuple[Agency | None, _Said | None]:
        resolution = self._resolve(printed, day)
        agency = resolution.agency
        if agency and self._within(agency):
            return agency, None
        if agency and fold(printed) in {fold(name) for name in (agency.name_vi, agency.agency_code)}:
            words = {"agency": agency.name_vi, "reporter": self._frame.reporter.name_vi}
            return None, _Said("AGENCY-04", words)
        if fold(printed) in self._unknown_units:
            return None, None
        self._unknown_units.add(fold(printed))
        return None, _Said("AGENCY-05", {"found": printed, "suggestion": suggestion(resolution)})

    def _within(self, agency: Agency) -> bool:
        return may_speak_for(self._frame.catalogue, self._frame.holder, agency)

    def _resolve(self, printed: str, day: date) -> Resolution:
        key = (printed, day)
        if key not in self._resolved:
            resolver = self._frame.resolver
            own = resolver.resolve(printed, day, below=self._frame.holder)
            elsewhere = resolver.resolve(printed, day) if self._frame.publishes else own
            self._resolved[key] = own if own.agency else elsewhere
        return self._resolved[key]


def suggestion(resolution: Resolution) -> str:
    """A sentence that names whom the sender may have meant; empty when nobody comes to mind."""
    return f" Có thể là “{resolution.suggestion.name_vi}”." if resolution.suggestion else ""


def _code_lists(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Columns whose codes must be in the catalogue, with the codes by their casefolded form."""
    tasks = [row.target_id for row in catalogue.targets if row.is_to_be_done]
    lists = {
        "element_code": [row.element_code for row in catalogue.data_elements],
        "form_code": [row.form_code for row in catalogue.forms],
        "kpi_code": [row.kpi_code for row in catalogue.kpis],
        "milestone_code": tasks + [row.kpi_code for row in catalogue.kpis if row.kind == "milestone"],
    }
    return {column: {code.casefold(): code for code in codes} for column, codes in lists.items()}


def _distinct(items: Iterable[T]) -> tuple[list[T], Codes]:
    """The distinct items, and which of them stands in each place."""
    seen: dict[T, int] = {}
    codes = [seen.setdefault(item, len(seen)) for item in items]
    return list(seen), np.array(codes, np.int64)


def _distinct_pairs(firsts: Codes, seconds: Codes, width: int) -> tuple[Codes, Codes]:
    """The distinct pairs, as `first * width + second`, and which of them stands in each place."""
    pairs = firsts.astype(np.int64) * width + seconds
    if width > 1:
        return np.unique(pairs, return_inverse=True)
    is_there = np.bincount(pairs) > 0  # codes are small numbers, so that nothing needs to be sorted
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[pairs]


def _same(value: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), count)


def _faults(column_name: str, codes: Codes, wrong: Mapping[int, _Said]) -> Iterator[_Fault]:
    """The rows whose code is wrong, rule by rule."""
    by_rule: dict[str, list[int]] = defaultdict(list)
    for code, said in wrong.items():
        by_rule[said.rule_id].append(code)
    for rule_id, bad in by_rule.items():
        rows = np.flatnonzero(np.isin(codes, bad))
        if rule_id in _TOLD_ONCE:
            rows = np.sort(rows[np.unique(codes[rows], return_index=True)[1]])
        if len(rows):
            yield _Fault(rule_id, column_name, rows, lambda row: wrong[int(codes[row])])


def _note(fault: _Fault, before: int, rows: Rows, notices: Notices) -> None:
    def describe(row: int) -> Noticed:
        said = fault.said(row - before)
        return rows.notice(fault.rule_id, row, fault.column_name, said.words, expected=said.expected)

    notices.add_rows(fault.rule_id, fault.rows + before, describe)
