"""How a file writes its numbers, and what each of its cells says.

`1.234` is a thousand and more in Vietnam, little more than one elsewhere. Most cells have one reading only,
and show how their file writes numbers; that settles the others.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from national_kpi.intake.digits import (
    A_NUMBER,
    LARGEST_COUNT,
    NUMBER,
    ONE_GROUP,
    SCALE,
    NumberError,
    join_groups,
    scale_exponent,
    stored,
    stored_number,
    tidied,
    to_decimal,
)
from national_kpi.intake.numbers import parse_printed_value

Style = Literal["vi", "en"]
"""`vi` writes 1.234,5 and `en` writes 1,234.5."""
Doubt = Literal["ambiguous", "scale_word", "other_style"]
Value = TypeVar("Value")

_DECIMAL_MARK = {"vi": ",", "en": "."}
_OF_DECIMAL_MARK: dict[str, Style] = {",": "vi", ".": "en"}
_OF_GROUP_MARK: dict[str, Style] = {".": "vi", ",": "en"}
_CLEAR_MAJORITY = 3
_LONGEST_NUMBER = 100
_CELL = re.compile(rf"(?P<sign>[-−+]?)\s?(?P<number>{NUMBER})(?:(?P<percent>\s?%)|{SCALE})", re.IGNORECASE)
_WHOLE_WITH_ZEROS = re.compile(r"[0-9.,]+[.,]000")

_AN_INTEGER = "một số nguyên, ví dụ 1.234"
_NO_HEDGE = "một con số cụ thể, không kèm từ chỉ mức ước lượng như “khoảng”, “trên”, “gần”"
_NO_FRACTION = "một con số; nếu là tỷ lệ, ghi tử số và mẫu số vào các cột riêng"
_NO_UNIT = "chỉ con số, không ghi kèm đơn vị hoặc chữ khác"


@dataclass(frozen=True)
class NumberLocale:
    """How a file writes its numbers.

    Attributes:
        style: settles the cells with two possible readings.
        is_inferred: False where the file's cells say nothing or contradict each other, so that the form's way
            of writing stands in.
    """

    style: Style
    is_inferred: bool = False


@dataclass(frozen=True)
class Reading(Generic[Value]):
    """What a cell says.

    Attributes:
        value: what it means; numbers are rounded to six decimals.
        doubt: `ambiguous`: it could be read as another number too, and nothing in the file settles it;
            `scale_word`: it was written with a word such as `triệu`; `other_style`: it can only be read the
            way the file's other numbers are not written; None: as it should be.
    """

    value: Value
    doubt: Doubt | None = None


def infer_locale(
    default: Style, *, decimals: Iterable[object] = (), integers: Iterable[object] = ()
) -> NumberLocale:
    """How a file writes its numbers, told by all its cells that have one possible reading.

    Args:
        default: how the form writes numbers.
        decimals: the cells of all columns whose numbers may have decimals; each different cell once will do.
        integers: the cells of all columns of whole numbers, where three digits after a mark are thousands.
    """
    seen = Counter(_style_of(cell, is_whole=False) for cell in decimals)
    seen.update(_style_of(cell, is_whole=True) for cell in integers)
    if seen["vi"] > 0 and seen["vi"] >= _CLEAR_MAJORITY * seen["en"]:
        return NumberLocale("vi", is_inferred=True)
    if seen["en"] > 0 and seen["en"] >= _CLEAR_MAJORITY * seen["vi"]:
        return NumberLocale("en", is_inferred=True)
    return NumberLocale(default)


def read_number(cell: object, locale: NumberLocale) -> Reading[Decimal]:
    """Read a number a cell holds as a number or as text; text may end in `%`, which is not counted in.

    Args:
        cell: what the cell holds.
        locale: how its file writes numbers; it decides only where two readings are possible.

    Raises:
        NumberError: the cell is empty, holds other text, or a number nobody can store.
    """
    if isinstance(cell, int | float | Decimal):
        return Reading(stored_number(cell, A_NUMBER))
    match = _match(cell, A_NUMBER)
    marks = ".," if match["percent"] else _DECIMAL_MARK[locale.style]
    value = _signed(match, to_decimal(match["number"], cell, marks), cell)
    style = _style(match, is_whole=False)
    is_ambiguous = style is None and bool(ONE_GROUP.fullmatch(match["number"]))
    return Reading(value, _doubt(match, style, locale, is_ambiguous and not locale.is_inferred))


def read_integer(cell: object, locale: NumberLocale) -> Reading[int]:
    """Read a whole number; three digits after a mark are thousands, whatever the mark.

    Args:
        cell: what the cell holds.
        locale: how its file writes numbers; whole numbers are unmistakable but for `1.234,000`.

    Raises:
        NumberError: the cell is empty, holds other text, a percentage, or a number that is not whole.
    """
    if isinstance(cell, int | float | Decimal):
        return Reading(_whole(stored_number(cell, _AN_INTEGER), cell))
    match = _match(cell, _AN_INTEGER)
    if match["percent"]:
        raise NumberError(cell, _AN_INTEGER)
    # A scale word makes a whole number of one with decimals: 1,234 triệu.
    marks = _DECIMAL_MARK[locale.style] if match["scale"] else ""
    value = _whole(_signed(match, to_decimal(match["number"], cell, marks), cell), cell)
    style = _style(match, is_whole=not match["scale"])
    has_two_marks = "." in match["number"] and "," in match["number"]
    is_ambiguous = (has_two_marks and bool(_WHOLE_WITH_ZEROS.fullmatch(match["number"]))) or (
        style is None and not locale.is_inferred and bool(ONE_GROUP.fullmatch(match["number"]))
    )
    return Reading(value, _doubt(match, style, locale, is_ambiguous))


def plain_digits(value: Decimal | int) -> str:
    """A number without marks between thousands, which leaves no doubt how it was read."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _match(cell: object, expected: str) -> re.Match[str]:
    match = _plain_number(cell)
    if match is None:
        raise NumberError(cell, _advice(cell) or expected)
    return match


def _plain_number(cell: object) -> re.Match[str] | None:
    text = tidied(cell)
    return _CELL.fullmatch(join_groups(text)) if len(text) <= _LONGEST_NUMBER else None


def _advice(cell: object) -> str | None:
    """What to change about text that says a value, but not as a plain number."""
    try:
        printed = parse_printed_value(cell)
    except NumberError:
        return None
    if printed.bound != "=":
        return _NO_HEDGE
    return _NO_FRACTION if printed.denominator is not None else _NO_UNIT


def _signed(match: re.Match[str], number: Decimal, cell: object) -> Decimal:
    value = stored(number.scaleb(scale_exponent(match["scale"])), cell)
    return -value if match["sign"] in ("-", "−") else value


def _whole(value: Decimal, cell: object) -> int:
    if value != value.to_integral_value():
        raise NumberError(cell, _AN_INTEGER)
    if abs(value) > LARGEST_COUNT:
        raise NumberError(cell, "một số nguyên có không quá 15 chữ số")
    return int(value)


def _style_of(cell: object, *, is_whole: bool) -> Style | None:
    """In which way a cell writes its number; None when it does not show or is no number."""
    if not isinstance(cell, str) or not ("." in cell or "," in cell):
        return None
    match = _plain_number(cell)
    if match is None:
        return None
    try:
        to_decimal(match["number"], cell)
    except NumberError:
        return None
    return _style(match, is_whole=is_whole and not match["scale"])


def _style(match: re.Match[str], *, is_whole: bool) -> Style | None:
    number = match["number"]
    marks = re.findall(r"[.,]", number)
    if not marks:
        return None
    if len(set(marks)) == 2:
        return _OF_DECIMAL_MARK[marks[-1]]
    if len(marks) > 1:
        return _OF_GROUP_MARK[marks[0]]
    if ONE_GROUP.fullmatch(number) and not match["percent"]:
        return _OF_GROUP_MARK[marks[0]] if is_whole else None
    return _OF_DECIMAL_MARK[marks[0]]


def _doubt(
    match: re.Match[str], style: Style | None, locale: NumberLocale, is_ambiguous: bool
) -> Doubt | None:
    if is_ambiguous:
        return "ambiguous"
    if match["scale"]:
        return "scale_word"
    return "other_style" if style and style != locale.style else None
