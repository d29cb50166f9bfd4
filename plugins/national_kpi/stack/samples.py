"""The sample submissions: dropped like any agency's files, and never twice."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.digests import file_sha256
from national_kpi.ledger.models import Pull, Receipt, Submission
from national_kpi.paths import Paths


@dataclass(frozen=True)
class Sample:
    """A file of `samples/<agency code>/`."""

    agency_code: str
    file: Path
    sha256: str


def samples_in(folder: Path, paths: Paths) -> tuple[Sample, ...]:
    """The samples of those sub-folders that are named after an agency with an inbox, in a fixed order."""
    return tuple(
        Sample(file.parent.name, file, file_sha256(file))
        for file in sorted(folder.glob("*/*"))
        if paths.inbox(file.parent.name).is_dir() and file.is_file() and not file.name.startswith(".")
    )


def drop_missing(samples: Sequence[Sample], paths: Paths, engine: Engine) -> int:
    """Put those samples into the inboxes that were never received; half-copied files are never visible.

    Args:
        samples: what ought to be there.
        paths: whose drop folder.
        engine: the ledger, which knows what was received.

    Returns:
        How many were dropped.
    """
    dropped = 0
    with Session(engine) as session:
        for sample in samples:
            inbox = paths.inbox(sample.agency_code)
            received = select(Submission.submission_id).where(
                Submission.sha256 == sample.sha256, Submission.agency_code == sample.agency_code
            )
            if (inbox / sample.file.name).exists() or session.scalar(received.limit(1)):
                continue
            inbox.mkdir(parents=True, exist_ok=True)
            partial = inbox / f".{sample.file.name}.part"
            shutil.copyfile(sample.file, partial)
            partial.rename(inbox / sample.file.name)
            dropped += 1
    return dropped


def without_receipt(samples: Sequence[Sample], engine: Engine) -> list[str]:
    """The names of those samples and pulled files that have no receipt yet."""
    with Session(engine) as session:
        answered = set(session.scalars(select(Submission.sha256).join(Receipt)))
        pulled = {pull.sha256: pull.file_name for pull in session.scalars(select(Pull))}
    awaited = pulled | {sample.sha256: sample.file.name for sample in samples}
    return sorted(name for sha256, name in awaited.items() if sha256 not in answered)


def outcomes(samples: Sequence[Sample], engine: Engine) -> Counter[str]:
    """How the samples came out when they were first taken in, counted."""
    hashes = {sample.sha256 for sample in samples}
    with Session(engine) as session:
        decided = session.execute(
            select(Submission.sha256, Submission.outcome)
            .where(Submission.sha256.in_(hashes), Submission.outcome.is_not(None))
            .order_by(Submission.received_at.desc())
        )
        first = {sha256: str(outcome) for sha256, outcome in decided}
    return Counter(first.values())
