"""Working days of state offices: Monday to Friday, less public holidays, with the days moved by decision.

Public holidays, with Tết and the days off in lieu, come from the `holidays` library. What it lacks, or has
otherwise than it was decided, is a row of `working_days.csv`, and the row decides.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

from national_kpi.catalogue.tables import WorkingDay

_SATURDAY = 5


class WorkingDays:
    """Tells working days from days off.

    Args:
        moved: days on which it is otherwise than weekday and public holidays say.
    """

    def __init__(self, moved: Iterable[WorkingDay]) -> None:
        self._moved = {row.day: row.is_working for row in moved}

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day."""
        return self._moved.get(day, _public_holidays().is_working_day(day))

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after a day; for 0 the day itself, or the next one that is worked."""
        while count > 0 or not self.is_working(day):
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def before(self, day: date, count: int) -> date:
        """The `count`-th working day before a day; for 0 the day itself, or the last one that is worked."""
        while count > 0 or not self.is_working(day):
            day -= timedelta(days=1)
            count -= self.is_working(day)
        return day


def is_weekend(day: date) -> bool:
    """Whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def is_public_holiday(day: date) -> bool:
    """Whether a day is a public holiday, or off in lieu of one."""
    return day in _public_holidays()


@cache
def _public_holidays() -> HolidayBase:
    # A swap between two years is found only once both are known: name the years instead of asking one by one.
    return country_holidays("VN", years=range(2015, 2050))
