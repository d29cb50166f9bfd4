"""When reports are owed, and the places they are pulled from."""

from datetime import date
from typing import Annotated, Literal

from pydantic import NonNegativeInt, PositiveInt, StringConstraints

from national_kpi.catalogue.tables.row import Bars, Row, VerifyStatus
from national_kpi.periods import NamedKind

PlainName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that can be part of file names."""


class Source(Row):
    """A place reports are pulled from. Where it is and the account there are kept in the Airflow connection.

    `http_json` asks an API below `path` and makes files of `form_code` from its records, which lie in each
    answer at `records_path` (the answer itself where that is empty). `page_style` says how one gets from page
    to page: by the link at `page_path` (`next_link`), by counting up the query parameter `page_parameter`
    until a page is empty (`page_number`), or by giving back in it what stands at `page_path` (`cursor`),
    which is kept: what came before it is not asked for again. `sftp`, `s3` (whose `path` begins with the
    bucket) and `folder` hold whole report files below `path`, whose names match `pattern`.

    Something new is expected at least every `expected_days`; empty where a source has no rhythm. It is asked
    at most `requests_per_minute` times.
    """

    table = "sources"
    key = ("source_id",)

    source_id: PlainName
    kind: Literal["http_json", "sftp", "s3", "folder"]
    name_vi: str
    agency_code: str
    connection_id: str
    path: str
    pattern: str | None
    form_code: str | None
    records_path: str | None
    page_style: Literal["next_link", "page_number", "cursor"] | None
    page_path: str | None
    page_parameter: str | None
    expected_days: PositiveInt | None
    requests_per_minute: PositiveInt
    note: str | None


class SourceField(Row):
    """Which field of a source fills which column of the form; a `constant` needs no field.

    Beside the form's columns there is `period`, the period a record speaks of: a code such as `2026-M08`, or
    the last day of a stock. A form of published figures needs none: its records speak of `published_on`.
    """

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
