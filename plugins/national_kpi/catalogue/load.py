"""Reading the catalogue's files into checked rows."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from national_kpi.catalogue.arrow import to_arrow
from national_kpi.catalogue.read import read_file
from national_kpi.catalogue.tables import (
    CANARY,
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
    ReminderStage,
    ReportingObligation,
    Row,
    Rule,
    RuleKind,
    SeriesBreak,
    Source,
    SourceField,
    System,
    SystemItem,
    Target,
    WorkingDay,
)
from national_kpi.errors import CatalogueError

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Catalogue:
    """Every catalogue row, with the hash that names this state of it.

    `sha256` covers the bytes of all files, which `files` holds by name; a publication keeps them, and is
    replayed with them.
    """

    agencies: tuple[Agency, ...]
    agency_aliases: tuple[AgencyAlias, ...]
    agency_groups: tuple[AgencyGroup, ...]
    agency_successions: tuple[AgencySuccession, ...]
    focal_points: tuple[FocalPoint, ...]
    province_shapes: tuple[ProvinceShape, ...]
    data_elements: tuple[DataElement, ...]
    element_parts: tuple[ElementPart, ...]
    forms: tuple[Form, ...]
    form_columns: tuple[FormColumn, ...]
    rules: tuple[Rule, ...]
    kpis: tuple[Kpi, ...]
    index_components: tuple[IndexComponent, ...]
    series_breaks: tuple[SeriesBreak, ...]
    targets: tuple[Target, ...]
    systems: tuple[System, ...]
    system_items: tuple[SystemItem, ...]
    corrections: tuple[Correction, ...]
    sources: tuple[Source, ...]
    source_fields: tuple[SourceField, ...]
    working_days: tuple[WorkingDay, ...]
    reporting_obligations: tuple[ReportingObligation, ...]
    reminder_stages: tuple[ReminderStage, ...]
    sha256: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, table: type[R]) -> tuple[R, ...]:
        """The rows of one table."""
        rows: tuple[R, ...] = getattr(self, table.table)
        return rows

    @cached_property
    def arrow(self) -> dict[str, pa.Table]:
        """Every table as Arrow, by its name."""
        return {table.table: to_arrow(table, self.rows(table)) for table in TABLES}

    def form(self, form_code: str) -> Form:
        """The form of that code."""
        return next(form for form in self.forms if form.form_code == form_code)

    def columns_of(self, form_code: str) -> tuple[FormColumn, ...]:
        """A form's columns in their order."""
        columns = (column for column in self.form_columns if column.form_code == form_code)
        return tuple(sorted(columns, key=lambda column: column.position))

    def rule(self, rule_id: str) -> Rule:
        """The rule of that identity."""
        return next(rule for rule in self.rules if rule.rule_id == rule_id)

    def rules_of(self, form_code: str, kind: RuleKind) -> tuple[Rule, ...]:
        """The rules of one kind that check a form."""
        return tuple(rule for rule in self.rules if (rule.form_code, rule.kind) == (form_code, kind))

    def key_of(self, form_code: str) -> tuple[str, ...]:
        """The columns that identify a row among those of its agency and period."""
        return tuple(column.column_name for column in self.columns_of(form_code) if column.is_key)

    def agency(self, agency_id: str) -> Agency:
        """The agency row of that identity; the canary has one without being listed."""
        return next(agency for agency in (*self.agencies, CANARY) if agency.agency_id == agency_id)

    def with_tasks(self, kpis: Iterable[Kpi], targets: Iterable[Target]) -> "Catalogue":
        """The same with tasks beside those of its files, which `sha256` and `files` go on naming alone."""
        return replace(self, kpis=(*self.kpis, *kpis), targets=(*self.targets, *targets))

    def holder(self, agency_code: str, day: date) -> Agency | None:
        """Who holds a code on a day; None when nobody does."""
        rows = (row for row in self.agencies if row.agency_code == agency_code and row.valid_on(day))
        return next(rows, None)


def read_table(table: type[R], folder: Path) -> tuple[R, ...]:
    """Read one file of the catalogue.

    Raises:
        CatalogueError: naming file, line and column of the first cell that does not fit.
    """
    rows, problems = read_file(table, folder)
    if problems:
        first = problems[0]
        place = f"{first.file}:{first.line}" + (f" column {first.column}" if first.column else "")
        raise CatalogueError(first.what, where=place, remedy=first.remedy)
    return tuple(placed.row for placed in rows)


def load_catalogue(folder: Path) -> Catalogue:
    """Read the whole catalogue from its folder of CSV files.

    Raises:
        CatalogueError: a file is missing or a cell does not fit its column.
    """
    digest, files = hashlib.sha256(), {}
    for table in TABLES:
        path = folder / f"{table.table}.csv"
        content = path.read_bytes() if path.is_file() else b""
        digest.update(table.table.encode() + b"\0" + content)
        files[path.name] = content
    tables = {table.table: read_table(table, folder) for table in TABLES}
    return Catalogue(**tables, sha256=digest.hexdigest(), files=files)  # type: ignore[arg-type]
