"""The canary in a build: what its newest file brought, beside everything else and in none of it."""

import logging
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import CANARY
from national_kpi.clock import in_hanoi
from national_kpi.ledger.models import Submission
from national_kpi.paths import Paths

log = logging.getLogger(__name__)


def read_canary(session: Session, paths: Paths, input_sequence: int) -> Iterator[dict[str, Any]]:
    """What the canary's newest accepted file brought. Trouble with it stops nobody: then there is no row.

    Args:
        session: the transaction in which the ledger is read.
        paths: the platform's folders.
        input_sequence: the number of the newest decision that counts.
    """
    newest = session.scalar(
        select(Submission)
        .where(
            Submission.agency_code == CANARY.agency_code,
            Submission.revision.is_not(None),
            Submission.decision_number <= input_sequence,
        )
        .order_by(Submission.decision_number.desc())
        .limit(1)
    )
    if newest is None or newest.lake_path is None:
        return
    try:
        rows = pq.read_table(paths.home / newest.lake_path, columns=["visits"])
    except (OSError, pa.ArrowException):
        log.exception("submission %s: rows of the canary cannot be read", newest.submission_id)
        return
    yield {
        "canary_id": newest.submission_id,
        "decision_number": newest.decision_number,
        "received_on": in_hanoi(newest.received_at).date(),
        "visits_count": pc.sum(rows["visits"]).as_py(),
    }
