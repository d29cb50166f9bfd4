"""No text, however long, keeps intake busy: whatever is looked for in it takes time linear to its length."""

import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

from national_kpi.catalogue import Catalogue
from national_kpi.intake.examine import Examination
from national_kpi.limits import DEFAULT_LIMITS
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

PIECES = (
    "x", "1", ".", "-", "(", "?", "/", "á", "1.", "1 ", "9.9,", "a ", "?a", "://", "từ ngày ",
    "tháng 8 năm 2022 ", "từ ngày 1/1/2022 ", "đến ngày ", "ngày ", "quý I ", "khoảng ", "triệu ", "1/2 ",
    "1 triệu ", "50-",
    "Kỳ báo cáo: ", "Biểu mẫu: ", "Cơ quan báo cáo: ", "Bộ ", "Sở Tư pháp ", "Tổng cộng ", "không phát sinh ",
    "<U+00E1>", "\ufffd",  "=A1+", "#REF!", "\u200b", "e\u0301", "(1)", "I.", "KT. ",
)  # fmt: skip
MOST_SECONDS = 3


def test_a_long_text_anywhere_costs_no_time(
    catalogue: Catalogue, examine: Callable[..., Examination], tmp_path: Path
) -> None:
    names = [column.column_name for column in catalogue.columns_of("F07")]
    slow = {}
    # What is exponential shows in short texts, what is quadratic in long ones.
    for piece, length in product(PIECES, (40, 200, DEFAULT_LIMITS.text_characters - 30)):
        text = (piece * length)[:length]
        rows = [GOOD_ROWS["F07"] | {name: text} for name in names]
        lines = [f"Cơ quan báo cáo: {text}", f"Ghi chú: {text}"]
        grid = form_grid(catalogue, "F07", rows, period=f"Kỳ báo cáo: {text}", lines=lines)
        grid[-len(rows) - 1].append(text)
        file = save(tmp_path / "x.csv", grid)
        started = time.monotonic()
        found = examine(file, "G22")
        if (seconds := time.monotonic() - started) > MOST_SECONDS:
            slow[piece, length] = round(seconds, 1)
        assert found.problems
        assert all(len(problem.message_vi + problem.mend_vi) < 2000 for problem in found.problems)
    assert slow == {}
