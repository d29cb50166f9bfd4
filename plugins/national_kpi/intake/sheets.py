"""Sheets as they were received: what lies in which cell, without knowing what it means."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True)
class Column:
    """A column's cells, each distinct one kept once: what is said of it needs to be found out only once.

    Attributes:
        cells: the distinct cells; the first is None, the empty cell.
        codes: for each row the position of its cell in `cells`.
    """

    cells: list[Cell]
    codes: np.ndarray[tuple[int], np.dtype[np.int32]]

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Column":
        """A column from its cells; cells of blanks are empty."""
        keys: list[Any] = list(cells)
        if bool in set(map(type, keys)):  # True and 1 are one key: booleans have keys of their own
            keys = [(key,) if isinstance(key, bool) else key for key in keys]
        distinct = dict.fromkeys([None, *keys])
        places = {key: place for place, key in enumerate(distinct)}
        codes = np.fromiter(map(places.__getitem__, keys), np.int32, len(keys))
        return cls(*_without_blanks([key[0] if isinstance(key, tuple) else key for key in distinct], codes))

    @classmethod
    def of_texts(cls, texts: pa.ChunkedArray) -> "Column":
        """A column from texts."""
        encoded = texts.dictionary_encode().combine_chunks()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32) + np.int32(1)
        return cls(*_without_blanks([None, *encoded.dictionary.to_pylist()], codes))


def _without_blanks(
    cells: list[Cell], codes: np.ndarray[tuple[int], np.dtype[np.int32]]
) -> tuple[list[Cell], np.ndarray[tuple[int], np.dtype[np.int32]]]:
    blank = [index for index, cell in enumerate(cells) if isinstance(cell, str) and not cell.strip()]
    for index in blank:
        cells[index] = None
    return cells, np.where(np.isin(codes, blank), np.int32(0), codes) if blank else codes


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
