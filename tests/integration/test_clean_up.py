"""What is old goes, and what is kept for good stays as it is, whatever links there are."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from national_kpi.clean_up import (
    remove_old_logs,
    remove_old_runs,
    remove_old_snapshots,
    remove_old_temporary_files,
)
from national_kpi.clock import HANOI
from national_kpi.errors import CleanUpError
from national_kpi.intake.context import IntakeContext
from national_kpi.paths import SAMPLES_DIR, Paths
from national_kpi.sources.delivery import pulls_folder
from tests.integration.airflow_command import airflow_environment, migrate_airflow
from tests.integration.building import drop

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)
OLD, RECENT = NOW - timedelta(days=100), NOW - timedelta(days=80)


def put(path: Path, moment: datetime, *, link_to: Path | None = None) -> Path:
    """A file, or a link, of that age, in a folder of that age."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if link_to:
        path.symlink_to(link_to)
    else:
        path.write_text("{}\n")
    for one in (path, *path.parents[:3]):
        os.utime(one, (moment.timestamp(),) * 2, follow_symlinks=False)
    return path


def kept_for_good(paths: Paths) -> dict[str, object]:
    """Everything in archive, lake and inboxes, byte for byte, and every row of the ledger."""
    roots = (paths.archive, paths.lake, *paths.drop.glob("*/inbox"))
    files = [file for root in roots for file in sorted(root.rglob("*")) if file.is_file()]
    assert len(files) >= 4
    ledger = sqlite3.connect(paths.ledger_file)
    try:
        rows = list(ledger.iterdump())
    finally:
        ledger.close()
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in files} | {"ledger": rows}


@pytest.fixture
def used(context: IntakeContext) -> IntakeContext:
    """A home with accepted files, one that waits, and nothing new in archive and lake."""
    for name in ("F07-ket-noi-paygov.csv", "F07-dich-vu-cong-muc-do-4.csv"):
        assert drop(context, SAMPLES_DIR / "G06" / name, "G06", OLD).startswith("accepted")
    put(context.paths.inbox("G06") / "waits.csv", OLD)
    for file in (*context.paths.archive.iterdir(), *context.paths.lake.rglob("*.parquet")):
        os.utime(file, (OLD.timestamp(),) * 2)
    return context


def clean_all(ctx: IntakeContext) -> None:
    remove_old_logs(ctx.settings, ctx.paths, NOW)
    remove_old_snapshots(ctx.settings, ctx.paths, ctx.engine)
    remove_old_temporary_files(ctx.settings, ctx.paths, NOW)


def test_old_logs_builds_and_leftovers_go_and_links_take_nothing_with_them(used: IntakeContext) -> None:
    paths, archived = used.paths, next(file for file in used.paths.archive.iterdir() if file.is_file())
    logs, pulls = paths.logs / "airflow", pulls_folder(paths)
    gone = [
        put(logs / "dag_id=intake" / "run_id=old" / "task_id=announce" / "attempt=1.log", OLD),
        put(logs / "dag_id=intake" / "link.log", OLD, link_to=archived),
        put(paths.builds / "20260101T000000-aaaaaa" / "inputs" / "values.parquet", OLD, link_to=archived),
        put(paths.builds / "20260101T000000-bbbbbb", OLD, link_to=paths.archive),
        put(paths.published / "20260101T000000-cccccc" / "kpi.duckdb", OLD),
        put(pulls / "left_source" / ".0a1b2c", OLD),
        put(pulls / "left_source" / ".link", OLD, link_to=archived),
    ]
    stays = [
        put(logs / "dag_id=intake" / "run_id=new" / "task_id=announce" / "attempt=1.log", RECENT),
        put(logs / "linked", OLD, link_to=paths.ledger_file).with_name("dag_id=intake"),
        put(pulls / "left_source" / "7~F07.csv", OLD),
    ]
    put(logs / "archive", OLD, link_to=paths.archive)
    before = kept_for_good(paths)
    clean_all(used)
    assert kept_for_good(paths) == before
    assert [file for file in gone if file.exists() or file.is_symlink()] == []
    assert not (logs / "dag_id=intake" / "run_id=old").exists(), "emptied folders go too"
    assert [file for file in stays if not file.exists()] == []


@pytest.mark.parametrize(
    "link", [lambda paths: paths.archive, lambda paths: paths.lake, lambda paths: paths.inbox("G06")]
)
def test_where_logs_or_builds_lead_to_what_is_kept_for_good_nothing_is_removed(
    used: IntakeContext, link: Callable[[Paths], Path]
) -> None:
    paths = used.paths
    paths.logs.mkdir()
    (paths.logs / "airflow").symlink_to(link(paths))
    before = kept_for_good(paths)
    with pytest.raises(CleanUpError, match="kept for good"):
        remove_old_logs(used.settings, paths, NOW)
    builds = paths.home / "elsewhere"
    paths.builds.rename(builds)
    paths.builds.symlink_to(link(paths))
    with pytest.raises(CleanUpError, match="kept for good"):
        remove_old_snapshots(used.settings, paths, used.engine)
    assert kept_for_good(paths) == before


def test_a_ledger_elsewhere_is_kept_apart_too(used: IntakeContext) -> None:
    logs = used.paths.logs / "airflow"
    settings = used.settings.model_copy(update={"ledger_url": f"sqlite:///{logs / 'so-cai.db'}"})
    put(logs / "so-cai.db", OLD)
    with pytest.raises(CleanUpError, match="kept for good"):
        remove_old_logs(settings, used.paths, NOW)
    assert (logs / "so-cai.db").exists()


def test_old_runs_go_from_airflows_database_but_the_newest_of_a_dag_and_those_that_wait(
    context: IntakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = context.paths
    environment = airflow_environment(paths.home, paths.airflow)
    migrate_airflow(environment)
    runs = [
        ("intake", "oldest", OLD - timedelta(days=1)),
        ("intake", "recent", RECENT),
        ("reminders", "old but the newest", OLD),
        ("certify_period", "waits", OLD),
        ("certify_period", "waits too", OLD - timedelta(days=1)),
    ]
    database = sqlite3.connect(paths.airflow / "airflow.db")
    with database:
        for dag_id, run_id, moment in runs:
            at = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
            database.execute(
                "insert into dag_run (dag_id, run_id, run_type, run_after, start_date, logical_date)"
                " values (?, ?, 'scheduled', ?, ?, ?)",
                (dag_id, run_id, at, at, at),
            )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # What Airflow sets where a task runs.
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    remove_old_runs(context.settings, paths, NOW)
    left = {run_id for (run_id,) in database.execute("select run_id from dag_run")}
    tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    database.close()
    assert left == {"recent", "old but the newest", "waits", "waits too"}
    assert not {name for name in tables if name.startswith("_airflow_deleted")}

    gone = replace(
        context, settings=context.settings.model_copy(update={"airflow_database_url": "sqlite://"})
    )
    with pytest.raises(CleanUpError, match="could not be removed"):
        remove_old_runs(gone.settings, paths, NOW)
