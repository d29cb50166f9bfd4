"""An agency's empty form: what its heading says, which rows are known beforehand, what may be chosen."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from national_kpi.agencies import is_focal_point, successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, Form, FormColumn
from national_kpi.errors import TemplateError
from national_kpi.intake.body import ORDINAL
from national_kpi.intake.forms import ABOUT_WHOM, prefilled_columns
from national_kpi.intake.prefill import prefilled_rows, with_units
from national_kpi.periods import Period, name_vi
from national_kpi.unit_reports import UnitReport

ENTRY_ROWS = 20
"""Rows for figures where the catalogue does not know which rows there will be."""

_SPARE_ROWS = 5
_LEVEL = " > "
_SUM = re.compile(r"(\w+) = (\w+(?: \+ \w+)+)")


@dataclass(frozen=True)
class Choice:
    """A value a cell may hold, and what it means where the value is a code."""

    value: str
    meaning: str = ""


@dataclass(frozen=True)
class Template:
    """An agency's form for a period, before it is drawn.

    Attributes:
        agency: for whom the form speaks.
        folder: into whose folder it is put, which is another agency's where `agency` is gone.
        rules: predicates of the form's rules.
        choices: by column name, what its cells may hold; columns that take anything are not there.
        given: columns that say what a prefilled row is about; the other columns stay open.
        prefilled: by column name, what is known of the first rows.
        rows_count: rows for figures, those with something prefilled among them.
    """

    form: Form
    columns: tuple[FormColumn, ...]
    agency: Agency
    folder: Agency
    period: Period
    rules: tuple[str, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    given: tuple[str, ...]
    prefilled: tuple[Mapping[str, str], ...]
    unit: str | None
    rows_count: int

    @property
    def file_name(self) -> str:
        """The name under which the form is best sent: form, period and agency."""
        return f"{self.form.form_code}_{self.period.code}_{self.agency.agency_code}.xlsx"

    @property
    def period_line(self) -> str:
        """The period as its line above the table says it, with its days."""
        start, end = self.period.start, f"{self.period.end:%d/%m/%Y}"
        if start is None:
            return f"Kỳ báo cáo: Tính đến ngày {end}"
        days = f"từ ngày {start:%d/%m/%Y} đến ngày {end}"
        if self.period.kind == "window":
            return f"Kỳ báo cáo: {days}"
        return f"Kỳ báo cáo: {name_vi(self.period).partition(' (')[0]} ({days})"

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """Each column's header texts, from its group down."""
        return tuple(tuple(column.header_vi.split(_LEVEL)) for column in self.columns)

    @cached_property
    def column_numbers(self) -> tuple[str, ...]:
        """What numbers the columns, with the sums that the form's rules ask for: `(3)=(4)+(5)+(6)`."""
        numbers = {column.column_name: f"({n})" for n, column in enumerate(self.columns, start=1)}
        sums: dict[str, str] = {}
        for match in filter(None, map(_SUM.fullmatch, self.rules)):
            parts = [numbers.get(part, "") for part in match[2].split(" + ")]
            if match[1] in numbers and all(parts):
                sums.setdefault(match[1], f"{numbers[match[1]]}={'+'.join(parts)}")
        return tuple(sums.get(name, number) for name, number in numbers.items())

    @cached_property
    def totalled(self) -> frozenset[str]:
        """Columns with a sum in the row `Tổng cộng`: counts of things that the rows divide among them."""
        if self.form.source not in ("service_level", "self_reported"):
            return frozenset()
        whole = (column.column_name for column in self.columns if column.data_type == "integer")
        return frozenset(whole) - {ORDINAL}

    def is_never_negative(self, column: FormColumn) -> bool:
        """Whether numbers below zero are refused."""
        return column.data_type == "integer" or f"{column.column_name} >= 0" in self.rules


def plan_template(
    catalogue: Catalogue,
    form_code: str,
    agency_code: str,
    period: Period,
    day: date,
    entry_rows: int = ENTRY_ROWS,
    reports: Iterable[UnitReport] = (),
) -> Template:
    """An agency's form for a period.

    Args:
        catalogue: the forms, agencies and codes there are.
        form_code: which form.
        agency_code: the reporting agency's code, as it was held on the period's last day; publishers of
            figures sign as they are called on `day`.
        period: what the figures are about.
        day: the day on which the form is handed out.
        entry_rows: rows for figures where none are known beforehand.
        reports: for a form that confirms them, those of the agency's units in the period.

    Raises:
        TemplateError: there is no such form, or no such agency that may submit it for this period.
    """
    form = next((form for form in catalogue.forms if form.form_code == form_code), None)
    if form is None:
        codes = ", ".join(form.form_code for form in catalogue.forms)
        raise TemplateError(f"the catalogue has no form {form_code!r}", remedy=f"choose one of {codes}")
    publishes = form.source == "published"
    agency = _reporter(catalogue, agency_code, (day, period.end) if publishes else (period.end,))
    if publishes and not agency.may_publish:
        codes = ", ".join(sorted({row.agency_code for row in catalogue.agencies if row.may_publish}))
        what = f"{agency_code} may not publish figures about others, so {form_code} would be refused"
        raise TemplateError(what, remedy=f"this form is for {codes}")
    if form.source == "confirmation" and not is_focal_point(catalogue, agency, period.end):
        what = f"{agency_code} is no focal point for its units, so {form_code} would be refused"
        raise TemplateError(what, remedy="add it to focal_points.csv if its units report to it")
    folder = _folder(catalogue, agency, day)
    if folder is None:
        what = f"nobody may submit for {agency_code} ({agency.name_vi}) on {day}"
        raise TemplateError(what, remedy="add who took over from it to agency_successions.csv")
    columns = catalogue.columns_of(form_code)
    prefilled = tuple(prefilled_rows(catalogue, form_code, agency, period, reports))
    spare = max(entry_rows - len(prefilled), _SPARE_ROWS) if prefilled else entry_rows
    units = {
        element.unit
        for column in columns
        for element in catalogue.data_elements
        if column.data_type == "integer" and element.element_code == column.element_code
    }
    return Template(
        form=form,
        columns=columns,
        agency=agency,
        folder=folder,
        period=period,
        rules=tuple(
            rule.predicate for rule in catalogue.rules if rule.form_code == form_code and rule.predicate
        ),
        choices=dict(_choices(catalogue, columns, agency, period)),
        given=prefilled_columns(catalogue, form_code),
        prefilled=prefilled,
        unit=units.pop() if len(units) == 1 else None,
        rows_count=len(prefilled) + spare,
    )


def _reporter(catalogue: Catalogue, agency_code: str, days: tuple[date, ...]) -> Agency:
    held = (catalogue.holder(agency_code, day) for day in days)
    agency = next((one for one in held if one), None)
    if agency and agency.kind != "collective":
        return agency
    known = [row for row in catalogue.agencies if row.agency_code == agency_code]
    if agency or not known:
        what = f"{agency_code!r} is not the code of a reporting agency"
        raise TemplateError(what, remedy="write an agency's own code, such as G15 or H26")
    last = max(known, key=lambda row: row.valid_from)
    what = f"{agency_code} ({last.name_vi}) did not exist on {days[-1]}, the last day of the period"
    successor = successor_on(catalogue, last, days[-1])
    remedy = f"write {successor.agency_code} ({successor.name_vi}), which took over" if successor else ""
    raise TemplateError(what, remedy=remedy or "choose another period or another agency")


def _folder(catalogue: Catalogue, agency: Agency, day: date) -> Agency | None:
    """Whose folder takes an agency's files on a day: a unit that is gone speaks through whom it was below."""
    holder = successor_on(catalogue, agency, day)
    if holder is None and agency.parent_id:
        return _folder(catalogue, catalogue.agency(agency.parent_id), day)
    return holder


def _choices(
    catalogue: Catalogue, columns: tuple[FormColumn, ...], agency: Agency, period: Period
) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    listed = {
        "element_code": {row.element_code: row.name_vi for row in catalogue.data_elements},
        "form_code": {row.form_code: row.name_vi for row in catalogue.forms if row.source != "confirmation"},
        "kpi_code": {row.kpi_code: row.name_vi for row in catalogue.kpis},
        "milestone_code": {row.kpi_code: row.name_vi for row in catalogue.kpis if row.kind == "milestone"},
    }
    for column in columns:
        name = column.column_name
        if column.data_type == "enum":
            yield name, tuple(map(Choice, column.allowed_values))
        elif column.data_type == "yes_no":
            yield name, (Choice("Có"), Choice("Không"))
        elif column.data_type == "agency":
            about = [one for one in catalogue.agencies if one.valid_on(period.end)]
            whom = about if name == ABOUT_WHOM else with_units(catalogue, agency, period)
            yield name, tuple(Choice(one.name_vi, one.agency_code) for one in whom)
        elif name in listed:
            yield name, tuple(Choice(code, meaning) for code, meaning in listed[name].items())
