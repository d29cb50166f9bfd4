"""The runbook has an entry for each alarm and each DAG, and none for what is not there."""

import re

import pytest

from national_kpi import metrics
from national_kpi.canary import Stage
from national_kpi.cli import COMMANDS
from national_kpi.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^### (.+)\n\n((?:(?!#).*\n?)+)", RUNBOOK, re.MULTILINE))
ALARMS = {metrics.CANARY_LATE, metrics.BUILD_TESTS_FAILED, metrics.PUBLISHED_AGE, metrics.PUBLISHED_WAITING,
          metrics.SOURCE_AGE}  # fmt: skip
"""Metrics that tell of trouble; the others tell how much and how long."""


def names(kind: str) -> set[str]:
    return {name for heading in ENTRIES for name in re.findall(rf"^{kind} `(.+)`$", heading)}


def test_every_dag_has_an_entry() -> None:
    assert names("DAG") == {file.stem for file in (PROJECT_ROOT / "dags").glob("*.py")}


def test_every_place_where_the_canary_gets_stuck_has_an_entry() -> None:
    assert names("Canary") == set(Stage)


def test_every_metric_that_tells_of_trouble_has_an_entry() -> None:
    assert names("Metric") == ALARMS


@pytest.mark.parametrize("heading", ENTRIES)
def test_an_entry_says_what_it_means_how_to_look_how_to_mend_and_what_never_to_do(heading: str) -> None:
    said = re.findall(r"^- \*\*(\w+):\*\* \S", ENTRIES[heading], re.MULTILINE)
    assert said == ["Means", "Look", "Mend", "Never"]


def test_operations_lists_every_metric_and_no_other() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(kpi\.[a-z_.]+[a-z_])(?:\.<\w+>)?` \|", text, re.MULTILINE))
    sent = {
        value for name, value in vars(metrics).items() if name.isupper() and str(value).startswith("kpi.")
    }
    assert listed == sent
    assert sent >= ALARMS


def test_commands_in_the_runbook_exist() -> None:
    named = set(re.findall(r"`kpi ([a-z-]+)", RUNBOOK))
    assert named and named <= {command for commands in COMMANDS.values() for command in commands}
