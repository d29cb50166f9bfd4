"""What is wrong with a file: what a check notices, and the finding it becomes in the catalogue's words."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Severity
from national_kpi.intake.text import shorten

PLACES_LISTED = 200
"""Places listed for one rule; further ones are counted."""

_LONGEST_WORD = 300

Positions = np.ndarray[tuple[int], np.dtype[np.int64]]
"""Rows of a file's tables, counted from 0 over all of them."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is, and what is there.

    Attributes:
        row_number: counts from 1.
        cell: the address as Excel shows it (`D7`).
        found: what the cell says.
        expected: what it should say.
        evidence: the figures the rule compares, when it looks at more than the cell.
        row_key: what identifies the row in other revisions of the file.
        explanation: what the sender has to say about it.
    """

    sheet: str | None = None
    row_number: int | None = None
    column_name: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None
    evidence: str | None = None
    agency_id: str | None = None
    kpi_code: str | None = None
    period_code: str | None = None
    row_key: str | None = None
    explanation: str | None = None


@dataclass(frozen=True)
class Noticed(Place):
    """A rule broken in one place, not yet in words. `words` fill the rule's `{words}`."""

    rule_id: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem(Place):
    """One result of one rule on one place: what the ledger keeps as a finding.

    `explained_in` is the submission in which its explanation was given.
    """

    rule_id: str
    severity: Severity
    message_vi: str
    mend_vi: str
    explained_in: str | None = None

    @property
    def is_explained(self) -> bool:
        """Whether nothing more is asked of the sender: a doubt was answered."""
        return self.severity == "warn" and self.explanation is not None


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


class Notices:
    """What was noticed in a file: each rule's first places, and which rows are blocked."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._about_file: list[Noticed] = []
        self._about_rows: list[tuple[int, Noticed]] = []
        self._counts: Counter[str] = Counter()
        self._blocked: list[Positions] = []

    def add(self, noticed: Iterable[Noticed]) -> None:
        """Note what concerns the file as a whole."""
        self._about_file += (one for one in noticed if self._is_listed(one.rule_id))

    def add_rows(self, rule_id: str, rows: Positions, describe: Callable[[int], Noticed]) -> None:
        """Note rows that break a rule.

        Args:
            rule_id: the rule.
            rows: positions of the rows.
            describe: gives what was noticed in the row of a position.
        """
        if self._catalogue.rule(rule_id).severity == "block":
            self._blocked.append(rows)
        listed = max(0, PLACES_LISTED - self._counts[rule_id])
        self._about_rows += ((int(row), describe(int(row))) for row in rows[:listed])
        self._counts[rule_id] += len(rows)

    def _is_listed(self, rule_id: str) -> bool:
        self._counts[rule_id] += 1
        return self._counts[rule_id] <= PLACES_LISTED

    def has(self, rule_id: str) -> bool:
        """Whether a rule was broken anywhere."""
        return self._counts[rule_id] > 0

    @property
    def blocks_file(self) -> bool:
        """Whether something blocks the file as a whole."""
        return any(self._catalogue.rule(one.rule_id).severity == "block" for one in self._about_file)

    def blocked_rows(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """For each of so many rows whether something blocks it."""
        blocked = np.zeros(count, np.bool_)
        for rows in self._blocked:
            blocked[rows] = True
        return blocked

    def problems(self) -> list[Problem]:
        """All in words: those of the file, those of its rows in order, and how many more there are."""
        rows = (one for _, one in sorted(self._about_rows, key=lambda placed: placed[0]))
        more = (
            problem("MORE-01", {"count": count - PLACES_LISTED, "rule_id": rule_id})
            for rule_id, count in self._counts.items()
            if count > PLACES_LISTED
        )
        return [worded(self._catalogue, one) for one in (*self._about_file, *rows, *more)]


def worded(catalogue: Catalogue, noticed: Noticed) -> Problem:
    """What was noticed, in the catalogue's words."""
    rule = catalogue.rule(noticed.rule_id)
    place = {one.name: getattr(noticed, one.name) for one in fields(Place)}
    if rule.severity != "warn":
        place["explanation"] = None  # only doubts can be explained away
    words = {
        name: shorten(word, _LONGEST_WORD) if len(str(word)) > _LONGEST_WORD else word
        for name, word in noticed.words.items()
    }
    message, mend = rule.message_vi.format(**words), rule.mend_vi.format(**words)
    return Problem(rule.rule_id, rule.severity, message, mend, **place)
