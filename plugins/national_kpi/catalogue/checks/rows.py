"""What must hold in every table: keys, references, texts, dates."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from national_kpi.catalogue.checks.tables import Tables, problem
from national_kpi.catalogue.read import Placed, Problem
from national_kpi.catalogue.tables import (
    TABLES,
    Agency,
    AgencyAlias,
    AgencyGroup,
    AgencySuccession,
    Correction,
    DataElement,
    ElementPart,
    FocalPoint,
    Form,
    FormColumn,
    IndexComponent,
    Kpi,
    ProvinceShape,
    ReportingObligation,
    Row,
    Rule,
    SeriesBreak,
    Source,
    SourceField,
    System,
    SystemItem,
    Target,
)

REFERENCES: tuple[tuple[type[Row], str, type[Row], str], ...] = (
    (Agency, "parent_id", Agency, "agency_id"),
    (AgencyAlias, "agency_id", Agency, "agency_id"),
    (AgencyGroup, "agency_id", Agency, "agency_id"),
    (AgencySuccession, "from_agency_id", Agency, "agency_id"),
    (AgencySuccession, "to_agency_id", Agency, "agency_id"),
    (FocalPoint, "agency_id", Agency, "agency_id"),
    (ProvinceShape, "agency_id", Agency, "agency_id"),
    (ElementPart, "element_code", DataElement, "element_code"),
    (ElementPart, "part_of", DataElement, "element_code"),
    (FormColumn, "form_code", Form, "form_code"),
    (FormColumn, "element_code", DataElement, "element_code"),
    (Rule, "form_code", Form, "form_code"),
    (Kpi, "numerator_element", DataElement, "element_code"),
    (Kpi, "denominator_element", DataElement, "element_code"),
    (Kpi, "of_kpi", Kpi, "kpi_code"),
    (Kpi, "system_code", System, "system_code"),
    (SeriesBreak, "kpi_code", Kpi, "kpi_code"),
    (IndexComponent, "index_code", Kpi, "kpi_code"),
    (IndexComponent, "kpi_code", Kpi, "kpi_code"),
    (Target, "kpi_code", Kpi, "kpi_code"),
    (Target, "amends", Target, "target_id"),
    (SystemItem, "system_code", System, "system_code"),
    (SystemItem, "kpi_code", Kpi, "kpi_code"),
    (SystemItem, "element_code", DataElement, "element_code"),
    (SystemItem, "target_id", Target, "target_id"),
    (Correction, "agency_id", Agency, "agency_id"),
    (Correction, "form_code", Form, "form_code"),
    (Source, "agency_code", Agency, "agency_code"),
    (Source, "form_code", Form, "form_code"),
    (SourceField, "source_id", Source, "source_id"),
    (ReportingObligation, "form_code", Form, "form_code"),
)
"""Which column of which table names a row of which other table, by which of its columns."""

SPANS: tuple[tuple[type[Row], str, str], ...] = (
    (Agency, "valid_from", "valid_to"),
    (FocalPoint, "valid_from", "valid_to"),
    (Kpi, "valid_from", "valid_to"),
    (Target, "effective_from", "deadline"),
    (ReportingObligation, "valid_from", "valid_to"),
    (Correction, "decided_on", "expires_on"),
)
"""Pairs of columns of which the first may not be after the second."""

VALIDITY: tuple[tuple[type[Agency] | type[Kpi] | type[FocalPoint], str], ...] = (
    (Agency, "agency_code"),
    (FocalPoint, "agency_id"),
    (Kpi, "kpi_code"),
)
"""Tables whose rows of one code describe it one after the other."""

MAY_BE_EMPTY = {(Target, "unit"), (ProvinceShape, "archipelago_vi")}
"""Texts that some rows rightly lack: a thing to be done has no unit, a province as such is no archipelago."""


def check_keys(tables: Tables) -> Iterator[Problem]:
    """No two rows of a table have one key."""
    for table in TABLES:
        first: dict[tuple[object, ...], int] = {}
        for placed in tables.of(table):
            key = tuple(getattr(placed.row, column) for column in table.key)
            if key in first:
                shown = ", ".join(str(part) for part in key)
                what = f"{shown} is already on line {first[key]}"
                yield problem(placed, table.key[-1], what, "remove one of the two, or change its key")
            first.setdefault(key, placed.line)


def check_references(tables: Tables) -> Iterator[Problem]:
    """Whatever names another row names one that exists."""
    for table, column, other, other_column in REFERENCES:
        if other in tables.broken:
            continue
        known = {getattr(placed.row, other_column) for placed in tables.of(other)}
        for placed in tables.of(table):
            value = getattr(placed.row, column)
            if value is not None and value not in known:
                what = f"{value!r} is unknown in {other.table}.csv"
                yield problem(placed, column, what, f"write a {other_column} of {other.table}.csv, or add it")


def check_texts(tables: Tables) -> Iterator[Problem]:
    """Names, definitions and the legal basis are not empty."""
    for table in TABLES:
        needed = [
            name
            for name, field in table.model_fields.items()
            if field.annotation is str and (table, name) not in MAY_BE_EMPTY
        ]
        for placed in tables.of(table):
            for column in needed:
                if not getattr(placed.row, column):
                    yield problem(placed, column, "is empty", f"fill in the {column}")


def check_dates(tables: Tables) -> Iterator[Problem]:
    """Nothing ends before it begins, and rows of one code never hold on the same day."""
    for table, start, end in SPANS:
        for placed in tables.of(table):
            first, last = getattr(placed.row, start), getattr(placed.row, end)
            if first and last and first > last:
                yield problem(placed, end, f"{last} is before {start} {first}", "swap or mend the two dates")
    for dated, code in VALIDITY:
        for earlier, later in combinations(sorted(tables.of(dated), key=lambda placed: placed.line), 2):
            same = getattr(earlier.row, code) == getattr(later.row, code)
            if same and earlier.row.valid_from != later.row.valid_from and _overlap(earlier, later):
                what = (
                    f"{getattr(later.row, code)} is already described for those days on line {earlier.line}"
                )
                yield problem(
                    later, "valid_from", what, "end the earlier row the day before the later begins"
                )


def _overlap(one: Placed[Agency | FocalPoint | Kpi], other: Placed[Agency | FocalPoint | Kpi]) -> bool:
    return one.row.valid_from <= (other.row.valid_to or date.max) and other.row.valid_from <= (
        one.row.valid_to or date.max
    )
