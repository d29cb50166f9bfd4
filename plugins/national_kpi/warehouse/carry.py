"""What a build takes over from an earlier one: what it made of single submissions, which never change.

Taken over is all or nothing. A build whose tables cannot be trusted to be what this one would make is passed
over, and without any the whole lake is read.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from national_kpi.catalogue.load import Catalogue
from national_kpi.digests import file_sha256
from national_kpi.paths import DBT_PROJECT_DIR
from national_kpi.warehouse.dbt import DUCKDB_FILE
from national_kpi.warehouse.inputs import SUBMISSIONS_FILE, LedgerState, submissions_table
from national_kpi.warehouse.sql import quoted

SEAL_FILE = "carry.json"
FOLDERS = ("submissions", "staging/lake")
"""Folders of models whose tables are taken over; dbt_project.yml makes them incremental."""

_REF = re.compile(r"""\bref\(\s*["'](\w+)["']""")
_CATALOGUE = re.compile(r"""\bsource\(\s*["']catalogue["']\s*,\s*["'](\w+)["']""")


def carried_models() -> tuple[str, ...]:
    """Names of the models whose tables are taken over."""
    folders = (DBT_PROJECT_DIR / "models" / folder for folder in FOLDERS)
    return tuple(sorted(file.stem for folder in folders for file in folder.rglob("*.sql")))


def carry_over(builds: Path, folder: Path, key: str, state: LedgerState) -> tuple[str, ...]:
    """Copy what the newest usable build made of single submissions into a new build's DuckDB file.

    Args:
        builds: where earlier builds lie; those being removed or written meanwhile do no harm.
        folder: the new build's, without a DuckDB file yet.
        key: what the tables depend on now, as `models_key` says.
        state: the submissions the new build must know.

    Returns:
        The submissions that need not be read again; none when no build is usable.
    """
    wanted = submissions_table(state)
    for seal_file in sorted(builds.glob(f"*/{SEAL_FILE}"), reverse=True):
        try:
            seal = json.loads(seal_file.read_text(encoding="utf-8"))
            if seal["key"] == key:
                return _copy(seal_file.parent, folder / DUCKDB_FILE, seal, wanted)
        except (duckdb.Error, OSError, ValueError, KeyError, TypeError, _UnusableError):
            (folder / DUCKDB_FILE).unlink(missing_ok=True)
    return ()


def seal(folder: Path, key: str) -> None:
    """Allow later builds to take over from this one; call it once every test has passed.

    Args:
        folder: the build's.
        key: what `models_key` said before dbt ran.
    """
    with duckdb.connect(str(folder / DUCKDB_FILE), read_only=True) as connection:
        content = {
            "key": key,
            "submissions": file_sha256(folder / "inputs" / SUBMISSIONS_FILE),
            "tables": _digests(connection),
        }
    unfinished = folder / f".{SEAL_FILE}"
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(folder / SEAL_FILE)


def models_key(catalogue: Catalogue) -> str:
    """What the tables depend on besides the lake: the SQL, the catalogue it reads, the version of DuckDB."""
    files = _files()
    texts = [file.read_text(encoding="utf-8") for file in files]
    digest = hashlib.sha256(duckdb.__version__.encode())
    for file, text in zip(files, texts, strict=True):
        digest.update(f"\n{file.relative_to(DBT_PROJECT_DIR)}\n{text}".encode())
    for table in sorted({name for text in texts for name in _CATALOGUE.findall(text)}):
        digest.update(f"\n{table}\n{catalogue.arrow[table].to_pylist()}".encode())
    return digest.hexdigest()


def _files() -> tuple[Path, ...]:
    """The models taken over, all models they are made from, the macros, and how dbt is told to run them."""
    models = {file.stem: file for file in (DBT_PROJECT_DIR / "models").rglob("*.sql")}
    found: dict[str, Path] = {}
    waiting = list(carried_models())
    while waiting:
        name = waiting.pop()
        if name in models and name not in found:
            found[name] = models[name]
            waiting.extend(_REF.findall(models[name].read_text(encoding="utf-8")))
    settings = (DBT_PROJECT_DIR / "dbt_project.yml", DBT_PROJECT_DIR / "profiles.yml")
    return tuple(sorted([*found.values(), *(DBT_PROJECT_DIR / "macros").rglob("*.sql"), *settings]))


class _UnusableError(Exception):
    """This build is not what its seal says, or knows a submission that the ledger does not."""


def _copy(source: Path, target: Path, seal: dict[str, Any], wanted: pa.Table) -> tuple[str, ...]:
    known_file = source / "inputs" / SUBMISSIONS_FILE
    if file_sha256(known_file) != seal["submissions"]:
        raise _UnusableError
    with duckdb.connect(str(target)) as connection:
        known = connection.read_parquet(str(known_file))
        carried = _unchanged(connection, known, wanted)
        connection.execute(f"attach {quoted(source / DUCKDB_FILE)} as earlier (read_only)")
        for model in carried_models():
            connection.execute(f"create table {model} as from earlier.main.{model}")
        connection.execute("detach earlier")
        if _digests(connection) != seal["tables"]:
            raise _UnusableError
    return carried


def _unchanged(
    connection: duckdb.DuckDBPyConnection, known: duckdb.DuckDBPyRelation, wanted: pa.Table
) -> tuple[str, ...]:
    """The submissions of an earlier build, provided that each is still there as it was."""
    connection.register("wanted", wanted)
    known.create_view("known")
    same = connection.execute(
        """
        select known.submission_id
        from known
        inner join wanted using (submission_id, form_code, sha256, lake_path, lake_version)
        order by known.submission_id
        """
    ).fetchall()
    connection.execute("drop view known")
    connection.unregister("wanted")
    if len(same) != len(known):
        raise _UnusableError
    return tuple(submission_id for (submission_id,) in same)


def _digests(connection: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """Rows of each table taken over, and a sum over their hashes that does not depend on order."""
    return {
        model: list(
            connection.execute(
                f"select count(*), cast(coalesce(sum(hash(*columns(*))), 0) as hugeint) from {model}"  # noqa: S608 - names of ours
            ).fetchone()
            or ()
        )
        for model in carried_models()
    }
