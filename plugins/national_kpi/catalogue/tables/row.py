"""What all catalogue rows share, and the words their cells may hold."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

UNKNOWN_START = date(1, 1, 1)

AgencyKind = Literal["ministry", "ministry_level", "government_agency", "province", "unit", "collective"]
VerifyStatus = Literal["verified", "inferred", "unverified", "provisional"]
ColumnType = Literal[
    "integer", "decimal", "text", "code", "enum", "yes_no", "date", "agency", "printed_value"
]
Severity = Literal["block", "warn", "info"]
RuleKind = Literal["structural", "row", "history", "model"]
TargetOperator = Literal[">=", ">", "=", "<=", "<", ">=x_baseline"]


def _split(value: Any) -> Any:
    return tuple(part for part in value.split("|") if part) if isinstance(value, str) else value


def _start(value: Any) -> Any:
    return value or UNKNOWN_START


Bars = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""A list in one cell, its items separated by `|`."""
ValidFrom = Annotated[date, BeforeValidator(_start)]
"""First day of validity; an empty cell means an unknown start, `0001-01-01`."""


class Row(BaseModel):
    """One row of a catalogue file. An empty cell is None where the field allows it, else an empty text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
