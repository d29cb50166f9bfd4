"""Removing what is old and can be made again or is of no more use: logs, builds, snapshots, runs of DAGs.

Archive, lake, ledger and inboxes are never touched. No link is followed: one that is old is removed itself,
what it leads to stays. Where a folder to be cleaned holds one of those, or lies in one, nothing is removed.
"""

import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, make_url

from national_kpi.errors import CleanUpError
from national_kpi.ledger.session import ledger_url
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from national_kpi.sources.delivery import pulls_folder
from national_kpi.warehouse.publish import prune, publishing_lock

log = logging.getLogger(__name__)

TABLES_OF_DAGS = ("dag_run", "job", "log", "task_instance", "task_instance_history", "xcom")
TABLES_OF_ALL = ("asset_event", "callback", "import_error", "task_reschedule")
"""Not `trigger`: the watch on the drop folder is one, however old; nor versions of DAGs, which runs need."""

WAITING_DAG = "certify_period"
"""Its runs wait for a person, as long as it takes; and while there is one, nobody is asked the same again."""

NOT_CLEANED = re.compile(r"tables were not cleaned due to errors: \[(.*?)\]")
NO_TABLE = " not found.  Skipping."
LOOKED_FOR_IN_VAIN = {"'deadline'"}
"""Airflow looks for the DAG's name in this table, where it is not; rows go with their runs all the same."""

AIRFLOW_SECONDS = 1800


def remove_old_logs(settings: Settings, paths: Paths, now: datetime) -> int:
    """Remove the logs of tasks that ran long ago, and the folders this leaves empty.

    Args:
        settings: how many days are kept.
        paths: the platform's folders.
        now: the present moment.

    Returns:
        How many files were removed.

    Raises:
        CleanUpError: what is kept for good lies there.
    """
    root = paths.logs / "airflow"
    _require_apart(settings, paths, root)
    before = now - timedelta(days=settings.runs_days_kept)
    folders = [folder for folder in _folders(root) if _is_older(folder, before)]  # before they change
    removed = _remove(root, before, lambda file: True)
    for folder in reversed(folders):
        if not any(folder.iterdir()):
            folder.rmdir()
    return removed


def remove_old_snapshots(settings: Settings, paths: Paths, engine: Engine) -> None:
    """Remove builds and snapshots beyond those kept, as every publication does; see `publish.prune`.

    Args:
        settings: how many snapshots are kept.
        paths: the platform's folders.
        engine: the ledger.

    Raises:
        CleanUpError: what is kept for good lies there.
        PublishError: a publication does not end.
    """
    for root in (paths.published, paths.builds):
        _require_apart(settings, paths, root)
        root.mkdir(parents=True, exist_ok=True)
    with publishing_lock(paths):
        prune(settings, paths, engine)


def remove_old_temporary_files(settings: Settings, paths: Paths, now: datetime) -> int:
    """Remove what pulls that broke off left behind; what is on its way to an inbox is kept.

    Args:
        settings: after how many days.
        paths: the platform's folders.
        now: the present moment.

    Returns:
        How many files were removed.

    Raises:
        CleanUpError: what is kept for good lies there.
    """
    root = pulls_folder(paths)
    _require_apart(settings, paths, root)
    before = now - timedelta(days=settings.temporary_days_kept)
    return _remove(root, before, lambda file: file.name.startswith("."))


def remove_old_runs(settings: Settings, paths: Paths, now: datetime) -> None:
    """Remove runs of DAGs that ended long ago from Airflow's database, by its own command.

    The newest run of each DAG stays, so that schedules go on from it; runs that wait for a person stay too.

    Args:
        settings: how many days are kept, and where the database is.
        paths: the platform's folders.
        now: the present moment.

    Raises:
        CleanUpError: the command failed.
    """
    before = now - timedelta(days=settings.runs_days_kept)
    said = _clean_tables(settings, paths, before, TABLES_OF_DAGS, "--exclude-dag-ids", WAITING_DAG)
    failed = {name for names in NOT_CLEANED.findall(said) for name in names.split(", ")}
    if failed - LOOKED_FOR_IN_VAIN:
        raise _not_removed(settings, paths, said)
    _clean_tables(settings, paths, before, TABLES_OF_ALL, "--error-on-cleanup-failure")


def _clean_tables(
    settings: Settings, paths: Paths, before: datetime, tables: Sequence[str], *options: str
) -> str:
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("airflow")), "db", "clean", "--yes", "--skip-archive",
            "--batch-size", "1000", "--tables", ",".join(tables),
            "--clean-before-timestamp", before.isoformat(), *options,
        ],
        # Airflow hides its database from tasks by overwriting this variable; this one is about the database.
        env=os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _airflow_url(settings, paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=AIRFLOW_SECONDS,
        check=False,
    )  # fmt: skip
    log.info("%s", done.stdout)
    if done.returncode != 0 or NO_TABLE in done.stdout:  # it passes over an empty database
        raise _not_removed(settings, paths, done.stdout)
    return done.stdout


def _airflow_url(settings: Settings, paths: Paths) -> str:
    return settings.airflow_database_url or f"sqlite:///{paths.airflow_database}?timeout=60"


def _not_removed(settings: Settings, paths: Paths, said: str) -> CleanUpError:
    return CleanUpError(
        f"old runs could not be removed:\n{said[-2000:]}",
        where=make_url(_airflow_url(settings, paths)).render_as_string(hide_password=True),
        remedy="see whether Airflow's database answers and has the version of this Airflow",
    )


def _require_apart(settings: Settings, paths: Paths, root: Path) -> None:
    ledger = make_url(ledger_url(settings, paths))
    file = Path(ledger.database) if ledger.get_backend_name() == "sqlite" and ledger.database else None
    inboxes = paths.drop.glob("*/inbox")
    for kept in filter(None, (paths.archive, paths.lake, paths.ledger_file, file, *inboxes)):
        here, there = root.resolve(), kept.resolve()
        if here == there or here in there.parents or there in here.parents:
            raise CleanUpError(
                f"nothing is removed here, because {kept} is kept for good",
                where=str(root),
                remedy="keep the two apart: see what the links in the home folder lead to",
            )


def _folders(root: Path) -> Iterator[Path]:
    """The folders below, each before what it holds; links are no folders."""
    for parent, names, _ in os.walk(root):
        yield from (Path(parent, name) for name in names if not Path(parent, name).is_symlink())


def _remove(root: Path, before: datetime, is_meant: Callable[[Path], bool]) -> int:
    removed = 0
    for folder in [root, *_folders(root)] if root.is_dir() else ():
        for file in folder.iterdir():
            status = file.lstat().st_mode
            is_file = stat.S_ISREG(status) or stat.S_ISLNK(status)
            if is_file and is_meant(file) and _is_older(file, before):
                file.unlink()
                removed += 1
    log.info("%s: removed %s files from before %s", root, removed, before.date())
    return removed


def _is_older(path: Path, before: datetime) -> bool:
    return path.lstat().st_mtime < before.timestamp()
