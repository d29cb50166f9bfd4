"""What is written to which cell: the findings of a receipt, by place."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string

from national_kpi.catalogue.tables import Severity
from national_kpi.intake.text import visible

Place = tuple[int, int]
"""Row and column, from 0."""

AUTHOR = "Hệ thống tiếp nhận báo cáo"
"""Who wrote a comment: by it, what an earlier marking wrote is known and renewed."""
SEVERITIES: tuple[Severity, ...] = ("block", "warn", "info")
"""Gravest first."""
_LINES = (
    ("Tìm thấy", "found"), ("Đối chiếu", "evidence"), ("Yêu cầu", "expected"), ("Cách xử lý", "mend"),
    ("Đã giải trình", "explanation"),
)  # fmt: skip
_LONGEST_COMMENT = 8_000  # Excel takes no more than 32,767 characters


@dataclass(frozen=True)
class Note:
    """What is said about one place.

    Attributes:
        row: from 0.
        column: from 0; None when the finding is about a whole row: its first filled cell is marked.
    """

    row: int
    column: int | None
    severity: Severity
    text: str


@dataclass(frozen=True)
class Mark:
    """What becomes of one cell: its colour, and the comment it gets."""

    severity: Severity
    text: str


Notes = Mapping[str, Sequence[Note]]
"""Notes by the name of their sheet."""


def sorted_findings(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The findings of a receipt, gravest first, else in the order of the file."""
    return sorted(body["findings"], key=lambda finding: SEVERITIES.index(weight(finding)))


def weight(finding: Mapping[str, Any]) -> Severity:
    """How grave a finding is now: a doubt that the agency has explained is for information only."""
    severity: Severity = "info" if finding.get("explanation") else finding["severity"]
    return severity


def notes_of(body: Mapping[str, Any]) -> Notes:
    """The findings of a receipt that have a place in a sheet."""
    notes: dict[str, list[Note]] = defaultdict(list)
    for finding in sorted_findings(body):
        if finding["sheet"] and finding["row_number"]:
            row, column = finding["row_number"] - 1, None
            if finding["cell"]:
                letters, number = coordinate_from_string(finding["cell"])
                row, column = number - 1, column_index_from_string(letters) - 1
            name = same_name(finding["sheet"])
            notes[name].append(Note(row, column, weight(finding), _comment(finding)))
    return notes


def same_name(name: str) -> str:
    """A sheet's name as two readers of one file agree on it."""
    return unicodedata.normalize("NFC", name).strip()


def marks_of(notes: Iterable[Note], first_filled: Callable[[int], int]) -> dict[Place, Mark]:
    """One mark a cell: the gravest colour, all that is said.

    Args:
        notes: of one sheet, gravest first.
        first_filled: the first filled column of a row.
    """
    marks: dict[Place, Mark] = {}
    for note in notes:
        place = (note.row, first_filled(note.row) if note.column is None else note.column)
        before = marks.get(place)
        if before is None:
            marks[place] = Mark(note.severity, note.text)
        elif note.text not in before.text and len(before.text) < _LONGEST_COMMENT:
            marks[place] = Mark(before.severity, f"{before.text}\n\n{note.text}")
    return marks


def _comment(finding: Mapping[str, Any]) -> str:
    parts = [f"{finding['severity_text'].upper()} [{finding['rule_id']}]", finding["message"]]
    parts += [f"{label}: {finding[key]}" for label, key in _LINES if finding.get(key)]
    return "\n".join(visible(part) for part in parts)
