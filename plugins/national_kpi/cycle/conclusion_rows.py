"""Reading the conclusions of a working session from a CSV file, with the catalogue's own reader."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from national_kpi.catalogue.read import Placed, read_csv
from national_kpi.catalogue.tables.row import Bars, Row
from national_kpi.errors import CycleError

_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if found := _DAY_FIRST.fullmatch(value):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("write a day as 31/12/2026 or 2026-12-31") from error


class ConclusionRow(Row):
    """One thing to be done. `amends` is the code of an earlier conclusion that this one replaces.

    Without `agency_code` it is for whoever has the task it replaces, else for every agency that took part.
    """

    table = "conclusions"
    key = ("agency_code", "task")

    agency_code: Bars
    task: Annotated[str, Field(min_length=1)]
    deadline: Annotated[date, BeforeValidator(_day)]
    responsible: str | None
    amends: str | None


def read_conclusions(file: Path) -> tuple[Placed[ConclusionRow], ...]:
    """The conclusions a file lists, with their lines.

    Args:
        file: CSV in UTF-8 with the columns `agency_code,task,deadline,responsible,amends`.

    Raises:
        CycleError: naming file, line and column of the first cell that does not fit.
    """
    rows, problems = read_csv(ConclusionRow, file)
    if problems:
        first = problems[0]
        place = f"{file}:{first.line}" + (f" column {first.column}" if first.column else "")
        raise CycleError(first.what, where=place, remedy=first.remedy)
    return tuple(rows)


def one_conclusion(
    task: str | None,
    deadline: str | None,
    agency_codes: Iterable[str] = (),
    responsible: str | None = None,
    amends: str | None = None,
) -> tuple[Placed[ConclusionRow]]:
    """A single conclusion as typed.

    Raises:
        CycleError: naming the column that does not fit.
    """
    typed = {"task": task or "", "deadline": deadline or "", "responsible": responsible, "amends": amends}
    cells = {name: text and unicodedata.normalize("NFC", text.strip()) for name, text in typed.items()}
    try:
        row = ConclusionRow.model_validate(cells | {"agency_code": tuple(agency_codes)})
    except ValidationError as error:
        first = error.errors()[0]
        raise CycleError(
            f"{first['input']!r} does not fit", where=str(first["loc"][0]), remedy=first["msg"]
        ) from error
    return (Placed(1, row),)
