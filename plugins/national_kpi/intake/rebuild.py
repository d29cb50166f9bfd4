"""Writing the lake again from the archive: the same bytes, read by the same catalogue, give the same rows."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue, load_catalogue
from national_kpi.catalogue.keep import kept_catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.errors import KpiPlatformError, LakeError
from national_kpi.intake.examine import Earlier, Examiner
from national_kpi.intake.storage import read_lake, write_lake
from national_kpi.lake import lake_schema, rows_sha256
from national_kpi.ledger.models import Submission
from national_kpi.limits import DEFAULT_LIMITS, Limits
from national_kpi.paths import Paths
from national_kpi.periods import Period
from national_kpi.tasks import GivenTask, known_until, read_tasks, with_tasks

log = logging.getLogger(__name__)

ReaderOf = Callable[[Submission], tuple[Catalogue, Examiner]]


@dataclass(frozen=True)
class Rebuilt:
    """What became of the rows of one submission that were missing, or not those that were accepted.

    Attributes:
        outcome: `written`: they are there again, as accepted; `failed`: they are not, and `trouble` says why.
    """

    submission_id: str
    lake_path: str
    outcome: Literal["written", "failed"]
    trouble: str | None


def rebuild_lake(
    paths: Paths, engine: Engine, limits: Limits = DEFAULT_LIMITS, *, verify: bool = False
) -> list[Rebuilt]:
    """Write rows of accepted submissions again where they are missing. What is there stays as it is.

    Args:
        paths: the platform's folders.
        engine: the ledger.
        limits: what a file may be at most; not less than when it was accepted.
        verify: read what is there too, and write it again where it is not what was accepted.

    Raises:
        OSError: the disk refuses.
    """
    reader = lru_cache(maxsize=1)(partial(_reader, paths, limits))
    with Session(engine, expire_on_commit=False) as session:
        # In the order of decisions, so that what a file was compared with is there before it.
        accepted = session.scalars(
            select(Submission).where(Submission.revision.is_not(None)).order_by(Submission.decision_number)
        ).all()
        tasks = read_tasks(session)

    def reader_of(submission: Submission) -> tuple[Catalogue, Examiner]:
        return reader(str(submission.rule_pack), known_until(tasks, submission.received_at))

    by_id = {submission.submission_id: submission for submission in accepted}
    rebuilt = []
    for submission in accepted:
        file = paths.home / str(submission.lake_path)
        if file.is_file() and not (verify and _is_other(file, submission)):
            continue
        try:
            write_lake(_read_again(paths, submission, by_id, reader_of), file)
        except KpiPlatformError as error:
            log.warning("submission %s: rows cannot be written again: %s", submission.submission_id, error)
            rebuilt.append(Rebuilt(submission.submission_id, str(submission.lake_path), "failed", str(error)))
        else:
            rebuilt.append(Rebuilt(submission.submission_id, str(submission.lake_path), "written", None))
    return rebuilt


def _is_other(file: Path, submission: Submission) -> bool:
    """Whether a file of the lake does not hold what was accepted, as far as the ledger tells."""
    try:
        return submission.rows_sha256 not in (None, rows_sha256(pq.read_table(file)))
    except pa.ArrowException:
        return True


def _reader(
    paths: Paths, limits: Limits, sha256: str, tasks: tuple[GivenTask, ...]
) -> tuple[Catalogue, Examiner]:
    """A state of the catalogue with the tasks given by then, and what reads files by it."""
    catalogue = with_tasks(load_catalogue(kept_catalogue(paths, sha256)), tasks)
    return catalogue, Examiner(catalogue, limits)


def _read_again(
    paths: Paths, submission: Submission, by_id: dict[str, Submission], reader_of: ReaderOf
) -> pa.Table:
    """The rows of a submission, from the bytes in the archive.

    Raises:
        LakeError: the bytes are not there, or do not give the rows that were accepted.
        CatalogueError: the catalogue by which they were accepted cannot be read.
    """
    source = paths.archive / submission.sha256
    if not source.is_file():
        raise LakeError(
            "the file as received is not there", where=str(source), remedy="restore it from a backup"
        )
    catalogue, examiner = reader_of(submission)
    before = by_id.get(submission.compared_with or "")
    if before and not (paths.home / str(before.lake_path)).is_file():
        raise LakeError(
            f"rows of submission {before.submission_id}, with which it was compared, are missing",
            where=str(before.lake_path),
            remedy="mend that one first",
        )
    examination = examiner.examine(
        source,
        submission.file_name,
        submission.agency_code,
        submission.received_at.date(),
        submission.submission_id,
        partial(_compared_with, paths, catalogue, before),
    )
    rows = examination.rows
    expected = (submission.form_code, submission.rows_understood)
    is_same = rows is not None and (examination.form_code, examination.rows_understood) == expected
    if rows is None or not is_same or submission.rows_sha256 not in (None, rows_sha256(rows)):
        raise LakeError(
            "the file is not read as it was when it was accepted",
            where=str(source),
            remedy="read it with the release that accepted it, and under limits that are not lower",
        )
    return rows


def _compared_with(
    paths: Paths, catalogue: Catalogue, before: Submission | None, _: Agency, form_code: str, __: Period
) -> Earlier | None:
    """What a file was compared with when it was accepted: nothing else, whatever has come since."""
    if before is None:
        return None
    rows = read_lake(paths.home / str(before.lake_path), lake_schema(catalogue, form_code))
    return Earlier(before.submission_id, rows)
