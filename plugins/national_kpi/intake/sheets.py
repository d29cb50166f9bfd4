"""Sheets as they were received: what lies in which cell, without knowing what it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]
"""Row and column, from 0."""


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
        held = self.columns[column]
        return held.cells[int(held.codes[row])]

    def row(self, row: int) -> list[Cell]:
        """The cells of one row."""
        return [column.cells[column.codes[row]] for column in self.columns]

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
