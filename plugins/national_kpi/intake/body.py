"""The rows under a header: which are data, which totals or headings of groups, and where the table ends."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from national_kpi.intake.sheets import Cell, Sheet
from national_kpi.intake.text import clean, fold

ORDINAL = "stt"
"""The column that only numbers the rows."""

COLUMN_NUMBER = re.compile(r"\(?\s*(?:[0-9]{1,2}|[A-Z])\s*\)?(?:\s*=.*)?")
"""What numbers a column: `(1)`, `B`, `(3)=(4)+(5)`."""

_ROW_NUMBER = re.compile(r"[0-9][0-9.]*")
_GROUP_ORDINAL = re.compile(r"[IVX]+|[A-ZĐ]")
_TOTALS = {"tong cong", "tong so", "tong", "cong", "total"}
_LONGEST_TOTAL = 16
_FOOTERS = (
    "nguoi lap", "nguoi bao cao", "nguoi tong hop", "lap bieu", "thu truong", "noi nhan", "ghi chu", "ky ten",
    "ky ghi ro", "xac nhan", "kt ", "tl ", "tm ", "tuq ", "lanh dao", "chanh van phong", "dai dien",
)  # fmt: skip
_DATE_LINE = re.compile(r"\bngay\b.*\bthang\b.*\bnam\b")

_NIL = re.compile(
    r"(?:trong ky(?: bao cao)? )?khong (?:co )?(?:so lieu |ho so |van ban )?(?:phat sinh|so lieu)(?: .*)?"
)
_LONGEST_NIL = 100

Kind = Literal["data", "total", "heading", "unfilled", "nil", "nothing", "footer"]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class RowShape:
    """What tells a row of a form from the lines around it.

    Attributes:
        required: the form's required columns.
        prefilled: columns that say what a row is about in a form as it is handed out; the key is first.
    """

    required: frozenset[str]
    prefilled: tuple[str, ...] = ()

    @property
    def asked(self) -> frozenset[str]:
        """Required columns that are empty in a form as it is handed out."""
        return self.required - set(self.prefilled)


@dataclass(frozen=True)
class Body:
    """Which rows of a sheet, from 0, are what in a table.

    Attributes:
        data: rows of the form.
        totals: sums of other rows.
        headings: names of groups.
        unfilled: rows left as they were handed out.
        nils: rows that say that there is nothing to report.
    """

    data: np.ndarray[tuple[int], np.dtype[np.int64]]
    totals: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    unfilled: list[int] = field(default_factory=list)
    nils: list[int] = field(default_factory=list)


def read_body(sheet: Sheet, first: int, columns: Mapping[str, int], shape: RowShape) -> Body:
    """The rows of a table, up to the signature block.

    A row with most of its required cells is data at a glance; the others are looked at one by one.

    Args:
        sheet: where the table lies.
        first: the row below the header.
        columns: where each of the form's columns lies.
        shape: what a row of the form looks like.
    """
    codes = [column.codes[first:] for column in sheet.columns]
    filled = np.zeros(max(0, sheet.height - first), np.bool_)
    for held in codes:
        filled |= held != 0
    is_data = filled & ~_doubtful(sheet, first, columns, shape)
    looked_at = filled & ~is_data
    looked_at[:1] |= filled[:1]  # it may number the columns
    others: dict[Kind, list[int]] = {"total": [], "heading": [], "unfilled": [], "nil": []}
    for offset in np.flatnonzero(looked_at):
        row = first + int(offset)
        kind = _kind(sheet, row, first, columns, shape)
        if kind == "footer":
            is_data[offset:] = False
            break
        is_data[offset] = kind == "data"
        if kind in others:
            others[kind].append(row)
    return Body(np.flatnonzero(is_data) + first, *others.values())


def _doubtful(sheet: Sheet, first: int, columns: Mapping[str, int], shape: RowShape) -> Flags:
    """Rows below the header that may be something else than data."""
    count = max(0, sheet.height - first)
    present, repeated = np.zeros(count, np.int16), np.zeros(count, np.int16)
    is_answered = np.zeros(count, np.bool_)
    for name, position in columns.items():
        codes = sheet.columns[position].codes
        if name in shape.required:
            present += codes[first:] != 0
        if name in shape.asked:
            is_answered |= codes[first:] != 0
        if first and codes[first - 1]:
            repeated += codes[first:] == codes[first - 1]
    doubtful = (2 * present <= len(shape.required)) | ~is_answered | (repeated > 1)
    for column in sheet.columns:
        # Most cells of a long table are told from a total by their first letter.
        likely = column.codes_like(r"^\s*[tTcC]")
        totals = [code for code in likely if _says_total(column.cells[code])]
        if totals:
            doubtful |= np.isin(column.codes[first:], totals)
    return doubtful


def _says_total(cell: Cell) -> bool:
    return isinstance(cell, str) and len(cell.strip()) < _LONGEST_TOTAL and fold(cell) in _TOTALS


def _kind(sheet: Sheet, row: int, first: int, columns: Mapping[str, int], shape: RowShape) -> Kind:
    filled = {column: cell for column, cell in enumerate(sheet.row(row)) if cell is not None}
    if row == first and _numbers_columns(list(filled.values())):
        return "nothing"
    header = {column: sheet.cell(first - 1, column) for column in columns.values()}
    repeated = sum(text is not None and filled.get(column) == text for column, text in header.items())
    if repeated > 1 and repeated >= len(filled) / 2:
        return "nothing"  # the header again, as on a second page
    names = {column: name for name, column in columns.items()}
    known = {names[column]: cell for column, cell in filled.items() if column in names}
    texts = [clean(cell) for cell in filled.values() if isinstance(cell, str)]
    label = next((text for text in texts if not COLUMN_NUMBER.fullmatch(text)), "")
    if _says_total(label):
        return "total"
    required = shape.required
    has_figures = any(isinstance(cell, int | float) for name, cell in known.items() if name != ORDINAL)
    prefilled = shape.prefilled
    is_unfilled = bool(prefilled) and set(prefilled[:1]) <= set(known) <= {ORDINAL, *prefilled}
    if has_figures or (len(required & set(known)) > len(required) / 2 and not is_unfilled):
        return "data"
    if any(says_nil(text) for text in texts) and len(set(known) - {ORDINAL}) <= 1:
        return "nil"
    is_numbered = _numbers_a_row(known.get(ORDINAL))
    if is_unfilled and is_numbered:
        return "unfilled"
    if any(fold(text).startswith(_FOOTERS) or _DATE_LINE.search(fold(text)) for text in texts):
        return "footer"
    if set(known) == {ORDINAL} and is_numbered:
        return "nothing"
    stands_alone = len(filled) == 1 or (len(filled) == 2 and _is_group(known.get(ORDINAL)))
    if stands_alone and len(required) > 1:
        return "heading"
    return "unfilled" if is_unfilled else "data"


def says_nil(cell: Cell) -> bool:
    """Whether a text says that nothing happened in the period: `Trong kỳ không phát sinh hồ sơ`."""
    return isinstance(cell, str) and len(cell) < _LONGEST_NIL and bool(_NIL.fullmatch(fold(cell)))


def _numbers_a_row(ordinal: Cell) -> bool:
    return isinstance(ordinal, int | float) or bool(_ROW_NUMBER.fullmatch(clean(ordinal)))


def _is_group(ordinal: Cell) -> bool:
    """Whether a row number numbers a group (`I`, `A`) instead of a row (`1`)."""
    return bool(_GROUP_ORDINAL.fullmatch(clean(ordinal)))


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: `(1) (2) (3)=(4)+(5)`, `A B 1 2`."""
    texts = [f"{cell:g}" if isinstance(cell, float) else clean(cell) for cell in cells]
    numbers = [int(match[0]) for text in texts if (match := re.search("[0-9]+", text))]
    in_sequence = numbers == list(range(1, len(numbers) + 1))
    return len(numbers) > 1 and in_sequence and all(COLUMN_NUMBER.fullmatch(text) for text in texts)
