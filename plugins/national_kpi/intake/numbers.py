"""Reading cells: published values as printed, days and yes/no. What is not sure is not read."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from national_kpi.clock import in_hanoi
from national_kpi.intake.digits import (
    A_NUMBER,
    LARGEST_COUNT,
    NUMBER,
    SCALE,
    NumberError,
    decimals_of,
    join_groups,
    scale_exponent,
    stored,
    stored_number,
    tidied,
    to_decimal,
)

Bound = Literal["=", ">", "<", "≈", "range"]

RANK_UNIT = "thứ hạng"


@dataclass(frozen=True)
class PrintedValue:
    """What a printed value says.

    Attributes:
        stated_value: the number printed, percent as 0–100; None when only a fraction or a range is printed.
        bound: how the true value relates to the number: `=`, `>` (at least), `<` (at most), `≈` or `range`.
        low: smallest value the text allows; None when it sets no lower limit or prints only a fraction.
        high: largest value the text allows; None when it sets no upper limit or prints only a fraction.
        decimals: decimals printed; negative after a scale word (`1,9 triệu` → -5); None without a number.
        unit: `%`, or the words after the number.
        numerator: first part of a printed fraction.
        denominator: second part of a printed fraction.
    """

    stated_value: Decimal | None
    bound: Bound
    low: Decimal | None
    high: Decimal | None
    decimals: int | None
    unit: str | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


_LONGEST_PRINTED_VALUE = 300
_APPROXIMATELY = Decimal("0.05")

_A_DATE = "một ngày theo dạng ngày/tháng/năm, ví dụ 22/08/2022"
_A_YES_NO = "“Có” hoặc “Không”"
_A_PRINTED_VALUE = "một giá trị như “97,67%”, “13.042.570 lượt”, “66/302”, “khoảng 40%”, “50-75%”"
_ONE_VALUE = "đúng một giá trị; hãy tách mỗi giá trị thành một dòng"

_BOUND_WORDS: dict[str, Bound] = {
    **dict.fromkeys(
        ("trên", "hơn", "vượt", "vượt mốc", "vượt mức", "ít nhất", "tối thiểu", "không dưới"), ">"
    ),
    **dict.fromkeys(("lớn hơn", "nhiều hơn", ">", "≥", ">="), ">"),
    **dict.fromkeys(("gần", "dưới", "chưa đến", "chưa tới", "chưa đầy", "chưa đạt", "tối đa"), "<"),
    **dict.fromkeys(("không quá", "nhỏ hơn", "ít hơn", "<", "≤", "<="), "<"),
    **dict.fromkeys(("khoảng", "xấp xỉ", "ước", "ước tính", "ước đạt", "chừng", "~", "≈"), "≈"),
}
_NEUTRAL_WORDS = (
    "đạt", "tỷ lệ", "tỉ lệ", "mức", "mốc", "là", "có", "chiếm", "tổng số", "số lượng", "hiện", "đã", "bằng",
    "còn", "chỉ", "mới", "được", "=",
)  # fmt: skip

# Digits that name a document, a day or a service level are no quantity.
_REFERENCE = re.compile(
    r"\b(?:mức(?: độ)?|phiên bản|năm|quý|tháng|ngày|giai đoạn) [0-9IV]+(?:[./\-][0-9]+)*(?:, ?[0-9]+)*"
    r"|[0-9]+(?:/[0-9]{4})?/(?:NĐ|NQ|QĐ|TT|CT)\b"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    re.IGNORECASE,
)
_HIDE = {ord("0") + digit: 0xE000 + digit for digit in range(10)}
_SHOW = {hidden: shown for shown, hidden in _HIDE.items()}

_PERCENT = r"(?P<percent>\s*(?:%|phần trăm(?!\w)))?"
_RANK = re.compile(r"[^0-9]*?(?<!lần )(?:\bđầu tiên\b|(?:\bthứ|\bhạng) (?P<rank>[0-9]+)\b)", re.IGNORECASE)
_FRACTION = re.compile(
    rf"(?P<before>[^0-9]*)(?P<numerator>{NUMBER})"
    rf"(?:\s*/\s*|(?P<counted>[^0-9/%]+?)\s(?:trong|trên)(?: tổng)? số\s)"
    rf"(?P<denominator>{NUMBER})(?P<words>[^0-9/%]*?)"
    rf"(?:[\s,;(]*(?:(?:đạt|chiếm|bằng|tỷ lệ|tỉ lệ|=)\s*)*[\s(]*(?P<stated>{NUMBER})\s*%)?[\s).;]*",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?P<before>[^0-9]*?)(?:\btừ\s)?\s*(?P<low>{NUMBER})(?P<low_percent>\s*%)?"
    rf"\s*(?:-|–|—|\bđến\b|\btới\b)\s*(?P<high>{NUMBER}){SCALE}{_PERCENT}(?P<after>[^0-9]*)",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    rf"(?P<before>[^0-9]*?)(?P<sign>(?<!\w)[-−]\s?)?(?P<number>{NUMBER}){SCALE}{_PERCENT}(?P<after>[^0-9]*)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:(?:{'|'.join(_NEUTRAL_WORDS)})\s*)*"
    rf"(?P<bound>{'|'.join(sorted(map(re.escape, _BOUND_WORDS), key=len, reverse=True))})?"
    rf"\s*(?:(?:{'|'.join(_NEUTRAL_WORDS)})\s*)*",
    re.IGNORECASE,
)
_AND_MORE = re.compile(r"\s*trở (?P<way>lên|xuống)\s*$", re.IGNORECASE)

_TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?(?:SA|CH|AM|PM))?"
_WORDED_DATE = re.compile(r"(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})", re.IGNORECASE)
_SLASHED_DATE = re.compile(
    rf"(?:{_TIME} )?(?:ngày )?([0-9]{{1,2}}) ?[/.\-] ?([0-9]{{1,2}}) ?[/.\-] ?([0-9]{{4}})(?:,? {_TIME})?",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(rf"([0-9]{{4}})[/.\-]([0-9]{{1,2}})[/.\-]([0-9]{{1,2}})(?:[T ]{_TIME})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(18264, 73051)  # 1950 to 2099: a bare year is not mistaken for a day

_YES = {"có", "x", "v", "✓", "✔", "☑", "☒", "1", "true", "yes", "y", "đúng", "đã có", "rồi"}
_NO = {"", "không", "ko", "0", "false", "no", "n", "-", "sai", "chưa", "chưa có", "☐"}


def parse_printed_value(text: object) -> PrintedValue:
    """Read a value as an article or a report prints it.

    Args:
        text: the printed text, such as `13.042.570 lượt`, `01/326 văn bản, đạt 0.3%` or `khoảng 40%`; what
            a cell holds as a number is read as itself.

    Raises:
        NumberError: there is no number, more than one, or words before it whose meaning is not known.
    """
    if isinstance(text, int | float | Decimal):
        value = stored_number(text, A_NUMBER)
        return PrintedValue(value, "=", value, value, decimals_of(value), None)
    plain = join_groups(tidied(text))
    if len(plain) > _LONGEST_PRINTED_VALUE:
        raise NumberError(text, _A_PRINTED_VALUE)
    if match := _RANK.match(plain):
        rank = stored(Decimal(match["rank"] or "1"), text)
        return PrintedValue(rank, "=", rank, rank, 0, RANK_UNIT)
    plain = _REFERENCE.sub(lambda match: match[0].translate(_HIDE), plain)
    if match := _FRACTION.fullmatch(plain):
        return _fraction(match, text)
    if match := _RANGE.fullmatch(plain):
        return _range(match, text)
    if match := _SINGLE.fullmatch(plain):
        return _single(match, text)
    raise NumberError(text, _ONE_VALUE if re.search(NUMBER, plain) else _A_PRINTED_VALUE)


def _fraction(match: re.Match[str], text: object) -> PrintedValue:
    numerator, denominator = (_count(match[part], text) for part in ("numerator", "denominator"))
    if denominator == 0:
        raise NumberError(text, "một mẫu số lớn hơn 0")
    bound = _bound(match["before"], "", text)
    unit = _unit(match["counted"] or match["words"])
    if match["stated"] is None:
        return PrintedValue(None, bound, None, None, None, unit, numerator, denominator)
    number = to_decimal(match["stated"], text, decimal_marks=".,")
    stated = stored(number, text)
    low, high = _limits(stated, bound, text)
    return PrintedValue(stated, bound, low, high, decimals_of(number), "%", numerator, denominator)


def _range(match: re.Match[str], text: object) -> PrintedValue:
    if _bound(match["before"], "", text) != "=":
        raise NumberError(text, _A_PRINTED_VALUE)
    marks = ".," if match["percent"] else ","
    ends = [to_decimal(match[end], text, decimal_marks=marks) for end in ("low", "high")]
    exponent = scale_exponent(match["scale"])
    low, high = (stored(end.scaleb(exponent), text) for end in ends)
    if low > high or (match["low_percent"] and not match["percent"]):
        raise NumberError(text, "khoảng giá trị từ nhỏ đến lớn, ví dụ “50-75%”")
    decimals = max(decimals_of(end) for end in ends) - exponent
    unit = "%" if match["percent"] else _unit(match["after"])
    return PrintedValue(None, "range", low, high, decimals, unit)


def _single(match: re.Match[str], text: object) -> PrintedValue:
    number = to_decimal(match["number"], text, decimal_marks=".," if match["percent"] else ",")
    exponent = scale_exponent(match["scale"])
    value = stored(number.scaleb(exponent) * (-1 if match["sign"] else 1), text)
    bound = _bound(match["before"], match["after"], text)
    low, high = _limits(value, bound, text)
    unit = "%" if match["percent"] else _unit(_AND_MORE.sub("", match["after"]))
    return PrintedValue(value, bound, low, high, decimals_of(number) - exponent, unit)


def _bound(before: str, after: str, text: object) -> Bound:
    """What the words around a number make of it; unknown words before it are refused, as they may deny it."""
    more = _AND_MORE.search(after)
    words = before.strip(" :;,(“\"'")
    if more:
        words = re.sub(r"\btừ$", "", words, flags=re.IGNORECASE).strip()
    match = _BEFORE.fullmatch(words)
    if match is None or (more and match["bound"]):
        raise NumberError(text, _A_PRINTED_VALUE)
    if more:
        return ">" if more["way"].lower() == "lên" else "<"
    return _BOUND_WORDS[match["bound"].lower()] if match["bound"] else "="


def _limits(value: Decimal, bound: Bound, text: object) -> tuple[Decimal | None, Decimal | None]:
    if bound == ">":
        return value, None
    if bound == "<":
        return None, value
    margin = abs(value) * _APPROXIMATELY if bound == "≈" else Decimal(0)
    return stored(value - margin, text), stored(value + margin, text)


def _unit(words: str) -> str | None:
    return words.translate(_SHOW).strip(" ,;:.()“”\"'…") or None


def _count(digits: str, text: object) -> Decimal:
    """A part of a fraction: a whole number, so that three digits after a mark are thousands."""
    value = to_decimal(digits, text, decimal_marks="")
    if value != value.to_integral_value() or value > LARGEST_COUNT:
        raise NumberError(text, "tử số và mẫu số là số nguyên có không quá 15 chữ số")
    return value


def parse_date(cell: object) -> date:
    """Read a day: a date cell, `dd/MM/yyyy`, ISO, `ngày … tháng … năm …` or an Excel serial number.

    Raises:
        NumberError: the cell is empty or is no day of the calendar.
    """
    if isinstance(cell, datetime):
        return in_hanoi(cell).date() if cell.tzinfo else cell.date()
    if isinstance(cell, date):
        return cell
    text = tidied(cell)
    if isinstance(cell, int | float) or re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        serial = float(text) if not isinstance(cell, bool) else 0.0
        if math.isfinite(serial) and int(serial) in _EXCEL_DAYS:
            return _EXCEL_EPOCH + timedelta(days=int(serial))
        raise NumberError(cell, _A_DATE)
    try:
        if _INSTANT.fullmatch(text):
            return in_hanoi(datetime.fromisoformat(text)).date()
        if match := _ISO_DATE.fullmatch(text):
            return date(*(int(part) for part in match.groups()))
        if match := _SLASHED_DATE.fullmatch(text) or _WORDED_DATE.fullmatch(text):
            return date(*(int(part) for part in reversed(match.groups())))
    except (ValueError, OverflowError):
        pass
    raise NumberError(cell, _A_DATE)


def parse_yes_no(cell: object) -> bool:
    """Read a yes/no cell; an empty one means no, as an unticked box does.

    Raises:
        NumberError: the text is neither a yes nor a no.
    """
    if isinstance(cell, bool):
        return cell
    text = tidied(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise NumberError(cell, _A_YES_NO)
