"""The data dictionary: one page that needs no server, made from the models' own descriptions."""

import json
from datetime import date
from pathlib import Path

from national_kpi.warehouse.docs import write_docs
from national_kpi.warehouse.marts import MARTS


def test_the_data_dictionary_describes_every_mart(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "data-dictionary.html"
    write_docs(page, date(2026, 11, 22))
    text = page.read_text("utf-8")
    assert {mart for mart in MARTS if f"model.national_kpi.{mart}" not in text} == set()
    assert json.dumps("kỳ báo cáo").strip('"') in text, "described in Vietnamese too"
