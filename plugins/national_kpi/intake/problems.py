"""What is wrong with a file: what a check notices, and the finding it becomes in the catalogue's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Severity
from national_kpi.intake.text import shorten


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is, and what is there.

    `row_number` counts from 1; `cell` is the address as Excel shows it (`D7`).
    """

    sheet: str | None = None
    row_number: int | None = None
    column_name: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None
    agency_id: str | None = None
    kpi_code: str | None = None
    period_code: str | None = None


@dataclass(frozen=True)
class Noticed(Place):
    """A rule broken in one place, not yet in words. `words` fill the rule's `{words}`."""

    rule_id: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem(Place):
    """One result of one rule on one place: what the ledger keeps as a finding."""

    rule_id: str
    severity: Severity
    message_vi: str
    mend_vi: str


def problem(rule_id: str, words: Mapping[str, Any] | None = None, **place: Any) -> Noticed:
    """A rule broken in one place.

    Args:
        rule_id: a rule of the catalogue.
        words: fills the `{words}` of its message and remedy.
        place: fields of `Place`: where it is, what was found and expected.
    """
    if place.get("found") is not None:
        place["found"] = shorten(place["found"])
    return Noticed(rule_id, words or {}, **place)


def worded(catalogue: Catalogue, noticed: Noticed) -> Problem:
    """What was noticed, in the catalogue's words."""
    rule = catalogue.rule(noticed.rule_id)
    return Problem(
        rule.rule_id,
        rule.severity,
        rule.message_vi.format(**noticed.words),
        rule.mend_vi.format(**noticed.words),
        **{place.name: getattr(noticed, place.name) for place in fields(Place)},
    )
