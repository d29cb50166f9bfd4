"""The agencies' guide says what the platform does: names, lists, limits, days and commands."""

import re
import sys
from pathlib import Path

import pytest

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import main
from national_kpi.deadlines import DEADLINE_STATES_VI
from national_kpi.intake.marking.copies import ROWS_MARKED
from national_kpi.intake.outcomes import OUTCOMES, SEVERITIES_VI
from national_kpi.intake.reading.files import ACCEPTED_TYPES
from national_kpi.intake.receipts import HTML_NAME, JSON_NAME, MARKED_SUFFIX
from national_kpi.intake.template_guide import EXPLANATION_HEADERS, EXPLANATIONS, GUIDE
from national_kpi.limits import Limits
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docs" / "huong-dan-nop-bao-cao.md"
TEXT = FILE.read_text()
CATALOGUE = load_catalogue(CATALOGUE_DIR)
LARGEST_PICTURE = 300_000

KINDS = {"month": "tháng", "quarter_gov": "quý, tính từ ngày 15"}


def section(title: str) -> str:
    (part,) = [part for part in re.split(r"^##+ ", TEXT, flags=re.MULTILINE) if part.startswith(title)]
    return part


def table(title: str) -> list[list[str]]:
    """The cells of a section's table, without its header."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def in_bold(title: str) -> list[str]:
    return [cells[0].strip("*") for cells in table(title)]


def vietnamese(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_outcomes_severities_and_deadline_states_are_named_as_receipts_name_them() -> None:
    assert in_bold("Kết quả tiếp nhận") == [outcome.name_vi for outcome in OUTCOMES.values()]
    assert in_bold("Mức độ của từng điểm") == list(SEVERITIES_VI.values())
    assert in_bold("Thời hạn") == list(DEADLINE_STATES_VI.values())


def test_the_table_of_forms_is_the_catalogue_s() -> None:
    obligations = {row.form_code: row for row in CATALOGUE.reporting_obligations}
    expected = []
    for form in CATALOGUE.forms:
        owed = obligations.get(form.form_code)
        days = f"{owed.due_working_days} ngày làm việc" if owed else "–"
        yes = {True: "có", False: "–"}
        expected.append(
            [form.form_code, form.name_vi, KINDS[owed.period_kind] if owed else None, days,
             yes[form.may_be_nil], yes[form.accepts_partly]]
        )  # fmt: skip
    stated = table("1. Biểu mẫu và thời hạn")
    for cells, wanted in zip(stated, expected, strict=True):
        assert [cell for cell, due in zip(cells, wanted, strict=True) if due] == [
            due for due in wanted if due
        ]
    nil = ", ".join(form.form_code for form in CATALOGUE.forms if form.may_be_nil)
    assert f"Biểu {nil}: trong kỳ **không phát sinh**" in TEXT


def test_kinds_of_file_and_limits_are_those_in_force() -> None:
    kinds = section("Kiểu tệp và giới hạn").split("\n\n")[1]
    assert re.findall(r"`(\.\w+)`", kinds.split(".zip` chứa")[0].rpartition("Tệp `")[0]) == list(
        ACCEPTED_TYPES
    )
    limits = Limits()
    assert [cells[1] for cells in table("Kiểu tệp và giới hạn")] == [
        f"{limits.file_mb} MB", f"{vietnamese(limits.unpacked_mb)} MB", str(limits.archive_files),
        vietnamese(limits.rows), str(limits.columns),
    ]  # fmt: skip
    assert f"Tệp trên {vietnamese(ROWS_MARKED)} dòng" in TEXT


def test_files_and_sheets_are_called_as_they_are() -> None:
    for name in (
        f"`{HTML_NAME}`",
        f"`{JSON_NAME}`",
        f"`{MARKED_SUFFIX}.xlsx`",
        f"“{GUIDE}”",
        f"“{EXPLANATIONS}”",
    ):
        assert name in TEXT
    assert all(f"“{header}”" in section("7. Giải trình") for header in EXPLANATION_HEADERS)


@pytest.mark.parametrize("command", re.findall(r"^kpi (.+)$", TEXT, flags=re.MULTILINE))
def test_every_command_is_one_that_is_there(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = command.split()
    name = words[:2] if words[0] == "receipts" else words[:1]
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["kpi", *name, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    helped = capsys.readouterr().out
    assert ended.value.code == 0
    assert [word for word in words if word.startswith("-") and word not in helped] == []


def test_rules_it_quotes_exist() -> None:
    rules = {rule.rule_id for rule in CATALOGUE.rules}
    quoted = set(re.findall(r"`(F\d\d-\d{3})`", TEXT))
    assert quoted
    assert quoted <= rules


@pytest.mark.parametrize("picture", re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT))
def test_every_picture_is_there_and_small_enough(picture: str) -> None:
    assert 10_000 < (FILE.parent / picture).stat().st_size < LARGEST_PICTURE


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not Path(FILE.parent / link).exists()] == []
