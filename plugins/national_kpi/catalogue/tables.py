"""One model per catalogue file: what a row may hold. Each file is `dbt_project/seeds/<table>.csv`."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, NonNegativeInt, computed_field

from national_kpi.periods import NamedKind

UNKNOWN_START = date(1, 1, 1)

AgencyKind = Literal["ministry", "ministry_level", "government_agency", "province", "unit", "collective"]
VerifyStatus = Literal["verified", "inferred", "unverified", "provisional"]
ColumnType = Literal[
    "integer", "decimal", "text", "code", "enum", "yes_no", "date", "agency", "printed_value"
]
Severity = Literal["block", "warn", "info"]
RuleKind = Literal["structural", "row", "history"]
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


class Agency(Row):
    """A reporting body, one row per validity: codes are reused, so identity is (code, valid_from)."""

    table = "agencies"
    key = ("agency_code", "valid_from")

    agency_code: str
    valid_from: ValidFrom
    valid_to: date | None
    name_vi: str
    short_name_vi: str
    name_en: str
    kind: AgencyKind
    parent_id: str | None
    code_official: bool
    may_publish: bool
    gso_code: str | None
    verify_status: VerifyStatus
    legal_basis: str | None
    note: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def agency_id(self) -> str:
        """`code@valid_from`."""
        return f"{self.agency_code}@{self.valid_from.isoformat()}"

    def valid_on(self, day: date) -> bool:
        """Whether this row describes the agency on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class AgencyAlias(Row):
    """Another way an agency's name is written."""

    table = "agency_aliases"
    key = ("alias", "agency_id")

    alias: str
    agency_id: str
    alias_kind: Literal["abbreviation", "variant", "typo", "former_name"]
    note: str | None


class AgencySuccession(Row):
    """Who took over from whom. A split goes wholly to the successor marked main."""

    table = "agency_successions"
    key = ("from_agency_id", "to_agency_id")

    from_agency_id: str
    to_agency_id: str
    effective_on: date
    is_main: bool
    verify_status: VerifyStatus
    legal_basis: str
    note: str | None


class DataElement(Row):
    """One reported quantity: a numerator, a denominator or a count.

    `reported_by` says, as a target's `scope` does, who is asked for it by form F01; empty where only the rows
    of other forms give it. `time_aggregation` says how a longer period follows from shorter ones: by adding
    them up, or by taking the last, of what is there on its last day (`last`) as of a running total
    (`cumulative`), which never falls.
    """

    table = "data_elements"
    key = ("element_code",)

    element_code: str
    name_vi: str
    name_en: str
    unit: str
    agency_aggregation: Literal["sum", "none"]
    time_aggregation: Literal["sum", "last", "cumulative", "none"]
    reported_by: Bars
    definition_vi: str
    legal_basis: str | None


class ElementPart(Row):
    """Two data elements of which the first counts only things that the second counts too."""

    table = "element_parts"
    key = ("element_code", "part_of")

    element_code: str
    part_of: str


class Form(Row):
    """A report template. `source` says what kind of KPI value its rows give.

    `accepts_partly`: rows are independent of each other, so that good rows count although others are blocked;
    `may_be_nil`: an agency to which nothing happened may say so instead of filling in rows.
    """

    table = "forms"
    key = ("form_code",)

    form_code: str
    version: str
    name_vi: str
    name_en: str
    source: Literal["service_level", "self_reported", "published", "milestone"]
    title_texts: Bars
    locale: Literal["vi", "en"]
    accepts_partly: bool
    may_be_nil: bool
    description_vi: str


class FormColumn(Row):
    """A column of a form. `header_aliases` are other header texts; `constraint_text` is for people.

    The columns marked `is_key` identify a row among those of its agency and period; a form without any has
    one row for each.
    """

    table = "form_columns"
    key = ("form_code", "column_name")

    form_code: str
    position: int
    column_name: str
    header_vi: str
    header_aliases: Bars
    data_type: ColumnType
    is_required: bool
    is_key: bool
    allowed_values: Bars
    element_code: str | None
    constraint_text: str | None
    note: str | None


class Rule(Row):
    """A check. Its messages may hold `{words}`, filled in for each place.

    `structural` rules are applied by intake itself, whatever the form. `row` and `history` rules have a
    predicate, a DuckDB boolean that is true (or null) on a good row: over the form's typed columns, and for
    `history` also over those of the same row in the previous accepted period, as `previous.<column>`.
    Subqueries may read the file as `submission`, the one of the previous accepted period as
    `previous_submission`, and the catalogue's tables by their names.
    """

    table = "rules"
    key = ("rule_id",)

    rule_id: str
    kind: RuleKind
    form_code: str | None
    severity: Severity
    category: str
    predicate: str | None
    column_name: str | None
    message_vi: str
    message_en: str
    mend_vi: str
    mend_en: str
    legal_basis: str | None


class Kpi(Row):
    """A computed indicator. A ratio is numerator over denominator in percent, a count its numerator alone."""

    table = "kpis"
    key = ("kpi_code", "formula_version")

    kpi_code: str
    formula_version: str
    valid_from: ValidFrom
    valid_to: date | None
    name_vi: str
    name_en: str
    kind: Literal["ratio", "count", "milestone"]
    unit: str
    direction: Literal["higher", "lower"]
    numerator_element: str | None
    denominator_element: str | None
    definition_vi: str
    formula_vi: str
    is_headline: bool
    system_code: str | None
    legal_basis: str
    note: str | None


class Target(Row):
    """A required value or a thing to be done, with scope, validity and legal basis.

    `scope` items: `nation`, `kind:<agency kind>`, `agency:<agency_id>`, `units_of:<agency_id>`.
    """

    table = "targets"
    key = ("target_id",)

    target_id: str
    kpi_code: str
    name_vi: str
    name_en: str
    target_type: Literal["level", "relative", "count", "milestone", "qualitative"]
    operator: TargetOperator | None
    target_value: Decimal | None
    unit: str
    scope: Bars
    scope_vi: str
    responsible_vi: str
    effective_from: date | None
    deadline: date | None
    issuing_level: Literal["national", "ministry", "province"]
    legal_basis: str
    exclusion_vi: str | None
    note: str | None

    @property
    def is_to_be_done(self) -> bool:
        """Whether it is a thing to be done, not a value to be reached."""
        return self.target_type in ("milestone", "qualitative")


class System(Row):
    """One of the information systems to be followed."""

    table = "systems"
    key = ("system_code",)

    system_code: str
    name_vi: str
    name_en: str
    what_to_track_vi: str


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


TABLES: tuple[type[Row], ...] = (
    Agency, AgencyAlias, AgencySuccession, DataElement, ElementPart, Form, FormColumn, Rule, Kpi, Target,
    System, Source, SourceField, WorkingDay, ReportingObligation,
)  # fmt: skip
