"""Hanoi time. Read the clock only at the edges (CLI, DAGs) and hand the moment down."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present moment, in Hanoi time."""
    return datetime.now(HANOI)


def in_hanoi(moment: datetime) -> datetime:
    """Put a moment in Hanoi time; one without a time zone is taken as UTC, as databases give it."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(HANOI)


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Hanoi: what `--as-of` knows reaches to here."""
    return datetime.combine(day, time.max, HANOI)
