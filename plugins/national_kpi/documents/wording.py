"""Numbers, days and lists as Vietnamese official documents write them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

TASK_FORCE, PLACE = "Tổ công tác của Thủ tướng Chính phủ", "Hà Nội"
"""Who issues documents, and where."""

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: Decimal | int, decimals: int | None = None) -> str:
    """A number with points between thousands and a decimal comma: `1.234,5`.

    Args:
        value: the number.
        decimals: how many are written, rounded half up; None for those it has, without zeros at the end.
    """
    exact = Decimal(value)
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, fraction = f"{abs(exact):,f}".partition(".")
    if decimals is None:
        fraction = fraction.rstrip("0")
    text = whole.replace(",", ".") + (f",{fraction}" if fraction else "")
    return f"-{text}" if exact < 0 else text


def percent(value: Decimal, decimals: int | None = 2) -> str:
    """A percentage, from 0 to 100: `95,20 %`; the sign stays on the line of the number."""
    return f"{number(value, decimals)}{NO_BREAK}%"


def day(value: date) -> str:
    """A day in figures: `08/9/2022`. Days below 10 and months 1 and 2 take a zero (Decree 30/2020/NĐ-CP)."""
    return f"{value.day:02}/{_month(value)}/{value.year}"


def day_in_words(value: date) -> str:
    """A day as it is written out: `ngày 08 tháng 9 năm 2022`."""
    return f"ngày {value.day:02} tháng {_month(value)} năm {value.year}"


def moment(value: datetime) -> str:
    """A point in time: `09:29 ngày 08/9/2022`."""
    return f"{value:%H:%M} ngày {day(value)}"


def listed(entries: Sequence[str], last: str = " và ") -> str:
    """Entries as a sentence lists them: `A, B và C`; with semicolons where an entry has commas."""
    if len(entries) < 2:
        return "".join(entries)
    comma = "; " if any(", " in entry for entry in entries) else ", "
    return comma.join(entries[:-1]) + last + entries[-1]


def unbroken(text: str) -> str:
    """Keep every per cent sign on the line of its number."""
    return text.replace(" %", f"{NO_BREAK}%")


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def _month(value: date) -> str:
    return f"{value.month:02}" if value.month < 3 else str(value.month)
