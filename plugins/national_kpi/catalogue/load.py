"""Reading the catalogue's files into checked rows."""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from national_kpi.catalogue.tables import (
    TABLES,
    Agency,
    AgencyAlias,
    AgencySuccession,
    DataElement,
    Form,
    FormColumn,
    Kpi,
    Row,
    Rule,
    Source,
    SourceField,
    System,
    Target,
)
from national_kpi.errors import CatalogueError

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Catalogue:
    """Every catalogue row, with the hash that names this state of it.

    `sha256` covers the bytes of all files; a publication keeps it, and is replayed with it.
    """

    agencies: tuple[Agency, ...]
    agency_aliases: tuple[AgencyAlias, ...]
    agency_successions: tuple[AgencySuccession, ...]
    data_elements: tuple[DataElement, ...]
    forms: tuple[Form, ...]
    form_columns: tuple[FormColumn, ...]
    rules: tuple[Rule, ...]
    kpis: tuple[Kpi, ...]
    targets: tuple[Target, ...]
    systems: tuple[System, ...]
    sources: tuple[Source, ...]
    source_fields: tuple[SourceField, ...]
    sha256: str

    def rows(self, table: type[R]) -> tuple[R, ...]:
        """The rows of one table."""
        rows: tuple[R, ...] = getattr(self, table.table)
        return rows

    def form(self, form_code: str) -> Form:
        """The form of that code."""
        return next(form for form in self.forms if form.form_code == form_code)

    def columns_of(self, form_code: str) -> tuple[FormColumn, ...]:
        """A form's columns in their order."""
        columns = (column for column in self.form_columns if column.form_code == form_code)
        return tuple(sorted(columns, key=lambda column: column.position))

    def rules_of(self, form_code: str) -> tuple[Rule, ...]:
        """The rules that check a form."""
        return tuple(rule for rule in self.rules if rule.form_code == form_code)

    def agency(self, agency_id: str) -> Agency:
        """The agency row of that identity."""
        return next(agency for agency in self.agencies if agency.agency_id == agency_id)

    def holder(self, agency_code: str, day: date) -> Agency | None:
        """Who holds a code on a day; None when nobody does."""
        rows = (row for row in self.agencies if row.agency_code == agency_code and row.valid_on(day))
        return next(rows, None)


def read_table(table: type[R], folder: Path) -> tuple[R, ...]:
    """Read one file of the catalogue.

    Raises:
        CatalogueError: naming file, line and column of the first cell that does not fit.
    """
    path = folder / f"{table.table}.csv"
    if not path.is_file():
        raise CatalogueError(
            "file is missing", where=str(path), remedy="restore it; every table has one file"
        )
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = []
        for record in reader:
            where = f"{path.name}:{reader.line_num}"
            if None in record or None in record.values():
                raise CatalogueError("has more or fewer cells than the header", where=where)
            try:
                rows.append(table.model_validate(_cells(table, record)))
            except ValidationError as error:
                first = error.errors()[0]
                column = ".".join(str(part) for part in first["loc"])
                raise CatalogueError(
                    f"column {column}: {first['msg']}, found {first['input']!r}", where=where
                ) from error
    return tuple(rows)


def _cells(table: type[Row], record: dict[str, str]) -> dict[str, str | None]:
    """Empty cells become None where the field allows it."""
    optional = {
        name for name, field in table.model_fields.items() if not field.is_required() or _takes_none(field)
    }
    return {name: None if cell == "" and name in optional else cell for name, cell in record.items()}


def _takes_none(field: object) -> bool:
    return type(None) in getattr(getattr(field, "annotation", None), "__args__", ())


def load_catalogue(folder: Path) -> Catalogue:
    """Read the whole catalogue from its folder of CSV files.

    Raises:
        CatalogueError: a file is missing or a cell does not fit its column.
    """
    digest = hashlib.sha256()
    for table in TABLES:
        path = folder / f"{table.table}.csv"
        digest.update(table.table.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    tables = {table.table: read_table(table, folder) for table in TABLES}
    return Catalogue(**tables, sha256=digest.hexdigest())  # type: ignore[arg-type]
