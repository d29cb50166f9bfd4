"""Sheets as they were received: what lies in which cell, without knowing what it means."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import zip_longest
from types import NoneType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]
"""Row and column, from 0."""


_LETTERS = r"\x{C0}-\x{24F}\x{1E00}-\x{1EFF}\x{2013}-\x{2026}"
_PLAIN = rf'^[!"$-<>-~{_LETTERS}][!-~{_LETTERS}]*(?: [!-~{_LETTERS}]+)*$'
"""Visible signs of Vietnamese text, composed, with single spaces inside; no formula and no error."""

Codes = np.ndarray[tuple[int], np.dtype[np.int32]]


@dataclass(frozen=True)
class Column:
    """A column's cells, each distinct one kept once: what is said of it needs to be found out only once.

    Attributes:
        held: the distinct cells; the first is None, the empty cell. Distinct texts alone, without it, as an
            Arrow array, which goes from process to process at no cost.
        codes: for each row the position of its cell in `cells`.
    """

    held: list[Cell] | pa.StringArray
    codes: Codes

    @cached_property
    def cells(self) -> list[Cell]:
        """The distinct cells; the first is None, the empty cell."""
        return self.held if isinstance(self.held, list) else [None, *self.held.to_pylist()]

    def cell(self, row: int) -> Cell:
        """What the cell of a row holds."""
        code = int(self.codes[row])
        if isinstance(self.held, list):
            return self.held[code]
        text: str | None = self.held[code - 1].as_py() if code else None
        return text

    def codes_like(self, pattern: str) -> list[int]:
        """The codes of the texts that a pattern finds.

        Args:
            pattern: one that both Python's `re` and RE2 understand.
        """
        if isinstance(self.held, list):
            finds = re.compile(pattern).search
            return [code for code, cell in enumerate(self.held) if type(cell) is str and finds(cell)]
        found = pc.fill_null(pc.match_substring_regex(self.held, pattern), False)
        return [int(place) + 1 for place in np.flatnonzero(found.to_numpy(zero_copy_only=False))]

    def texts(self, tidy: Callable[[int, str], str | None]) -> pa.StringArray | None:
        """The distinct cells of a column of texts alone, by code; None where it holds other cells too.

        Args:
            tidy: makes of a code and its text, where there is more to it than plain signs, what is kept.
        """
        texts = self.held
        if isinstance(texts, list):
            if not set(map(type, texts)) <= {str, NoneType}:
                return None
            texts = pa.array(texts[1:], pa.string())
        is_odd = pc.invert(pc.fill_null(pc.match_substring_regex(texts, _PLAIN), True))
        odd = np.flatnonzero(is_odd.to_numpy(zero_copy_only=False))
        tidied = [tidy(int(place) + 1, texts[int(place)].as_py()) for place in odd]
        texts = pc.replace_with_mask(texts, is_odd, pa.array(tidied, pa.string()))
        return pa.concat_arrays([pa.array([None], pa.string()), texts])

    @property
    def longest(self) -> int:
        """The length of the longest text, in characters."""
        if isinstance(self.held, list):
            return max((len(cell) for cell in self.held if isinstance(cell, str)), default=0)
        return pc.max(pc.utf8_length(self.held)).as_py() or 0

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Column":
        """A column from its cells; cells of blanks are empty."""
        keys: list[Any] = list(cells)
        if bool in set(map(type, keys)):  # True and 1 are one key: booleans have keys of their own
            keys = [(key,) if isinstance(key, bool) else key for key in keys]
        distinct = dict.fromkeys([None, *keys])
        places = {key: place for place, key in enumerate(distinct)}
        codes = np.fromiter(map(places.__getitem__, keys), np.int32, len(keys))
        found = [key[0] if isinstance(key, tuple) else key for key in distinct]
        blank = [place for place, cell in enumerate(found) if isinstance(cell, str) and not cell.strip()]
        for place in blank:
            found[place] = None
        return cls(found, _without(codes, blank))

    @classmethod
    def of_texts(cls, texts: pa.ChunkedArray) -> "Column":
        """A column from texts; texts of blanks are empty cells."""
        encoded = texts.dictionary_encode().combine_chunks()
        distinct = encoded.dictionary.cast(pa.string())
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32) + np.int32(1)
        is_blank = pc.equal(pc.utf8_trim_whitespace(distinct), "")
        if pc.any(is_blank).as_py():
            blank = np.flatnonzero(is_blank.to_numpy(zero_copy_only=False)) + 1
            distinct, codes = pc.if_else(is_blank, None, distinct), _without(codes, blank)
        return cls(distinct, codes)


def _without(codes: Codes, blank: Sequence[int] | np.ndarray[Any, Any]) -> Codes:
    """The codes with those of blank cells as those of empty ones."""
    return np.where(np.isin(codes, blank), np.int32(0), codes) if len(blank) else codes


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells from the top left corner, and which of them are merged.

    `file_name` is that of the file it lies in, where several were sent in one archive.
    """

    name: str
    columns: list[Column]
    height: int
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    is_hidden: bool = False
    file_name: str | None = None

    def cell(self, row: int, column: int) -> Cell:
        """What the cell holds; None when it is empty or outside the sheet."""
        if not (0 <= column < len(self.columns) and 0 <= row < self.height):
            return None
        return self.columns[column].cell(row)

    def row(self, row: int) -> list[Cell]:
        """The cells of one row."""
        return [column.cell(row) for column in self.columns]

    def rows(self, until: int | None = None) -> list[list[Cell]]:
        """The cells of the rows before a row, or of all."""
        return [self.row(row) for row in range(min(self.height, self.height if until is None else until))]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(column.codes.any() for column in self.columns)


@dataclass
class Grid:
    """A sheet as reading libraries give it, row by row; rows may differ in length."""

    name: str
    rows: list[list[Cell]]
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    is_hidden: bool = False

    def to_sheet(self) -> Sheet:
        """The same cells by columns."""
        columns = [Column.of(cells) for cells in zip_longest(*self.rows)]
        return Sheet(self.name, columns, len(self.rows), self.merged, self.is_hidden)
