"""Reading one catalogue file: rows with their lines, and everything that does not fit."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from national_kpi.catalogue.tables import Row

R = TypeVar("R", bound=Row)
R_co = TypeVar("R_co", bound=Row, covariant=True)


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in the catalogue.

    Args:
        file: name of the file, such as `targets.csv`.
        line: line in the file, the header being 1.
        column: column of the file; empty when the row or the file as a whole is meant.
        what: what is wrong, with the offending value.
        remedy: what to do about it.
    """

    file: str
    line: int
    column: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Placed(Generic[R_co]):
    """A row and the line of its file."""

    line: int
    row: R_co


def read_file(table: type[R], folder: Path) -> tuple[list[Placed[R]], list[Problem]]:
    """Read a table's file, `<table>.csv`.

    Args:
        table: the model of its rows.
        folder: where the catalogue's files are.

    Returns:
        The rows that fit, and a problem for every cell, line or file that does not.
    """
    return read_csv(table, folder / f"{table.table}.csv")


def read_csv(table: type[R], file: Path) -> tuple[list[Placed[R]], list[Problem]]:
    """Read a CSV file in UTF-8 whose header names the model's fields, in their order.

    Args:
        table: the model of its rows.
        file: where it is.

    Returns:
        The rows that fit, and a problem for every cell, line or file that does not.
    """
    name = file.name
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [Problem(name, 1, "", "the file is missing", "restore it; every table has one file")]
    except OSError as error:
        return [], [Problem(name, 1, "", f"cannot be read: {error.strerror}", "mend its permissions")]
    except UnicodeDecodeError as error:
        return [], [Problem(name, 1, "", f"is not UTF-8 text: {error.reason}", "save the file as UTF-8")]
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Placed[R]] = []
    problems: list[Problem] = []
    try:
        header = next(lines, [])
        expected = list(table.model_fields)
        if header != expected:
            found = f"the header is {','.join(header)!r}"
            return [], [Problem(name, 1, "", found, f"write {','.join(expected)!r}")]
        for cells in lines:
            if len(cells) != len(header):
                what = f"the line has {len(cells)} cells, the header {len(header)}"
                problems.append(Problem(name, lines.line_num, "", what, "mind commas and quotes"))
                continue
            record = dict(zip(header, cells, strict=True))
            problems += _careless_cells(name, lines.line_num, record)
            try:
                rows.append(Placed(lines.line_num, table.model_validate(_filled(table, record))))
            except ValidationError as error:
                problems += _misfits(name, lines.line_num, error)
    except csv.Error as error:
        problems.append(Problem(name, lines.line_num, "", f"is not CSV: {error}", "mind commas and quotes"))
    return rows, problems


def _filled(table: type[Row], record: dict[str, str]) -> dict[str, str | None]:
    """Empty cells become None where the field allows it."""
    return {name: None if cell == "" and _takes_none(table, name) else cell for name, cell in record.items()}


def _takes_none(table: type[Row], name: str) -> bool:
    return type(None) in getattr(table.model_fields[name].annotation, "__args__", ())


def _misfits(name: str, line: int, error: ValidationError) -> list[Problem]:
    return [
        Problem(
            name,
            line,
            str(detail["loc"][0]) if detail["loc"] else "",
            f"{detail['input']!r} does not fit",
            detail["msg"],
        )
        for detail in error.errors()
    ]


def _careless_cells(name: str, line: int, record: dict[str, str]) -> list[Problem]:
    """Cells that look right and do not compare as equal: spaces around, or letters not composed."""
    problems = []
    for column, cell in record.items():
        if cell != cell.strip():
            problems.append(Problem(name, line, column, f"{cell!r} has spaces around it", "remove them"))
        if not unicodedata.is_normalized("NFC", cell):
            problems.append(Problem(name, line, column, f"{cell!r} is not in NFC", "normalise it to NFC"))
    return problems
