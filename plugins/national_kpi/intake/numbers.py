"""Reading cells: published values as printed, numbers, dates and yes/no. What is not sure is not read."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from national_kpi.clock import in_hanoi
from national_kpi.errors import KpiPlatformError

Bound = Literal["=", ">", "<", "≈", "range"]

RANK_UNIT = "thứ hạng"


class NumberError(KpiPlatformError, ValueError):
    """A cell cannot be read as what its column holds.

    Args:
        found: what the cell says.
        expected: what was expected there, in Vietnamese.
    """

    def __init__(self, found: object, expected: str) -> None:
        self.found = "ô trống" if found is None or str(found).strip() == "" else str(found)
        self.expected = expected
        super().__init__(f"Tìm thấy “{self.found}”, cần {expected}.")


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


_DECIMAL_MARK = {"vi": ",", "en": "."}
_TOO_LARGE = Decimal(10) ** 22  # the lake keeps DECIMAL(28,6)
_MOST_DECIMALS = 6
_LONGEST_PRINTED_VALUE = 300
_BIGINT_MAX = 2**63 - 1
_APPROXIMATELY = Decimal("0.05")

_A_NUMBER = "một số, ví dụ 1.234 hoặc 56,7"
_AN_INTEGER = "một số nguyên, ví dụ 1.234"
_A_DATE = "một ngày theo dạng ngày/tháng/năm, ví dụ 22/08/2022"
_A_YES_NO = "“Có” hoặc “Không”"
_A_PRINTED_VALUE = "một giá trị như “97,67%”, “13.042.570 lượt”, “66/302”, “khoảng 40%”, “50-75%”"
_ONE_VALUE = "đúng một giá trị; hãy tách mỗi giá trị thành một dòng"

_EXPONENTS = {"nghìn": 3, "ngàn": 3, "vạn": 4, "triệu": 6, "tỷ": 9, "tỉ": 9}
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

_NUMBER = r"[0-9]+(?:[.,][0-9]+)*"
_SCALE = r"(?:\s*(?P<scale>(?:(?:nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?!\w)(?! lệ)\s*)+))?"
_PERCENT = r"(?P<percent>\s*(?:%|phần trăm(?!\w)))?"
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_SPACED_GROUPS = re.compile(r"(?<![0-9.,/])[1-9][0-9]{0,2}(?: [0-9]{3})+(?![0-9.])")
_RANK = re.compile(r"[^0-9]*?(?<!lần )(?:\bđầu tiên\b|(?:\bthứ|\bhạng) (?P<rank>[0-9]+)\b)", re.IGNORECASE)
_FRACTION = re.compile(
    rf"(?P<before>[^0-9]*)(?P<numerator>{_NUMBER})"
    rf"(?:\s*/\s*|(?P<counted>[^0-9/%]+?)\s(?:trong|trên)(?: tổng)? số\s)"
    rf"(?P<denominator>{_NUMBER})(?P<words>[^0-9/%]*?)"
    rf"(?:[\s,;(]*(?:(?:đạt|chiếm|bằng|tỷ lệ|tỉ lệ|=)\s*)*[\s(]*(?P<stated>{_NUMBER})\s*%)?[\s).;]*",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?P<before>[^0-9]*?)(?:\btừ\s)?\s*(?P<low>{_NUMBER})(?P<low_percent>\s*%)?"
    rf"\s*(?:-|–|—|\bđến\b|\btới\b)\s*(?P<high>{_NUMBER}){_SCALE}{_PERCENT}(?P<after>[^0-9]*)",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    rf"(?P<before>[^0-9]*?)(?P<sign>(?<!\w)[-−]\s?)?(?P<number>{_NUMBER}){_SCALE}{_PERCENT}(?P<after>[^0-9]*)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:(?:{'|'.join(_NEUTRAL_WORDS)})\s*)*"
    rf"(?P<bound>{'|'.join(sorted(map(re.escape, _BOUND_WORDS), key=len, reverse=True))})?"
    rf"\s*(?:(?:{'|'.join(_NEUTRAL_WORDS)})\s*)*",
    re.IGNORECASE,
)
_AND_MORE = re.compile(r"\s*trở (?P<way>lên|xuống)\s*$", re.IGNORECASE)

_WORDED_DATE = re.compile(r"(?:ngày )?([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})", re.IGNORECASE)
_SLASHED_DATE = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})(?: 0?0:00(?::00)?)?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
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
        value = parse_number(text, "vi")
        return PrintedValue(value, "=", value, value, _decimals(value), None)
    tidy = _SPACED_GROUPS.sub(lambda match: match[0].replace(" ", ""), _tidy(text))
    if len(tidy) > _LONGEST_PRINTED_VALUE:
        raise NumberError(text, _A_PRINTED_VALUE)
    if match := _RANK.match(tidy):
        rank = _stored(Decimal(match["rank"] or "1"), text)
        return PrintedValue(rank, "=", rank, rank, 0, RANK_UNIT)
    tidy = _REFERENCE.sub(lambda match: match[0].translate(_HIDE), tidy)
    if match := _FRACTION.fullmatch(tidy):
        return _fraction(match, text)
    if match := _RANGE.fullmatch(tidy):
        return _range(match, text)
    if match := _SINGLE.fullmatch(tidy):
        return _single(match, text)
    raise NumberError(text, _ONE_VALUE if re.search(_NUMBER, tidy) else _A_PRINTED_VALUE)


def _fraction(match: re.Match[str], text: object) -> PrintedValue:
    numerator, denominator = (_count(match[part], text) for part in ("numerator", "denominator"))
    if denominator == 0:
        raise NumberError(text, "một mẫu số lớn hơn 0")
    bound = _bound(match["before"], "", text)
    unit = _unit(match["counted"] or match["words"])
    if match["stated"] is None:
        return PrintedValue(None, bound, None, None, None, unit, numerator, denominator)
    number = _to_decimal(match["stated"], text, decimal_marks=".,")
    stated = _stored(number, text)
    low, high = _limits(stated, bound, text)
    return PrintedValue(stated, bound, low, high, _decimals(number), "%", numerator, denominator)


def _range(match: re.Match[str], text: object) -> PrintedValue:
    if _bound(match["before"], "", text) != "=":
        raise NumberError(text, _A_PRINTED_VALUE)
    marks = ".," if match["percent"] else ","
    ends = [_to_decimal(match[end], text, decimal_marks=marks) for end in ("low", "high")]
    exponent = _exponent(match["scale"])
    low, high = (_stored(end.scaleb(exponent), text) for end in ends)
    if low > high or (match["low_percent"] and not match["percent"]):
        raise NumberError(text, "khoảng giá trị từ nhỏ đến lớn, ví dụ “50-75%”")
    decimals = max(_decimals(end) for end in ends) - exponent
    unit = "%" if match["percent"] else _unit(match["after"])
    return PrintedValue(None, "range", low, high, decimals, unit)


def _single(match: re.Match[str], text: object) -> PrintedValue:
    number = _to_decimal(match["number"], text, decimal_marks=".," if match["percent"] else ",")
    exponent = _exponent(match["scale"])
    value = _stored(number.scaleb(exponent) * (-1 if match["sign"] else 1), text)
    bound = _bound(match["before"], match["after"], text)
    low, high = _limits(value, bound, text)
    unit = "%" if match["percent"] else _unit(_AND_MORE.sub("", match["after"]))
    return PrintedValue(value, bound, low, high, _decimals(number) - exponent, unit)


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
    return _stored(value - margin, text), _stored(value + margin, text)


def _unit(words: str) -> str | None:
    return words.translate(_SHOW).strip(" ,;:.()“”\"'…") or None


def _exponent(scale: str | None) -> int:
    return sum(_EXPONENTS[word] for word in (scale or "").lower().split())


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _stored(value: Decimal, found: object) -> Decimal:
    """As the lake keeps it: no exponent, six decimals at most (rounded half up), 22 digits before them."""
    if abs(value) >= _TOO_LARGE:
        raise NumberError(found, "một số có không quá 22 chữ số")
    return value.quantize(Decimal(1).scaleb(-min(_decimals(value), _MOST_DECIMALS)), ROUND_HALF_UP)


def _tidy(text: object) -> str:
    """NFC, single spaces, no text marker that spreadsheets put before numbers kept as text."""
    return " ".join(unicodedata.normalize("NFC", "" if text is None else str(text)).split()).lstrip("'’ ")


def _count(digits: str, text: object) -> Decimal:
    """A part of a fraction: a whole number, so that three digits after a mark are thousands."""
    value = _to_decimal(digits, text, decimal_marks="")
    if value != value.to_integral_value() or value > _BIGINT_MAX:
        raise NumberError(text, "tử số và mẫu số là số nguyên")
    return value


def _to_decimal(digits: str, text: object, decimal_marks: str = ",") -> Decimal:
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
    groups_thousands = len(marks) > 1 or bool(_ONE_GROUP.fullmatch(digits) and last not in decimal_marks)
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
        raise NumberError(text, _A_NUMBER)
    return Decimal(number)


def parse_number(cell: object, locale: str) -> Decimal:
    """Read a number a cell holds as a number or as text, rounded to six decimals.

    Args:
        cell: what the cell holds; text may end in `%`, which is not counted in.
        locale: `vi` (`1.234` is one thousand two hundred and thirty-four) or `en`; it decides only where
            both readings are possible.

    Raises:
        NumberError: the cell is empty, holds other text, or a number nobody can store.
    """
    return _number(cell, _DECIMAL_MARK[locale], _A_NUMBER)


def _number(cell: object, decimal_marks: str, expected: str) -> Decimal:
    if isinstance(cell, bool):
        raise NumberError(cell, expected)
    if isinstance(cell, float) and math.isfinite(cell):
        cell = Decimal(f"{cell:.15g}")  # the digits a spreadsheet shows, not the binary remainder
    if isinstance(cell, int | Decimal):
        if not (value := Decimal(cell)).is_finite():
            raise NumberError(cell, expected)
        return _stored(value, cell)
    tidy = _SPACED_GROUPS.sub(lambda match: match[0].replace(" ", ""), _tidy(cell))
    match = re.fullmatch(rf"(?P<sign>[-−+]?)\s?(?P<number>{_NUMBER})(?:\s?%)?", tidy)
    if match is None:
        raise NumberError(cell, expected)
    value = _stored(_to_decimal(match["number"], cell, decimal_marks), cell)
    return -value if match["sign"] in ("-", "−") else value


def parse_integer(cell: object, locale: str) -> int:
    """Read a whole number; three digits after a mark are thousands, whatever the mark.

    Args:
        cell: what the cell holds.
        locale: `vi` or `en`; both write whole numbers unmistakably.

    Raises:
        NumberError: the cell is empty, holds other text, or a number that is not whole.
    """
    value = _number(cell, "", _AN_INTEGER)
    if value != value.to_integral_value() or abs(value) > _BIGINT_MAX:
        raise NumberError(cell, _AN_INTEGER)
    return int(value)


def parse_date(cell: object) -> date:
    """Read a day: a date cell, `dd/MM/yyyy`, ISO, `ngày … tháng … năm …` or an Excel serial number.

    Raises:
        NumberError: the cell is empty or is no day of the calendar.
    """
    if isinstance(cell, datetime):
        return in_hanoi(cell).date() if cell.tzinfo else cell.date()
    if isinstance(cell, date):
        return cell
    tidy = _tidy(cell)
    if isinstance(cell, int | float) or re.fullmatch(r"[0-9]{5}(?:\.0+)?", tidy):
        serial = float(tidy) if not isinstance(cell, bool) else 0.0
        if math.isfinite(serial) and int(serial) in _EXCEL_DAYS:
            return _EXCEL_EPOCH + timedelta(days=int(serial))
        raise NumberError(cell, _A_DATE)
    try:
        if match := _ISO_DATE.fullmatch(tidy):
            return date(*(int(part) for part in match.groups()))
        if match := _SLASHED_DATE.fullmatch(tidy) or _WORDED_DATE.fullmatch(tidy):
            return date(*(int(part) for part in reversed(match.groups())))
    except ValueError:
        pass
    raise NumberError(cell, _A_DATE)


def parse_yes_no(cell: object) -> bool:
    """Read a yes/no cell; an empty one means no, as an unticked box does.

    Raises:
        NumberError: the text is neither a yes nor a no.
    """
    if isinstance(cell, bool):
        return cell
    tidy = _tidy(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        tidy = str(int(cell))
    if tidy in _YES:
        return True
    if tidy in _NO:
        return False
    raise NumberError(cell, _A_YES_NO)
