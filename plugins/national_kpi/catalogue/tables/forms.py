"""Forms, their columns, and the rules that check what is reported."""

from decimal import Decimal
from typing import Literal

from national_kpi.catalogue.tables.row import Bars, ColumnType, Row, RuleKind, Severity


class Form(Row):
    """A report template. `source` says what kind of KPI value its rows give.

    The rows of a `confirmation` give none: a focal point says with them which reports of its units count.

    `accepts_partly`: rows are independent of each other, so that good rows count although others are blocked;
    `may_be_nil`: an agency to which nothing happened may say so instead of filling in rows.
    """

    table = "forms"
    key = ("form_code",)

    form_code: str
    version: str
    name_vi: str
    name_en: str
    source: Literal["service_level", "self_reported", "published", "milestone", "confirmation"]
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
    `previous_submission`, and the catalogue's tables by their names. `model` rules are applied by dbt
    (`models/intermediate/findings/`) to what only all reports together show: a difference counts beyond
    `threshold`, and only figures of at least `minimum` are looked at.
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
    threshold: Decimal | None
    minimum: Decimal | None
    message_vi: str
    message_en: str
    mend_vi: str
    mend_en: str
    legal_basis: str | None
