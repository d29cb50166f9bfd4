"""When reports are owed, and the places they are pulled from."""

from datetime import date
from typing import Literal

from pydantic import NonNegativeInt

from national_kpi.catalogue.tables.row import Bars, Row, VerifyStatus
from national_kpi.periods import NamedKind


class Source(Row):
    """A place reports are pulled from. Credentials live in the Airflow connection, never here."""

    table = "sources"
    key = ("source_id",)

    source_id: str
    kind: Literal["http_json"]
    name_vi: str
    agency_code: str
    form_code: str
    connection_id: str
    endpoint: str
    records_path: str
    next_page_path: str | None
    note: str | None


class SourceField(Row):
    """Which field of a source fills which column of the form; a `constant` needs no field."""

    table = "source_fields"
    key = ("source_id", "column_name")

    source_id: str
    column_name: str
    field_path: str | None
    constant: str | None


class WorkingDay(Row):
    """A day on which offices work, or do not, by decision: what weekday and public holidays do not tell."""

    table = "working_days"
    key = ("day",)

    day: date
    is_working: bool
    name_vi: str
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None


class ReminderStage(Row):
    """When and to whom an agency is written about a report it still owes.

    `working_days` are counted from the day the report is due by, or is extended to; negative ones lie before
    it. `addressee` is who is written to: the reporting officer, or the head of the agency. `with_letter` has
    an official letter drafted besides.
    """

    table = "reminder_stages"
    key = ("stage_code",)

    stage_code: str
    working_days: int
    addressee: Literal["officer", "head"]
    with_letter: bool
    name_vi: str
    opening_vi: str
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None


class ReportingObligation(Row):
    """Who owes which form for each period of a kind, and by when.

    It holds for periods whose first day lies in its validity. `scope` items are those of a target except
    `nation`, which sends no files. `cutoff_days` are calendar days from the period's last day to the cut-off;
    the report is due, and its period closes, so many working days after the cut-off.
    """

    table = "reporting_obligations"
    key = ("obligation_code",)

    obligation_code: str
    form_code: str
    scope: Bars
    period_kind: NamedKind
    valid_from: date
    valid_to: date | None
    cutoff_days: NonNegativeInt
    due_working_days: NonNegativeInt
    close_working_days: NonNegativeInt
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None
