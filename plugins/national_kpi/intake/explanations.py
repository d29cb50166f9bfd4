"""What a sender has to say about doubts: the sheet “Giải trình” of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from national_kpi.intake.cells import shown
from national_kpi.intake.problems import Problem
from national_kpi.intake.sheets import Sheet
from national_kpi.intake.text import fold

_TEXT = ("noi dung giai trinh", "giai trinh")
_CELL = ("o",)
_RULE = ("ma quy tac",)
_SHEET = ("trang tinh",)
_SHEET_NAME = "giai trinh"
_SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Explanation:
    """One line of the sheet: a text, and what it explains; what is None explains all."""

    text: str
    rule_id: str | None
    cell: str | None
    sheet: str | None

    def explains(self, problem: Problem) -> bool:
        """Whether this line is about a finding."""
        return (
            (self.rule_id is None or self.rule_id == problem.rule_id)
            and (self.cell is None or self.cell == problem.cell)
            and (self.sheet is None or fold(self.sheet) == fold(problem.sheet or ""))
        )


def read_explanations(sheets: Sequence[Sheet]) -> list[Explanation]:
    """The lines of the sheets named “Giải trình” that say what they explain: a rule, a cell, or both."""
    return [
        line
        for sheet in sheets
        if fold(sheet.name).startswith(_SHEET_NAME) and not sheet.is_hidden
        for line in _lines(sheet)
    ]


def _lines(sheet: Sheet) -> Iterator[Explanation]:
    for top in range(min(sheet.height, _SEARCHED_ROWS)):
        headers = {fold(cell): column for column, cell in enumerate(sheet.row(top)) if isinstance(cell, str)}
        places = [
            next((headers[name] for name in names if name in headers), None)
            for names in (_TEXT, _RULE, _CELL, _SHEET)
        ]
        if places[0] is None or (places[1] is None and places[2] is None):
            continue
        for row in range(top + 1, sheet.height):
            text, rule_id, cell, name = (
                None if place is None or (held := sheet.cell(row, place)) is None else shown(held)
                for place in places
            )
            if text and (rule_id or cell):
                yield Explanation(
                    text, rule_id and rule_id.upper(), cell and cell.upper().replace("$", ""), name
                )
        return


def explain(problems: Sequence[Problem], explanations: Sequence[Explanation]) -> list[Problem]:
    """Attach to each doubt that has none yet the first explanation that is about it."""
    return [
        replace(problem, explanation=said)
        if problem.severity == "warn"
        and problem.explanation is None
        and (said := next((one.text for one in explanations if one.explains(problem)), None))
        else problem
        for problem in problems
    ]
