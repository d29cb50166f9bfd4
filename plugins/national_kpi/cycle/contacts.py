"""Whom to write to: `contacts.csv` in the home folder, kept by the task force, no part of the catalogue."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, EmailStr, ValidationError

from national_kpi.errors import CycleError

Role = Literal["officer", "head"]
COLUMNS = ("agency_code", "role", "name", "email")


class Contact(BaseModel):
    """Somebody at an agency: its reporting officer, or its head."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    agency_code: str
    role: Role
    name: str
    email: EmailStr


def read_contacts(file: Path, agency_codes: Iterable[str]) -> list[Contact]:
    """Everybody in the file; nobody when there is none.

    Args:
        file: CSV in UTF-8 with the columns `agency_code,role,name,email`.
        agency_codes: the codes that agencies have.

    Raises:
        CycleError: the file or a line of it cannot be used.
    """
    if not file.is_file():
        return []
    known, contacts = set(agency_codes), []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise CycleError(
                    f"the columns are {reader.fieldnames}",
                    where=str(file),
                    remedy=f"write {','.join(COLUMNS)}",
                )
            for row in reader:
                contacts.append(_contact(row, f"{file}:{reader.line_num}", known))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CycleError(
            f"cannot be read: {error}", where=str(file), remedy="save it as CSV in UTF-8"
        ) from error
    return contacts


def _contact(row: dict[str, str], where: str, known: set[str]) -> Contact:
    try:
        contact = Contact.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        column = ".".join(str(part) for part in first["loc"])
        raise CycleError(
            f"{column} {first['input']!r}: {first['msg']}", where=where, remedy="mend the line"
        ) from error
    if contact.agency_code not in known:
        raise CycleError(
            f"no agency has the code {contact.agency_code!r}",
            where=where,
            remedy="mend the line or remove it",
        )
    return contact
