"""How longer periods are made from shorter ones: months to quarters, halves, years and any other window."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from national_kpi.periods import NAMED_KINDS, NamedKind, Period, named_periods, period_of

STEPS = {"quarter": 1, "half": 2, "year": 3, "window": 4}
YEARS_TO_DATE = 2


@dataclass(frozen=True)
class Part:
    """A shorter period inside a longer one.

    Attributes:
        whole: the longer period.
        part: one of the shorter ones that together make it.
        step: when it can be made: 1 for quarters, 2 for halves, 3 for years, 4 for other windows, so that the
            parts of a step are reported or made by an earlier one.
    """

    whole: Period
    part: Period
    step: int


def parts_of(whole: Period) -> list[Period]:
    """The fewest named periods that are shorter than a period and together make it; none if they cannot.

    Args:
        whole: a period of the calendar, or one of government windows: it begins on the 1st or the 15th.
    """
    parts: list[Period] = []
    day = whole.start
    while day and day <= whole.end:
        fitting = [
            period
            for kind in _family(day)
            for period in named_periods(kind, day, day)
            if period.end <= whole.end and period.code != whole.code
        ]
        if not fitting:
            return []
        parts.append(max(fitting, key=lambda period: period.end))
        day = parts[-1].end + timedelta(days=1)
    return parts


def all_parts(reported: Iterable[Period], as_of: date, asked: Iterable[Period] = ()) -> list[Part]:
    """Every longer period that has ended and begins in a year reported on, with what it is made from.

    Of windows from a year's first day to the end of one of its months there are those of the year looked from
    and of the year before it.

    Args:
        reported: the periods reports are about; kinds nobody reports by give nothing.
        as_of: the day looked from.
        asked: further windows that are wanted.
    """
    named = [period for period in reported if period.kind in NAMED_KINDS]
    wholes: dict[str, Period] = {}
    for government in (False, True):
        ends = [period.end for period in named if period.kind.endswith("_gov") == government]
        if ends:
            wholes |= _longer(date(min(ends).year, 1, 1), max(ends), government)
            wholes |= _to_date(as_of, government)
    wholes |= {period.code: period for period in asked}
    return [
        Part(whole, part, STEPS[whole.kind.removesuffix("_gov")])
        for code, whole in sorted(wholes.items())
        if whole.end <= as_of
        for part in parts_of(whole)
    ]


def _longer(first: date, last: date, government: bool) -> dict[str, Period]:
    kinds = [kind for kind in NAMED_KINDS if kind.endswith("_gov") == government and not _is_month(kind)]
    begins = first - timedelta(days=31)  # a government year begins in December before it
    return {period.code: period for kind in kinds for period in named_periods(kind, begins, last)}


def _to_date(as_of: date, government: bool) -> dict[str, Period]:
    windows = (window for year in range(YEARS_TO_DATE) for window in _of_year(as_of.year - year, government))
    return {window.code: window for window in windows if window.kind == "window"}


def _of_year(year: int, government: bool) -> Iterator[Period]:
    kind: NamedKind = "month_gov" if government else "month"
    start = date(year - 1, 12, 15) if government else date(year, 1, 1)
    for month in named_periods(kind, start, start + timedelta(days=364)):
        yield period_of(start, month.end)


def _family(day: date) -> tuple[NamedKind, ...]:
    return tuple(kind for kind in NAMED_KINDS if kind.endswith("_gov") == (day.day == 15))


def _is_month(kind: NamedKind) -> bool:
    return kind.startswith("month")
