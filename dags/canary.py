"""Canary: every hour, send a small report the way of all reports, and raise the alarm when one is late.

At half past, it drops a report into `drop/ZZ/inbox` and looks where the one of the hour before is. It must
have come from there to the snapshot that readers see within `KPI_CANARY_MINUTES`. `ZZ` is no agency: what it
sends counts nowhere but in the mart `fct_canary`. As long as one is on its way no other is sent, so that
builds do not pile up; before anything is published, or with `KPI_CANARY_MINUTES=0`, none is sent at all.

**When `raise_alarm` fails**, a canary was late or is: the message says where it stuck, `not received`,
`no receipt`, `not accepted`, `not built` or `not published`. Agencies' reports are stuck there too. A mail
went to `KPI_ENGINEERS_MAIL`, once, until a canary is in time again. `docs/runbook.md` says for each what to
do. **When `look` or `send` fails**, the home folder cannot be read or written to.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException


@dag(
    schedule=CronTriggerTimetable("30 * * * *", timezone="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,  # one canary is on its way at a time
    doc_md=__doc__,
    tags=["national-kpi", "operations"],
    default_args={
        "owner": "data-engineering",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=10),
    },
)
def canary() -> None:
    """Look where the last one is, send another, raise the alarm."""

    @task
    def look() -> str:
        """Find the canary, tell engineers who must know; returns the alarm, empty when all is well."""
        from national_kpi import canary, metrics
        from national_kpi.clock import now
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings, moment = Settings(), now()
        paths = Paths.of(settings)
        sighting = canary.look(settings, paths, open_ledger(ledger_url(settings, paths)), moment)
        if sighting is None or not settings.canary_minutes:
            return ""
        metrics.canary_seen(sighting.seconds, is_late=sighting.is_late)
        canary.tell_engineers(settings, paths, sighting, moment)
        return sighting.message if sighting.is_late else ""

    @task
    def send() -> str:
        """Drop the next one, if none is on its way; returns its name."""
        from national_kpi import canary
        from national_kpi.clock import now
        from national_kpi.ledger.session import ledger_url, open_ledger
        from national_kpi.paths import Paths
        from national_kpi.settings import Settings

        settings, moment = Settings(), now()
        paths = Paths.of(settings)
        if not settings.canary_minutes or not paths.current_snapshot.exists():
            raise AirflowSkipException("None is sent, or nothing has been published yet.")
        before = canary.look(settings, paths, open_ledger(ledger_url(settings, paths)), moment)
        if before and not before.is_over:
            raise AirflowSkipException(f"One is on its way: {before.message}")
        return canary.send(paths, moment).name

    @task
    def raise_alarm(alarm: str) -> None:
        """Fail when there is an alarm, without trying again."""
        if alarm:
            raise AirflowFailException(f"The canary is {alarm}")

    alarm = look()
    alarm >> send()
    raise_alarm(alarm)


canary()
