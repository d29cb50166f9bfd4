"""The platform's metrics, under the names that dashboards of engineers know: only DAGs call this.

They go out by Airflow's own client, to StatsD or OpenTelemetry, whichever its section `[metrics]` switches
on; with neither, sending does nothing. Names say all there is to say, as plain StatsD has no tags; Airflow
puts its own prefix before them. `docs/operations.md` lists them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.orm import Session

from national_kpi.catalogue.load import read_table
from national_kpi.catalogue.tables import Source
from national_kpi.errors import BuildError
from national_kpi.ledger.pending import awaiting_publication, newest_publication, sources_last_good
from national_kpi.paths import CATALOGUE_DIR

INTAKE_FILES = "kpi.intake.files"
INTAKE_TIME = "kpi.intake.time"
BUILD_TIME = "kpi.build.time"
BUILD_TESTS_FAILED = "kpi.build.tests_failed"
PUBLISH_DELAY = "kpi.publish.delay"
PUBLISHED_AGE = "kpi.published.age_seconds"
PUBLISHED_WAITING = "kpi.published.waiting"
CANARY_TIME = "kpi.canary.time"
CANARY_LATE = "kpi.canary.late"
SOURCE_AGE = "kpi.source.age_seconds"


def file_taken_in(outcome: str, seconds: float) -> None:
    """Count a file that has got its receipt.

    Args:
        outcome: what became of it.
        seconds: from its receipt to the decision.
    """
    from airflow.sdk.observability import stats

    stats.incr(f"{INTAKE_FILES}.{outcome}")
    stats.timing(INTAKE_TIME, timedelta(seconds=seconds))


@contextmanager
def build_measured() -> Iterator[None]:
    """Time a build, and tell how many of its tests failed: 0 when it went well."""
    from airflow.sdk.observability import stats

    started = monotonic()
    try:
        yield
    except BuildError as error:
        stats.gauge(BUILD_TESTS_FAILED, error.tests_failed)
        raise
    stats.timing(BUILD_TIME, timedelta(seconds=monotonic() - started))
    stats.gauge(BUILD_TESTS_FAILED, 0)


def published(newest_received_at: datetime | None, now: datetime) -> None:
    """Tell how long the newest submission of a publication was on its way to the readers.

    Args:
        newest_received_at: when it was received; None when the publication brings none.
        now: the present moment.
    """
    from airflow.sdk.observability import stats

    if newest_received_at:
        stats.timing(PUBLISH_DELAY, now - newest_received_at)
    stats.gauge(PUBLISHED_AGE, 0)


def freshness(session: Session, now: datetime) -> None:
    """Tell how old what readers see is, how much waits to be published, and when each source was last well.

    Args:
        session: the ledger.
        now: the present moment.
    """
    from airflow.sdk.observability import stats

    if publication := newest_publication(session):
        stats.gauge(PUBLISHED_AGE, (now - publication.published_at).total_seconds())
    stats.gauge(PUBLISHED_WAITING, awaiting_publication(session))
    last_good = sources_last_good(session)
    for source in read_table(Source, CATALOGUE_DIR):  # none that is not asked any more
        if good_at := last_good.get(source.source_id):
            stats.gauge(f"{SOURCE_AGE}.{source.source_id}", (now - good_at).total_seconds())


def canary_seen(seconds: float, *, is_late: bool) -> None:
    """Tell how the canary is.

    Args:
        seconds: how long it took to the readers, or has been on its way.
        is_late: whether that is too long.
    """
    from airflow.sdk.observability import stats

    stats.timing(CANARY_TIME, timedelta(seconds=seconds))
    stats.gauge(CANARY_LATE, int(is_late))
