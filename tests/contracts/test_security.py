"""The page on security says nothing that no test shows."""

import re

import pytest

from national_kpi.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "security.md").read_text("utf-8")
SECTIONS = ("Send", "Read", "Change", "Deny")


def rows_of(section: str) -> list[str]:
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_threat_has_a_control_and_a_test_that_exists(section: str) -> None:
    rows = rows_of(section)
    assert rows
    for row in rows:
        threat, control, test = (cell.strip() for cell in row.strip("|").split("|"))
        assert threat and control
        place = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test)
        assert place, f"names no test: {row}"
        source = (PROJECT_ROOT / place[1]).read_text("utf-8")
        assert f"\ndef {place[2]}(" in source, f"there is no such test: {test}"
