"""Finding the form in a sheet: its header row by the header texts, and where its data begins and ends."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.sheets import Cell, Sheet
from national_kpi.intake.text import clean, fold

ORDINAL = "stt"
"""The column that only numbers the rows."""

ABOUT_WHOM = "agency"
"""The column that says about whom a row is; other agency columns name units of the reporter."""

_NAMED_BY_CODE = {
    "element_code": ("element_code", "element_name", "unit"),
    "milestone_code": ("milestone_code", "milestone_name"),
}
"""Columns that follow from a code of the catalogue."""

_SEARCHED_ROWS = 60
_HEADER_HEIGHT = 4
_COLUMN_NUMBER = re.compile(r"\(?\s*(?:[0-9]{1,2}|[A-Z])\s*\)?(?:\s*=.*)?")
_PARENTHESES = re.compile(r"\([^()]*\)")
_ROW_NUMBER = re.compile(r"[0-9][0-9.]*")
_GROUP_ORDINAL = re.compile(r"[IVX]+|[A-ZĐ]")
_TOTALS = {"tong cong", "tong so", "tong", "cong", "total"}
_LONGEST_TOTAL = 16
_FOOTERS = (
    "nguoi lap", "nguoi bao cao", "nguoi tong hop", "lap bieu", "thu truong", "noi nhan", "ghi chu", "ky ten",
    "ky ghi ro", "xac nhan", "kt ", "tl ", "tm ", "tuq ", "lanh dao", "chanh van phong", "dai dien",
)  # fmt: skip
_DATE_LINE = re.compile(r"\bngay\b.*\bthang\b.*\bnam\b")


@dataclass(frozen=True)
class Table:
    """A form found in a sheet.

    Rows and columns count from 0. `columns` says where each of the form's columns lies; `doubled` names form
    columns that two sheet columns claim; `ignored` are sheet columns the form does not have.
    """

    sheet: Sheet
    form_code: str
    top: int
    height: int
    columns: dict[str, int]
    doubled: list[tuple[str, int]] = field(default_factory=list)
    ignored: list[tuple[str, int]] = field(default_factory=list)

    def missing(self, catalogue: Catalogue) -> list[FormColumn]:
        """Required columns that the sheet does not have."""
        form = catalogue.columns_of(self.form_code)
        return [column for column in form if column.is_required and column.column_name not in self.columns]


@dataclass(frozen=True)
class Body:
    """Which rows of a table are data, totals, headings of groups, or left as they were handed out."""

    data: list[int]
    totals: list[int]
    headings: list[int]
    unfilled: list[int]


def prefilled_columns(catalogue: Catalogue, form_code: str) -> tuple[str, ...]:
    """The columns that say what a row is about, where the catalogue knows it beforehand; the key is first."""
    columns = {column.column_name: column for column in catalogue.columns_of(form_code)}
    for name, column in columns.items():
        if column.is_key and name in _NAMED_BY_CODE:
            return tuple(one for one in _NAMED_BY_CODE[name] if one in columns)
        if column.is_key and column.data_type == "agency" and name != ABOUT_WHOM:
            return (name,)
    return ()


class FormFinder:
    """Finds forms by their header texts and aliases. Build it once per catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._headers: dict[str, dict[str, str]] = {}
        self._required: dict[str, set[str]] = {}
        self._prefilled: dict[str, tuple[str, ...]] = {}
        for form in catalogue.forms:
            columns = catalogue.columns_of(form.form_code)
            texts = {}
            for column in reversed(columns):  # the first column of a form wins a text that two would claim
                for header in (*column.header_aliases, column.header_vi):
                    texts[fold(header)] = column.column_name
            self._headers[form.form_code] = texts
            self._required[form.form_code] = {c.column_name for c in columns if c.is_required}
            self._prefilled[form.form_code] = prefilled_columns(catalogue, form.form_code)

    def find(self, sheet: Sheet, form_code: str | None = None) -> Table | None:
        """The best place for a form in a sheet.

        Args:
            sheet: where to look.
            form_code: the form the file says it is; None to try all.

        Returns:
            The table whose header matches best; None when no form has half of its required columns there.
        """
        best: tuple[tuple[float, int, int, int], Table] | None = None
        codes = [form_code] if form_code else list(self._headers)
        for top in range(min(sheet.height, _SEARCHED_ROWS)):
            if sum(isinstance(cell, str) for cell in sheet.row(top)) < 2:
                continue
            for height in range(1, _HEADER_HEIGHT + 1):
                paths = _header_paths(sheet, top, height)
                for code in codes:
                    table = self._match(sheet, code, top, height, paths)
                    share = len(self._required[code] & set(table.columns)) / len(self._required[code])
                    score = (share, len(table.columns), -height, -top)
                    if share >= 0.5 and len(table.columns) >= 2 and (best is None or score > best[0]):
                        best = score, table
        return best[1] if best else None

    def _match(
        self, sheet: Sheet, form_code: str, top: int, height: int, paths: dict[int, tuple[str, ...]]
    ) -> Table:
        table = Table(sheet, form_code, top, height, {})
        for column, path in paths.items():
            name = self._column(form_code, path)
            if name is None:
                table.ignored.append((path[-1], column))
            elif name in table.columns:
                table.doubled.append((name, column))
            else:
                table.columns[name] = column
        return table

    def _column(self, form_code: str, path: tuple[str, ...]) -> str | None:
        headers = self._headers[form_code]
        for parts in (path, tuple(_PARENTHESES.sub("", part) for part in path)):
            folded = [fold(part) for part in parts]
            for start in range(len(folded)):
                if name := headers.get(" > ".join(folded[start:])):
                    return name
        return None

    def body(self, table: Table) -> Body:
        """The rows of a table, up to the signature block."""
        body = Body([], [], [], [])
        first = table.top + table.height
        header = [(column, table.sheet.cell(first - 1, column)) for column in table.columns.values()]
        for index in range(first, table.sheet.height):
            filled = {column: cell for column, cell in enumerate(table.sheet.row(index)) if cell is not None}
            if not filled or (index == first and _numbers_columns(list(filled.values()))):
                continue
            repeated = sum(text is not None and filled.get(column) == text for column, text in header)
            if repeated > 1 and repeated >= len(filled) / 2:
                continue  # the header again, as on a second page
            kind = self._kind(table, filled)
            if kind == "footer":
                break
            if kind == "empty":
                continue
            {
                "data": body.data, "total": body.totals, "heading": body.headings, "unfilled": body.unfilled
            }[kind].append(index)  # fmt: skip
        return body

    def _kind(
        self, table: Table, filled: Mapping[int, Cell]
    ) -> Literal["data", "total", "heading", "unfilled", "empty", "footer"]:
        names = {column: name for name, column in table.columns.items()}
        known = {names[column]: cell for column, cell in filled.items() if column in names}
        texts = [clean(cell) for cell in filled.values() if isinstance(cell, str)]
        label = next((text for text in texts if not _COLUMN_NUMBER.fullmatch(text)), "")
        if len(label) < _LONGEST_TOTAL and fold(label) in _TOTALS:
            return "total"
        required = self._required[table.form_code]
        has_figures = any(isinstance(cell, int | float) for name, cell in known.items() if name != ORDINAL)
        if has_figures or len(required & set(known)) > len(required) / 2:
            return "data"
        prefilled = self._prefilled[table.form_code]
        is_unfilled = bool(prefilled) and set(prefilled[:1]) <= set(known) <= {ORDINAL, *prefilled}
        is_numbered = _numbers_a_row(known.get(ORDINAL))
        if is_unfilled and is_numbered:
            return "unfilled"
        if any(fold(text).startswith(_FOOTERS) or _DATE_LINE.search(fold(text)) for text in texts):
            return "footer"
        if set(known) == {ORDINAL} and is_numbered:
            return "empty"
        stands_alone = len(filled) == 1 or (len(filled) == 2 and _is_group(known.get(ORDINAL)))
        if stands_alone and len(required) > 1:
            return "heading"
        return "unfilled" if is_unfilled else "data"


def _is_group(ordinal: Cell) -> bool:
    """Whether a row number numbers a group (`I`, `A`) instead of a row (`1`)."""
    return bool(_GROUP_ORDINAL.fullmatch(clean(ordinal)))


def _numbers_a_row(ordinal: Cell) -> bool:
    return isinstance(ordinal, int | float) or bool(_ROW_NUMBER.fullmatch(clean(ordinal)))


def _header_paths(sheet: Sheet, top: int, height: int) -> dict[int, tuple[str, ...]]:
    """For each column the header texts above one another, merged cells counted for all they cover."""
    width = len(sheet.columns)
    grid = [
        [_header_text(sheet.cell(row, column)) for column in range(width)] for row in range(top, top + height)
    ]
    covered = {
        (row, column): _header_text(sheet.cell(*start))
        for start, end in sheet.merged
        for row in range(max(start[0], top), min(end[0], top + height - 1) + 1)
        for column in range(start[1], min(end[1], width - 1) + 1)
    }
    for (row, column), text in covered.items():
        grid[row - top][column] = grid[row - top][column] or text
    if not sheet.merged:
        _spread_right(grid)
    paths = {}
    for column in range(width):
        path: list[str] = []
        for texts in grid:
            if texts[column] and texts[column] not in path[-1:]:
                path.append(texts[column])
        if path:
            paths[column] = tuple(path)
    return paths


def _spread_right(grid: list[list[str]]) -> None:
    """In files that know no merged cells, a group's text stands over its first column only."""
    for level, row in enumerate(grid[:-1]):
        for column in range(1, len(row)):
            has_part = any(below[column] for below in grid[level + 1 :])
            same_group = level == 0 or grid[level - 1][column] == grid[level - 1][column - 1]
            if not row[column] and has_part and same_group:
                row[column] = row[column - 1]


def _header_text(cell: Cell) -> str:
    text = clean(cell) if isinstance(cell, str) else ""
    return "" if _COLUMN_NUMBER.fullmatch(text) else text


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns: `(1) (2) (3)=(4)+(5)`, `A B 1 2`."""
    texts = [str(int(cell)) if isinstance(cell, float) else clean(cell) for cell in cells]
    numbers = [int(match[0]) for text in texts if (match := re.search("[0-9]+", text))]
    in_sequence = numbers == list(range(1, len(numbers) + 1))
    return len(numbers) > 1 and in_sequence and all(_COLUMN_NUMBER.fullmatch(text) for text in texts)


def header_texts(sheets: Sequence[Sheet]) -> Iterator[str]:
    """What a file's likely header rows say, for telling the sender what was seen."""
    for sheet in sheets:
        for row in sheet.rows(_SEARCHED_ROWS):
            texts = [clean(cell) for cell in row if isinstance(cell, str) and clean(cell)]
            if len(texts) > 1:
                yield from texts
                break
