"""Replaying a publication: built again from archive and ledger alone, it must come out as it was."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.catalogue.keep import kept_catalogue
from national_kpi.catalogue.load import load_catalogue
from national_kpi.errors import ReplayError
from national_kpi.ledger.models import Build, Publication
from national_kpi.ledger.session import one_state
from national_kpi.paths import Paths
from national_kpi.warehouse.archive import HISTORY_FILE, archive_folder
from national_kpi.warehouse.dbt import DUCKDB_FILE, describe_failures, read_results, run_dbt
from national_kpi.warehouse.fingerprint import fingerprint
from national_kpi.warehouse.inputs import Reach, read_ledger, write_inputs


@dataclass(frozen=True)
class MartReplay:
    """A mart as it was published and as it comes out again; a side where it does not exist is None."""

    mart: str
    is_same: bool
    rows_published: int | None
    rows_replayed: int | None
    sha256_published: str | None
    sha256_replayed: str | None


@dataclass(frozen=True)
class Replayable:
    """What the ledger says a publication was made from."""

    as_of: date
    catalogue_sha256: str
    fingerprint: Mapping[str, Mapping[str, Any]]
    reach: Reach


def replay(paths: Paths, engine: Engine, publication_id: str) -> list[MartReplay]:
    """Build a publication again and compare it mart by mart. Nothing that readers see is touched.

    It is made from what the ledger said then, the lake, the catalogue kept in the archive, and the archived
    publication before it; no other build is taken over from.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        publication_id: which publication.

    Raises:
        ReplayError: there is no such publication, or something it was made from is gone.
        BuildError: rows of the lake are missing.
        CatalogueError: this program cannot read the kept catalogue.
    """
    published = _look_up(paths, engine, publication_id)
    catalogue = load_catalogue(kept_catalogue(paths, published.catalogue_sha256))
    paths.builds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.builds, prefix=".replay-") as name:
        folder = Path(name)
        with one_state(engine) as session:
            state = read_ledger(session, paths, published.reach)
        history = pq.read_table(archive_folder(paths, publication_id) / HISTORY_FILE).to_pylist()
        state = replace(state, detected_findings=tuple(history))
        catalogue = state.with_tasks(catalogue, published.as_of)
        write_inputs(folder / "inputs", catalogue, state, published.as_of)
        run = run_dbt(folder, "run")
        if run.returncode != 0:
            failures = describe_failures(folder, read_results(folder)) or run.stdout
            raise ReplayError(f"dbt did not build:\n{failures}", where=str(folder), remedy="mend the models")
        replayed = fingerprint(folder / DUCKDB_FILE)
    return _compare(published.fingerprint, replayed)


def _look_up(paths: Paths, engine: Engine, publication_id: str) -> Replayable:
    with Session(engine) as session:
        publication = session.get(Publication, publication_id)
        if publication is None:
            raise ReplayError(
                f"there is no publication {publication_id}",
                remedy="name one of the folders of archive/publications",
            )
        build = session.get_one(Build, publication.build_id)
        if build.newest_ids is None:
            raise ReplayError(
                f"publication {publication_id} was made before it was noted what a build saw",
                remedy="name a later one",
            )
        found = Replayable(
            as_of=publication.as_of,
            catalogue_sha256=publication.catalogue_sha256,
            fingerprint=publication.fingerprint,
            reach=Reach(build.input_sequence, build.newest_ids, build.compared_with),
        )
    needed = [
        kept_catalogue(paths, found.catalogue_sha256),
        archive_folder(paths, publication_id) / HISTORY_FILE,
    ]
    if found.reach.compared_with:
        needed.append(archive_folder(paths, found.reach.compared_with))
    for place in needed:
        if not place.exists():
            raise ReplayError(
                f"publication {publication_id} was made from what is not there any more",
                where=str(place),
                remedy="restore the archive from a backup",
            )
    return found


def _compare(
    published: Mapping[str, Mapping[str, Any]], replayed: Mapping[str, Mapping[str, Any]]
) -> list[MartReplay]:
    rows = []
    for mart in sorted(published.keys() | replayed.keys()):
        before, after = published.get(mart, {}), replayed.get(mart, {})
        rows.append(
            MartReplay(
                mart=mart,
                is_same=before == after,
                rows_published=before.get("rows"),
                rows_replayed=after.get("rows"),
                sha256_published=before.get("sha256"),
                sha256_replayed=after.get("sha256"),
            )
        )
    return rows
