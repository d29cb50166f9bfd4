"""All number cells of a file together say how it writes numbers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from national_kpi.catalogue import Catalogue
from national_kpi.intake.examine import Examination
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

Examine = Callable[..., Examination]

NOT_WHOLE = "F01-003"
"""Fires on a count with decimals, which shows how its cell was read."""


def noticed(
    catalogue: Catalogue, examine: Examine, file: Path, *sheets: list[object]
) -> list[tuple[str, str | None]]:
    """Which cells of F01 sheets are in doubt, and which were read as numbers with decimals."""
    codes = [row.element_code for row in catalogue.data_elements if row.element_code.endswith("_count")]
    grids, used = [], 0
    for cells in sheets:
        rows = [{"element_code": codes[used + n], "value": cell} for n, cell in enumerate(cells)]
        grids.append(form_grid(catalogue, "F01", [GOOD_ROWS["F01"] | row for row in rows]))
        used += len(cells)
    found = examine(save(file, *grids)).problems
    return sorted((one.rule_id, one.cell) for one in found if one.rule_id.startswith(("NUMBER", NOT_WHOLE)))


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".csv", ".ods"])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.234", "56,7"], [(NOT_WHOLE, "E6")]),
        (["1.234", "56.7"], [(NOT_WHOLE, "E5"), (NOT_WHOLE, "E6")]),
        (["1,234", "1,234,567"], []),
        (["1,234", "1.234.567"], [(NOT_WHOLE, "E5")]),
        (["1.234", "12"], [("NUMBER-01", "E5")]),
        (["1.234.567", "2.345.678", "3.456.789", "1,234,567"], [("NUMBER-02", "E8")]),
        (["1,9 triệu", "12"], [("NUMBER-03", "E5")]),
    ],
)
def test_the_other_cells_of_a_file_settle_the_ones_with_two_readings(
    tmp_path: Path,
    catalogue: Catalogue,
    examine: Examine,
    ending: str,
    cells: list[object],
    expected: list[tuple[str, str]],
) -> None:
    assert noticed(catalogue, examine, tmp_path / f"x{ending}", cells) == expected


def test_a_number_on_another_sheet_is_evidence_as_well(
    tmp_path: Path, catalogue: Catalogue, examine: Examine
) -> None:
    alone = noticed(catalogue, examine, tmp_path / "x.xlsx", ["1,234"])
    with_another = noticed(catalogue, examine, tmp_path / "y.xlsx", ["1,234"], ["1,234,567"])
    assert (alone, with_another) == ([(NOT_WHOLE, "E5"), ("NUMBER-01", "E5")], [])


def test_numbering_and_titles_are_no_evidence_and_in_no_doubt(
    tmp_path: Path, catalogue: Catalogue, examine: Examine
) -> None:
    row = GOOD_ROWS["F01"] | {"stt": "1.1", "value": "1.234"}
    grid = form_grid(catalogue, "F01", [row], lines=["Tăng 0.3 so với kỳ trước"])
    (doubt,) = (
        one for one in examine(save(tmp_path / "x.xlsx", grid)).problems if one.rule_id.startswith("NUMBER")
    )
    assert (doubt.rule_id, doubt.cell) == ("NUMBER-01", "E6")
    assert "hệ thống đọc là 1234." in doubt.message_vi
