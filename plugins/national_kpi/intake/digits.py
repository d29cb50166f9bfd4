"""Numbers as people write them: digits, the marks between them, and words such as `triệu`."""

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from national_kpi.errors import KpiPlatformError

LARGEST_COUNT = 10**15 - 1
"""More than anything that is counted; sums of counts, and percentages of them, still fit into 64 bits."""
NUMBER = r"[0-9]+(?:[.,][0-9]+)*"
SCALE = r"(?:\s*(?P<scale>(?:(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?!\w)(?! lệ)\s*)+))?"
ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
"""A mark before three digits: they are thousands, or decimals."""
A_NUMBER = "một số, ví dụ 1.234 hoặc 56,7"

_SPACED_GROUPS = re.compile(r"(?<![0-9.,/])[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9.])")
_EXPONENTS = {"nghìn": 3, "ngàn": 3, "vạn": 4, "triệu": 6, "tỷ": 9, "tỉ": 9}
LARGEST_NUMBER = Decimal(10) ** 22 - 1  # the lake keeps DECIMAL(28,6)
_MOST_DECIMALS = 6
_LONGEST_INTEGER_BITS = 4_000  # Python refuses to write out integers of more than 4,300 digits


class NumberError(KpiPlatformError, ValueError):
    """A cell cannot be read as what its column holds.

    Args:
        found: what the cell says.
        expected: what was expected there, in Vietnamese.
    """

    def __init__(self, found: object, expected: str) -> None:
        text = written(found)
        self.found = text if text.strip() else "ô trống"
        self.expected = expected
        super().__init__(f"Tìm thấy “{self.found}”, cần {expected}.")


def written(cell: object) -> str:
    """A cell as text, whatever it holds; nothing for an empty one."""
    if isinstance(cell, int) and cell.bit_length() > _LONGEST_INTEGER_BITS:
        return f"{Decimal(cell):.6e}"
    return "" if cell is None else str(cell)


def tidied(cell: object) -> str:
    """NFC, single spaces, no text marker that spreadsheets put before numbers kept as text."""
    return " ".join(unicodedata.normalize("NFC", written(cell)).split()).lstrip("'’ ")


def join_groups(text: str) -> str:
    """Text in which thousands set apart by spaces are one number."""
    return _SPACED_GROUPS.sub(lambda match: match[0].replace(" ", ""), text)


def scale_exponent(scale: str | None) -> int:
    """How many zeros the words after a number stand for."""
    return sum(_EXPONENTS[word] for word in (scale or "").lower().split())


def decimals_of(value: Decimal) -> int:
    """Digits after the decimal mark."""
    places = value.as_tuple().exponent
    return max(0, -places) if isinstance(places, int) else 0


def stored(value: Decimal, found: object) -> Decimal:
    """As the lake keeps it: no exponent, six decimals at most (rounded half up), 22 digits before them.

    Raises:
        NumberError: the number is too large.
    """
    if abs(value) > LARGEST_NUMBER:
        raise NumberError(found, "một số có không quá 22 chữ số")
    return value.quantize(Decimal(1).scaleb(-min(decimals_of(value), _MOST_DECIMALS)), ROUND_HALF_UP)


def stored_number(cell: int | float | Decimal, expected: str) -> Decimal:
    """A number cell as the lake keeps it.

    Raises:
        NumberError: it is not finite, too large, or a yes/no.
    """
    if isinstance(cell, float) and math.isfinite(cell):
        cell = Decimal(f"{cell:.15g}")  # the digits a spreadsheet shows, not the binary remainder
    if isinstance(cell, bool) or not (value := Decimal(cell)).is_finite():
        raise NumberError(cell, expected)
    return stored(value, cell)


def to_decimal(digits: str, text: object, decimal_marks: str = ",") -> Decimal:
    """Read digits with their marks.

    Args:
        digits: digits with `.` and `,` between them.
        text: the whole cell, for the error.
        decimal_marks: marks that are decimal where a single mark before three digits could also group
            thousands; percentages take both (no share reaches a thousand percent), counts none.
    """
    marks = re.findall(r"[.,]", digits)
    last = marks[-1] if marks else ""
    others = set(marks) - {last}
    groups_thousands = len(marks) > 1 or bool(ONE_GROUP.fullmatch(digits) and last not in decimal_marks)
    if others:
        other = others.pop()
        shape = rf"[1-9][0-9]{{0,2}}(?:\{other}[0-9]{{3}})+\{last}[0-9]+"
        number = digits.replace(other, "").replace(last, ".")
    elif groups_thousands:
        shape = r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+"
        number = digits.replace(last, "")
    else:
        shape = r".*"
        number = digits.replace(",", ".")
    if not re.fullmatch(shape, digits):
        raise NumberError(text, A_NUMBER)
    return Decimal(number)
