"""Reporting periods: calendar periods, government windows (the 15th to the 14th), and any other window.

Codes: `2022-M08`, `2022-Q3`, `2022-H1`, `2022-Y`; the same with a `G` for government windows (`2022-M08G`);
`2022-01-01..2022-08-22` for another window; `..2019-12-31` for a stock, which has only an end date.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast

from national_kpi.errors import PeriodError

NamedKind = Literal[
    "month", "quarter", "half", "year", "month_gov", "quarter_gov", "half_gov", "year_gov"
]  # fmt: skip
PeriodKind = NamedKind | Literal["window", "stock"]

NAMED_KINDS: tuple[NamedKind, ...] = (
    "month", "quarter", "half", "year", "month_gov", "quarter_gov", "half_gov", "year_gov"
)  # fmt: skip

_LETTERS = {"month": "M", "quarter": "Q", "half": "H", "year": "Y"}
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_NAMED = re.compile(r"([0-9]{4})-([MQHY])([0-9]{0,2})(G?)")
_WINDOW = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
_REMEDY = "write 2022-M08, 2022-Q3, 2022-H1, 2022-Y, 2022-M08G, 2022-01-01..2022-08-22 or ..2019-12-31"


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included.

    Args:
        code: its one code; a window equal to a named period has that period's code.
        start: first day; None for a stock, which has only an end.
        end: last day.
        known: False when the source gives no date, so that `end` is only the day of publication.
    """

    code: str
    start: date | None
    end: date
    known: bool = True

    @property
    def kind(self) -> PeriodKind:
        """What sort of period the code names."""
        named = _NAMED.fullmatch(self.code)
        if named:
            return _kind(named)
        return "window" if self.start else "stock"


def parse_period(code: str) -> Period:
    """The period of a code.

    Raises:
        PeriodError: the code has no such form, or names days that do not exist.
    """
    named, window = _NAMED.fullmatch(code), _WINDOW.fullmatch(code)
    if named:
        period = named_period(_kind(named), int(named[1]), int(named[3] or 1))
        if period.code == code:
            return period
    elif window:
        try:
            start = date.fromisoformat(window[1]) if window[1] else None
            end = date.fromisoformat(window[2])
        except ValueError as error:
            raise PeriodError(f"{code!r} holds a day that does not exist", remedy=_REMEDY) from error
        return period_of(start, end)
    raise PeriodError(f"{code!r} is not a period code", remedy=_REMEDY)


def named_period(kind: NamedKind, year: int, number: int = 1) -> Period:
    """The `number`-th month, quarter or half of a year, or the year itself.

    Government windows are those of Decree 09/2019/NĐ-CP: a month runs from the 15th of the month before to
    the 14th, and the longer ones likewise (a year from 15 December to 14 December).

    Raises:
        PeriodError: there is no such period.
    """
    unit, government = kind.removesuffix("_gov"), kind.endswith("_gov")
    months = _MONTHS[unit]
    digits = {"month": f"{number:02}", "year": ""}.get(unit, str(number))
    code = f"{year:04}-{_LETTERS[unit]}{digits}{'G' if government else ''}"
    if not 1 <= number <= 12 // months:
        raise PeriodError(f"there is no {unit} {number} of a year", remedy=_REMEDY)
    first, last = (number - 1) * months + 1, number * months
    try:
        start = date(year, first, 1)
        if government:
            return Period(code, (start - timedelta(days=1)).replace(day=15), date(year, last, 14))
        return Period(code, start, date(year, last, monthrange(year, last)[1]))
    except (ValueError, OverflowError) as error:
        raise PeriodError(f"{code!r} lies outside the calendar", remedy=_REMEDY) from error


def named_periods(kind: NamedKind, first: date, last: date) -> list[Period]:
    """The periods of a kind that begin on a day between two others, both included, in their order."""
    periods = (
        named_period(kind, year, number)
        for year in range(first.year, last.year + 2)  # a government year begins in December before it
        for number in range(1, 12 // _MONTHS[kind.removesuffix("_gov")] + 1)
    )
    return [period for period in periods if period.start and first <= period.start <= last]


def previous_period(period: Period) -> Period | None:
    """The period of the same kind right before a named one; None for windows and stocks."""
    named = _NAMED.fullmatch(period.code)
    if named is None:
        return None
    kind = _kind(named)
    year, number = period.end.year, _number(kind, period.end)
    last = 12 // _MONTHS[kind.removesuffix("_gov")]
    return named_period(kind, year, number - 1) if number > 1 else named_period(kind, year - 1, last)


def period_of(start: date | None, end: date, known: bool = True) -> Period:
    """The period from one day to another, under the code of a named period where it is one.

    Args:
        start: first day; None for a stock.
        end: last day.
        known: False when `end` is only the day of publication.

    Raises:
        PeriodError: it would end before it starts.
    """
    if start is None:
        return Period(f"..{end.isoformat()}", None, end, known)
    if start > end:
        raise PeriodError(f"a period from {start} to {end} ends before it starts", remedy="swap the dates")
    for kind in NAMED_KINDS:
        if kind.endswith("_gov") != (start.day == 15):
            continue
        named = named_period(kind, end.year, _number(kind, end))
        if (named.start, named.end) == (start, end):
            return replace(named, known=known)
    return Period(f"{start.isoformat()}..{end.isoformat()}", start, end, known)


def name_vi(period: Period) -> str:
    """The period as people read it, such as `Tháng 8/2022` or `Từ 01/01/2022 đến 22/08/2022`."""
    end = f"{period.end:%d/%m/%Y}"
    if not period.known:
        return f"Chưa rõ kỳ, công bố ngày {end}"
    if period.start is None:
        return f"Đến {end}"
    if period.start == period.end:
        return f"Ngày {end}"
    kind, span = period.kind, f"từ {period.start:%d/%m/%Y} đến {end}"
    if kind in ("window", "stock"):
        return span.capitalize()
    year, number = period.end.year, _number(kind, period.end)
    name = {
        "month": f"Tháng {number}/{year}",
        "quarter": f"Quý {'I' * number if number < 4 else 'IV'}/{year}",
        "half": f"6 tháng {'đầu' if number == 1 else 'cuối'} năm {year}",
        "year": f"Năm {year}",
    }[kind.removesuffix("_gov")]
    return f"{name} ({span})" if kind.endswith("_gov") else name


def _kind(named: re.Match[str]) -> NamedKind:
    unit = next(unit for unit, letter in _LETTERS.items() if letter == named[2])
    return cast(NamedKind, f"{unit}_gov" if named[4] else unit)


def _number(kind: str, end: date) -> int:
    return (end.month - 1) // _MONTHS[kind.removesuffix("_gov")] + 1
