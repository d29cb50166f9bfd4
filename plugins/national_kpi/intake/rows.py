"""Reading a form's rows into the lake's shape: every cell typed, every row dated and attributed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from national_kpi.agencies import AgencyResolver, Resolution, may_speak_for
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, FormColumn
from national_kpi.errors import PeriodError
from national_kpi.intake.cells import BadCellError, address, read_cell, read_printed_value, shown
from national_kpi.intake.forms import ABOUT_WHOM, ORDINAL, Body, Table
from national_kpi.intake.problems import Noticed, problem
from national_kpi.intake.sheets import Cell, Place
from national_kpi.intake.text import fold
from national_kpi.lake import lake_schema
from national_kpi.periods import Period, period_of


@dataclass(frozen=True)
class Frame:
    """What all rows of a file have in common.

    Attributes:
        holder: who holds the folder on the day of receipt.
        reporter: for whom the file speaks: the holder, a predecessor or a unit of theirs.
        period: the file's period; None when only its rows say.
        day: the day of receipt.
    """

    catalogue: Catalogue
    resolver: AgencyResolver
    form_code: str
    holder: Agency
    reporter: Agency
    period: Period | None
    day: date

    @property
    def publishes(self) -> bool:
        """Whether the form carries published figures, which may be about other agencies."""
        return self.catalogue.form(self.form_code).source == "published"


@dataclass
class Rows:
    """The rows read so far.

    Attributes:
        values: one dictionary per row, keyed by lake column.
        places: where each row lies: its table and its index there, from 0.
        problems: what is wrong with cells and rows.
    """

    values: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[Table, int]] = field(default_factory=list)
    problems: list[Noticed] = field(default_factory=list)

    def to_arrow(self, frame: Frame) -> pa.Table:
        """The rows in the lake's shape."""
        schema = lake_schema(frame.catalogue, frame.form_code)
        columns = {name: [row.get(name) for row in self.values] for name in schema.names}
        return pa.table(columns, schema=schema)


class RowReader:
    """Reads rows of one file."""

    def __init__(self, frame: Frame, submission_id: str) -> None:
        self._frame = frame
        self._submission_id = submission_id
        self._columns = frame.catalogue.columns_of(frame.form_code)
        self._locale = frame.catalogue.form(frame.form_code).locale
        self._codes = _code_lists(frame.catalogue)
        self._resolved: dict[tuple[str, date], Resolution] = {}
        self._unknown_units: set[str] = set()

    def read(self, table: Table, body: Body, percents: dict[Place, int], rows: Rows) -> None:
        """Append a table's data rows.

        Args:
            table: where the form was found.
            body: which of its rows are data.
            percents: number cells shown as a percentage, with their decimals.
            rows: what to append to.
        """
        ticked = {
            column.column_name
            for column in self._columns
            if column.data_type == "yes_no"
            and column.column_name in table.columns
            and any(
                table.sheet.cell(index, table.columns[column.column_name]) is not None for index in body.data
            )
        }
        for index in body.data:
            row: dict[str, Any] = {
                "submission_id": self._submission_id,
                "sheet": table.sheet.name,
                "row_number": index + 1,
                "reported_by": self._frame.reporter.agency_id,
            }
            problems: list[Noticed] = []
            for column in self._columns:
                position = table.columns.get(column.column_name)
                if position is None:
                    continue
                cell = table.sheet.cell(index, position)
                if cell is None and column.column_name in ticked:
                    row[column.column_name] = False  # in a column of ticks an empty box means no
                    continue
                found = self._read_cell(column, cell, (index, position), percents, row)
                problems += [_at(one, table, index, column.column_name) for one in found]
            problems += [_at(one, table, index, column) for one, column in self._complete(row)]
            rows.problems += [
                replace(
                    one,
                    agency_id=row.get("agency_id"),
                    kpi_code=row.get("kpi_code"),
                    period_code=row.get("period_code"),
                )
                for one in problems
            ]
            rows.values.append(row)
            rows.places.append((table, index))

    def _read_cell(
        self, column: FormColumn, cell: Cell, place: Place, percents: dict[Place, int], row: dict[str, Any]
    ) -> Iterable[Noticed]:
        words = {"header": column.header_vi}
        if cell is None:
            return [problem("CELL-02", words)] if column.is_required else []
        try:
            if column.data_type == "printed_value":
                printed = read_printed_value(column, cell, percents.get(place))
                row[column.column_name] = printed.text
                row.update(
                    stated_value=printed.value.stated_value,
                    bound=printed.value.bound,
                    value_low=printed.value.low,
                    value_high=printed.value.high,
                    decimals=printed.value.decimals,
                    printed_unit=printed.value.unit,
                    _fraction=(printed.value.numerator, printed.value.denominator),
                )
            elif column.column_name in self._codes:
                codes = self._codes[column.column_name]
                row[column.column_name] = codes.get(shown(cell).casefold())
                if row[column.column_name] is None:
                    return [problem("CODE-01", {"found": shown(cell)}, found=shown(cell))]
            else:
                row[column.column_name] = read_cell(column, cell, self._locale)
        except BadCellError as error:
            if column.column_name == ORDINAL:
                return []  # `1.1` or `I` numbers the rows as well as `1` does
            return [problem(error.rule_id, words, found=shown(cell), expected=error.expected)]
        return []

    def _complete(self, row: dict[str, Any]) -> Iterable[tuple[Noticed, str]]:
        """Fill in what follows from the row's cells: a printed fraction, its period, its agencies."""
        numerator, denominator = row.pop("_fraction", (None, None))
        if numerator is not None and row.get("numerator") is None:
            row["numerator"] = int(numerator)
        if denominator is not None and row.get("denominator") is None:
            row["denominator"] = int(denominator)
        published_on = row.get("published_on")
        row["known_from"] = published_on if self._frame.publishes else self._frame.day
        if self._frame.publishes and published_on and published_on > self._frame.day:
            yield problem("PERIOD-06", expected=f"không sau ngày {self._frame.day:%d/%m/%Y}"), "published_on"
        if row.get("period_from") and not row.get("period_to"):
            yield problem("PERIOD-07"), "period_to"
        period = self._period(row)
        if period:
            row |= {
                "period_code": period.code, "period_start": period.start, "period_end": period.end,
                "period_known": period.known,
            }  # fmt: skip
        yield from self._agencies(row, period.end if period else self._frame.day)

    def _period(self, row: dict[str, Any]) -> Period | None:
        """The row's own period, else the file's, else the day of publication stands in for it."""
        start, end, published_on = (row.get(name) for name in ("period_from", "period_to", "published_on"))
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

    def _agencies(self, row: dict[str, Any], day: date) -> Iterable[tuple[Noticed, str]]:
        row.setdefault("agency_id", self._frame.reporter.agency_id)
        for column in self._columns:
            printed = row.get(column.column_name)
            if column.data_type != "agency":
                continue
            if column.column_name == ABOUT_WHOM:
                row["agency_id"] = None
            if not isinstance(printed, str):
                continue
            resolution = self._resolve(printed, day)
            if column.column_name == ABOUT_WHOM:
                row["agency_id"] = resolution.agency and resolution.agency.agency_id
                yield from self._about_whom(printed, resolution)
            else:
                yield from self._unit(row, column.column_name, printed, resolution)

    def _about_whom(self, printed: str, resolution: Resolution) -> Iterable[tuple[Noticed, str]]:
        frame, agency = self._frame, resolution.agency
        if agency is None:
            words = {"found": printed, "suggestion": suggestion(resolution)}
            yield problem("AGENCY-03", words, found=printed), ABOUT_WHOM
        elif not (frame.publishes and frame.reporter.may_publish) and not self._within(agency):
            words = {"agency": agency.name_vi, "reporter": frame.reporter.name_vi}
            yield problem("AGENCY-04", words, found=printed), ABOUT_WHOM

    def _unit(
        self, row: dict[str, Any], column: str, printed: str, resolution: Resolution
    ) -> Iterable[tuple[Noticed, str]]:
        agency = resolution.agency
        if agency and self._within(agency):
            row[f"{column}_id"] = agency.agency_id
        elif agency and fold(printed) in {fold(name) for name in (agency.name_vi, agency.agency_code)}:
            words = {"agency": agency.name_vi, "reporter": self._frame.reporter.name_vi}
            yield problem("AGENCY-04", words, found=printed), column
        elif fold(printed) not in self._unknown_units:
            self._unknown_units.add(fold(printed))
            words = {"found": printed, "suggestion": suggestion(resolution)}
            yield problem("AGENCY-05", words, found=printed), column

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
    milestones = [row for row in catalogue.targets if row.is_to_be_done]
    lists = {
        "element_code": [row.element_code for row in catalogue.data_elements],
        "kpi_code": [row.kpi_code for row in catalogue.kpis],
        "milestone_code": [code for row in milestones for code in (row.target_id, row.kpi_code)],
    }
    return {column: {code.casefold(): code for code in codes} for column, codes in lists.items()}


def _at(one: Noticed, table: Table, index: int, column: str) -> Noticed:
    """A problem with its place."""
    position = table.columns.get(column)
    cell = address(index, position) if position is not None else None
    return replace(one, sheet=table.sheet.name, row_number=index + 1, column_name=column, cell=cell)


def places_of_numbers(table: Table, body: Body, columns: Sequence[FormColumn]) -> set[Place]:
    """Cells of the printed-value column that hold a number, whose number format matters."""
    positions = [
        table.columns[column.column_name]
        for column in columns
        if column.data_type == "printed_value" and column.column_name in table.columns
    ]
    return {
        (index, position)
        for index in body.data
        for position in positions
        if isinstance(table.sheet.cell(index, position), float)
    }
