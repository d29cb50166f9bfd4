"""Finding the form in a sheet: its header rows, by the header texts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import FormColumn
from national_kpi.intake.body import COLUMN_NUMBER, Body, RowShape, read_body
from national_kpi.intake.sheets import Cell, Sheet
from national_kpi.intake.text import clean, fold

ABOUT_WHOM = "agency"
"""The column that says about whom a row is; other agency columns name units of the reporter."""

_NAMED_BY_CODE = {
    "element_code": ("element_code", "element_name", "unit"),
    "milestone_code": ("milestone_code", "milestone_name"),
}
"""Columns that follow from a code of the catalogue."""

OF_UNIT_REPORTS = ("unit", "form_code", "receipt")
"""Columns that name a unit's report in a form that confirms such reports."""

_SEARCHED_ROWS = 60
_HEADER_HEIGHT = 4
_EXPLANATION = "giai trinh"
_PARENTHESES = re.compile(r"\([^()]*\)")


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

    @property
    def explanations(self) -> int | None:
        """The column in which the sender explains doubts: the form's own, or one added to it."""
        added = (column for text, column in self.ignored if fold(text).startswith(_EXPLANATION))
        return self.columns.get("explanation", next(added, None))

    def missing(self, catalogue: Catalogue) -> list[FormColumn]:
        """Required columns that the sheet does not have."""
        form = catalogue.columns_of(self.form_code)
        return [column for column in form if column.is_required and column.column_name not in self.columns]


def prefilled_columns(catalogue: Catalogue, form_code: str) -> tuple[str, ...]:
    """The columns that say what a row is about, where the catalogue knows it beforehand; the key is first."""
    columns = {column.column_name: column for column in catalogue.columns_of(form_code)}
    if catalogue.form(form_code).source == "confirmation":
        return OF_UNIT_REPORTS
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
        """By header text: which column it is of which form."""
        self._rows: dict[str, RowShape] = {}
        for form in catalogue.forms:
            columns = catalogue.columns_of(form.form_code)
            for column in reversed(columns):  # the first column of a form wins a text that two would claim
                for header in (*column.header_aliases, column.column_name, column.header_vi):
                    self._headers.setdefault(fold(header), {})[form.form_code] = column.column_name
            self._rows[form.form_code] = RowShape(
                frozenset(column.column_name for column in columns if column.is_required),
                prefilled_columns(catalogue, form.form_code),
            )

        self._texts = {part for text in self._headers for part in (text, *text.split(" > "))}

    def find(self, sheet: Sheet, form_code: str | None = None) -> Table | None:
        """The best place for a form in a sheet.

        Args:
            sheet: where to look.
            form_code: the form the file says it is; None to try all.

        Returns:
            The table whose header matches best; None when no form has half of its required columns there.
        """
        best: tuple[tuple[float, int, int, int], Table] | None = None
        codes = [form_code] if form_code else list(self._rows)
        for top in range(min(sheet.height, _SEARCHED_ROWS)):
            if not self._may_be_header(sheet.row(top)):
                continue
            for height in range(1, _HEADER_HEIGHT + 1):
                paths = _header_paths(sheet, top, height)
                names = {column: self._names(path) for column, path in paths.items()}
                for code in codes:
                    table = _match(sheet, code, top, height, paths, names)
                    required = self._rows[code].required
                    share = len(required & set(table.columns)) / len(required)
                    score = (share, len(table.columns), -height, -top)
                    if share >= 0.5 and len(table.columns) >= 2 and (best is None or score > best[0]):
                        best = score, table
        return best[1] if best else None

    def _may_be_header(self, row: Sequence[Cell]) -> bool:
        """Whether a row holds several texts and among them one of a header; nearly no row of data does."""
        texts = [cell for cell in row if isinstance(cell, str)]
        return len(texts) > 1 and any(
            fold(text) in self._texts or fold(_PARENTHESES.sub("", text)) in self._texts for text in texts
        )

    def _names(self, path: tuple[str, ...]) -> dict[str, str]:
        """Which column of each form has these texts above one another, or the lower ones of them."""
        names: dict[str, str] = {}
        for parts in (path, tuple(_PARENTHESES.sub("", part) for part in path)):
            folded = [fold(part) for part in parts]
            for start in range(len(folded)):
                names = self._headers.get(" > ".join(folded[start:]), {}) | names
        return names

    def body(self, table: Table) -> Body:
        """The rows of a table, up to the signature block."""
        return read_body(table.sheet, table.top + table.height, table.columns, self._rows[table.form_code])


def _match(
    sheet: Sheet,
    form_code: str,
    top: int,
    height: int,
    paths: dict[int, tuple[str, ...]],
    names: dict[int, dict[str, str]],
) -> Table:
    table = Table(sheet, form_code, top, height, {})
    for column, path in paths.items():
        name = names[column].get(form_code)
        if name is None:
            table.ignored.append((path[-1], column))
        elif name in table.columns:
            table.doubled.append((name, column))
        else:
            table.columns[name] = column
    return table


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
    return "" if COLUMN_NUMBER.fullmatch(text) else text


def header_texts(sheets: Sequence[Sheet]) -> Iterator[str]:
    """What a file's likely header rows say, for telling the sender what was seen."""
    for sheet in sheets:
        for row in sheet.rows(_SEARCHED_ROWS):
            texts = [clean(cell) for cell in row if isinstance(cell, str) and clean(cell)]
            if len(texts) > 1:
                yield from texts
                break
