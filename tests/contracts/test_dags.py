"""What every DAG must be, so that whoever is called at night finds their way."""

import inspect
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from national_kpi.settings import PROJECT_ROOT

DAGS = PROJECT_ROOT / "dags"
TASKS = {
    "intake": {"finish_begun", "find_files", "take_in", "announce", "all_is_well"},
    "build": {"build", "publish", "refresh_dashboards"},
    "pull_sources": {"list_sources", "pull"},
    "reminders": {"decide", "write_files", "draft_letters", "send_mail"},
    "reporting_calendar": {"open_periods"},
    "brief": {"find_due", "issue"},
    "close_periods": {"close_due", "ask_for_certification"},
    "certify_period": {"prepare", "ask", "record", "export_open_data"},
    "restatement_notices": {"issue", "render"},
    "canary": {"look", "send", "raise_alarm"},
    "clean_up": {"old_logs", "old_snapshots", "old_temporary_files", "old_runs"},
}
ASKED_FOR = {"certify_period"}
"""DAGs without a clock of their own: a run waits for a person, beside others that wait too."""
WAITS_FOR_A_PERSON = {("certify_period", "ask")}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(DAGS))


def dag_of(bag: DagBag, dag_id: str) -> DAG:
    dag: DAG = bag.dags[dag_id]
    return dag


def test_every_file_is_one_dag_named_after_it_and_no_other_exists(bag: DagBag) -> None:
    assert bag.import_errors == {}
    files = {file.stem for file in DAGS.glob("*.py")}
    assert {dag_id: Path(dag.fileloc).stem for dag_id, dag in bag.dags.items()} == {
        name: name for name in files
    }
    assert set(bag.dags) == set(TASKS)


@pytest.mark.parametrize("dag_id", sorted(TASKS))
def test_a_dag_holds_just_its_tasks(bag: DagBag, dag_id: str) -> None:
    assert set(dag_of(bag, dag_id).task_ids) == TASKS[dag_id]


@pytest.mark.parametrize("dag_id", sorted(TASKS))
def test_the_docstring_is_the_page_and_says_what_to_do_when_it_fails(bag: DagBag, dag_id: str) -> None:
    dag = dag_of(bag, dag_id)
    source = Path(dag.fileloc).read_text()
    assert dag.doc_md
    assert inspect.cleandoc(dag.doc_md) in inspect.cleandoc(source), "doc_md is the file's own docstring"
    assert "**When" in dag.doc_md
    assert "fails**" in dag.doc_md


@pytest.mark.parametrize("dag_id", sorted(TASKS))
def test_owner_tags_retries_and_limits_are_set(bag: DagBag, dag_id: str) -> None:
    dag = dag_of(bag, dag_id)
    assert "national-kpi" in dag.tags
    assert (dag.max_active_runs == 1) is (dag_id not in ASKED_FOR)
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.owner == "data-engineering", task.task_id
        assert task.retries >= 1, task.task_id
        if (dag_id, task.task_id) in WAITS_FOR_A_PERSON:
            assert task.execution_timeout is None and task.response_timeout is None
            continue
        assert task.execution_timeout, task.task_id
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=1), task.task_id


@pytest.mark.parametrize("dag_id", sorted(TASKS.keys() - ASKED_FOR))
def test_days_begin_in_hanoi(bag: DagBag, dag_id: str) -> None:
    timetable = dag_of(bag, dag_id).timetable
    clock = getattr(timetable, "timetable", timetable)
    assert str(clock.timezone) == "Asia/Ho_Chi_Minh"


def test_the_assets_join_the_dags_into_one_line(bag: DagBag) -> None:
    outlets = {
        (dag_id, outlet.name)
        for dag_id in TASKS
        for task in bag.dags[dag_id].tasks
        for outlet in task.outlets
    }
    assert outlets == {
        ("intake", "submissions"),
        ("build", "publication"),
        ("certify_period", "certifications"),
    }
    woken_by = {
        (dag_id, asset.name)
        for dag_id in ("intake", "build", "close_periods", "restatement_notices")
        for asset in bag.dags[dag_id].timetable.asset_condition.objects
    }
    assert woken_by == {
        ("intake", "drop_folder"),
        ("build", "submissions"),
        ("build", "certifications"),
        ("close_periods", "publication"),
        ("restatement_notices", "publication"),
    }
