"""Agencies: who reports, under which names, who took over from whom, and who answers for units."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, computed_field

from national_kpi.catalogue.tables.row import UNKNOWN_START, AgencyKind, Bars, Row, ValidFrom, VerifyStatus


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


CANARY = Agency(
    agency_code="ZZ",
    valid_from=UNKNOWN_START,
    valid_to=None,
    name_vi="Kiểm tra tự động của hệ thống",
    short_name_vi="Kiểm tra tự động",
    name_en="Canary",
    kind="collective",
    parent_id=None,
    code_official=False,
    may_publish=False,
    gso_code=None,
    verify_status="provisional",
    legal_basis=None,
    note=None,
)
"""Sends a file every hour to show that files reach the readers. It stands in no list of agencies, so that
nothing that goes through agencies meets it: `docs/decisions/0029-the-canary-is-no-agency.md`."""


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


class AgencyGroup(Row):
    """A collective whose figures are the sum of its members', in so far as these are known.

    `members` items are those of a target's scope except `nation`. A sum that fewer than
    `min_coverage_pct` percent of the members have a part in is not shown as the group's value.
    """

    table = "agency_groups"
    key = ("agency_id",)

    agency_id: str
    members: Bars
    min_coverage_pct: Annotated[Decimal, Field(gt=0, le=100)]
    note: str | None


class FocalPoint(Row):
    """An agency through which its units report: their figures count for it once it has confirmed them.

    It holds for periods whose last day lies in its validity.
    """

    table = "focal_points"
    key = ("agency_id", "valid_from")

    agency_id: str
    valid_from: ValidFrom
    valid_to: date | None
    legal_basis: str
    verify_status: VerifyStatus
    note: str | None

    def valid_on(self, day: date) -> bool:
        """Whether the agency is a focal point on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ProvinceShape(Row):
    """What a province looks like on the map; in a row of its own, an archipelago that belongs to it.

    `archipelago_vi` is empty for the province as such. `path` is what an SVG path's `d` says, in the units of
    the map: y grows southwards. The sign or the name is written at (`label_x`, `label_y`).
    `scripts/province_shapes.py` draws them all.
    """

    table = "province_shapes"
    key = ("agency_id", "archipelago_vi")

    agency_id: str
    archipelago_vi: str
    path: Annotated[str, Field(pattern=r"^(M[\d.]+,[\d.]+(L[\d.]+,[\d.]+){2,}Z)+$")]
    label_x: Annotated[Decimal, Field(ge=0)]
    label_y: Annotated[Decimal, Field(ge=0)]
