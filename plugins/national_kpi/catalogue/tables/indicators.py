"""What is computed: data elements, indicators, targets and systems."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from national_kpi.catalogue.tables.row import Bars, Row, TargetOperator, ValidFrom, VerifyStatus


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


class Kpi(Row):
    """A computed indicator.

    A `ratio` is numerator over denominator in percent, a `count` its numerator alone; `growth` is the change
    of another indicator, `of_kpi`, in percent of its value in the period it is `compared_with`; an `index`
    adds up the scores of its components. A ratio whose denominator is below `min_denominator` is not ranked.
    """

    table = "kpis"
    key = ("kpi_code", "formula_version")

    kpi_code: str
    formula_version: str
    valid_from: ValidFrom
    valid_to: date | None
    name_vi: str
    name_en: str
    kind: Literal["ratio", "count", "milestone", "growth", "index"]
    unit: str
    direction: Literal["higher", "lower"]
    numerator_element: str | None
    denominator_element: str | None
    of_kpi: str | None
    compared_with: Literal["previous_period", "previous_year"] | None
    min_denominator: PositiveInt | None
    definition_vi: str
    formula_vi: str
    is_headline: bool
    system_code: str | None
    legal_basis: str
    note: str | None


class IndexComponent(Row):
    """A ratio that gives an index points: `max_score` from `full_mark_pct` on, in proportion below it.

    `no_case_score` is what an agency gets whose denominator is 0; where it is empty, that component is
    missing. `scope` says, as a target's does, for whom the component counts.
    """

    table = "index_components"
    key = ("index_code", "formula_version", "kpi_code")

    index_code: str
    formula_version: str
    kpi_code: str
    group_code: str
    group_name_vi: str
    group_name_en: str
    max_score: Annotated[Decimal, Field(gt=0)]
    full_mark_pct: Annotated[Decimal, Field(gt=0, le=100)]
    no_case_score: Decimal | None
    scope: Bars
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None


class Target(Row):
    """A required value or a thing to be done, with scope, validity and legal basis.

    `scope` items: `nation`, `kind:<agency kind>`, `agency:<agency_id>`, `units_of:<agency_id>`;
    `excluded_scope` items, of the same kinds, are left out of it. A row that `amends` another one replaces
    it, for everybody, on its own first day: the earlier row keeps holding for periods that ended before.
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
    excluded_scope: Bars
    scope_vi: str
    responsible_vi: str
    effective_from: date | None
    deadline: date | None
    amends: str | None
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


class SystemItem(Row):
    """One thing that is followed about a system, by an indicator, a data element or a task of `targets`."""

    table = "system_items"
    key = ("system_code", "item_code")

    system_code: str
    item_code: str
    position: PositiveInt
    name_vi: str
    name_en: str
    kpi_code: str | None
    element_code: str | None
    target_id: str | None
    legal_basis: str
    note: str | None


class SeriesBreak(Row):
    """The day from which an indicator counts other things than before: no value is compared across it."""

    table = "series_breaks"
    key = ("kpi_code", "break_on")

    kpi_code: str
    break_on: date
    reason_vi: str
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None


class Correction(Row):
    """A reported figure that is known to be wrong, mended or left out until the source mends it.

    It applies from `decided_on` to `expires_on`, and only while the source still says `value_found`; once it
    says something else, or the time is over, there is a finding instead. Without `value_corrected` the
    figure does not count. `element_code` is a data element or, for a published statement, a KPI code.
    """

    table = "corrections"
    key = ("correction_id",)

    correction_id: str
    agency_id: str
    element_code: str
    period_code: str
    form_code: str
    value_found: Decimal
    value_corrected: Decimal | None
    reason_vi: str
    author: str
    decided_on: date
    expires_on: date
    evidence: str
