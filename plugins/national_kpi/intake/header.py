"""The lines above a table and the file's name: form, reporting agency and period."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from national_kpi.errors import PeriodError
from national_kpi.intake.digits import NumberError
from national_kpi.intake.numbers import parse_date
from national_kpi.intake.sheets import Cell, Sheet
from national_kpi.intake.text import clean, fold
from national_kpi.periods import Period, named_period, parse_period, period_of

_AGENCY = re.compile(r"(?:tên )?(?:cơ quan|đơn vị) báo cáo\s*:\s*(.*)", re.IGNORECASE)
_FORM = re.compile(
    r"(?:biểu mẫu|biểu số|mẫu biểu|mẫu số|biểu|mẫu)\s*(?:số)?\s*:?\s*(F[0-9]{2})\b", re.IGNORECASE
)
_PERIOD = re.compile(r"kỳ (?:báo cáo|số liệu)\s*:\s*(.*)", re.IGNORECASE)
_DAY = (
    r"([0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{1,2} tháng [0-9]{1,2} năm [0-9]{4})"
)
_FROM_TO = re.compile(
    rf"từ (?:ngày )?{_DAY}\s*(?:,\s*)?(?:đến|tới|-)(?: hết)?\s*(?:ngày )?{_DAY}", re.IGNORECASE
)
_UNTIL = re.compile(rf"(?:tính )?(?:đến|tới)(?: hết)? (?:ngày )?{_DAY}", re.IGNORECASE)
_MONTH = re.compile(r"thang ([0-9]{1,2})(?: nam)? ([0-9]{4})")
_QUARTER = re.compile(r"quy (iv|i{1,3}|[1-4])(?: nam)? ([0-9]{4})")
_HALF = re.compile(r"(?:6|sau) thang (dau|cuoi) nam ([0-9]{4})")
_YEAR = re.compile(r"(?:ca )?nam ([0-9]{4})")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class Heading:
    """What a sheet says above its table.

    Attributes:
        form_code: the form it names.
        agency: the reporting agency, as printed.
        period: the reporting period.
        period_text: a period line that could not be read.
    """

    form_code: str | None = None
    agency: str | None = None
    period: Period | None = None
    period_text: str | None = None


def read_heading(sheet: Sheet, before_row: int) -> Heading:
    """Read the lines above a table.

    Args:
        sheet: the sheet.
        before_row: the table's first row, from 0.
    """
    form_code = agency = period_text = None
    period: Period | None = None
    for line in _lines(sheet, before_row):
        if match := _FORM.search(line):
            form_code = form_code or match[1].upper()
        if (match := _AGENCY.match(line)) and match[1].strip():
            agency = agency or match[1].strip()
        words = _PERIOD.match(line)
        if (words or _FROM_TO.search(line) or _UNTIL.search(line)) and period is None:
            text = words[1] if words else line
            period = read_period(text)
            period_text = None if period or not text.strip() else text
    return Heading(form_code, agency, period, period_text)


def _lines(sheet: Sheet, before_row: int) -> Iterator[str]:
    """Each cell's text and, after a label that ends in a colon, the cell beside it."""
    for row in sheet.rows(before_row):
        texts = [_text(cell) for cell in row if cell is not None]
        for index, text in enumerate(texts):
            yield f"{text} {texts[index + 1]}" if text.endswith(":") and index + 1 < len(texts) else text
        if len(texts) > 2:
            yield " ".join(texts)  # “Từ ngày | 01/01/2022 | đến ngày | 22/08/2022”


def _text(cell: Cell) -> str:
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else clean(cell)


def read_period(text: str) -> Period | None:
    """The period a text names: a code, two days, one day, or words such as `Quý III/2022`; None if none."""
    try:
        if match := _FROM_TO.search(text):
            return period_of(parse_date(match[1]), parse_date(match[2]))
        if match := _UNTIL.search(text):
            return period_of(None, parse_date(match[1]))
        folded = fold(text)
        if match := _HALF.search(folded):
            return named_period("half", int(match[2]), 1 if match[1] == "dau" else 2)
        if match := _MONTH.search(folded):
            return named_period("month", int(match[2]), int(match[1]))
        if match := _QUARTER.search(folded):
            number = _ROMAN.get(match[1]) or int(match[1])
            return named_period("quarter", int(match[2]), number)
        if match := _YEAR.fullmatch(folded):
            return named_period("year", int(match[1]))
        return parse_period(clean(text))
    except (PeriodError, NumberError):
        return None


def read_file_name(file_name: str, form_codes: set[str]) -> Heading:
    """What a name such as `F07_2022-01-01..2022-08-22_VPCP.xlsx` says.

    Args:
        file_name: the name as received.
        form_codes: the forms there are.
    """
    parts = clean(PurePath(file_name).stem).split("_")
    form_code = next((part.upper() for part in parts if part.upper() in form_codes), None)
    periods = (_period_code(part) for part in parts)
    return Heading(form_code, None, next((period for period in periods if period), None))


def _period_code(part: str) -> Period | None:
    try:
        return parse_period(part)
    except PeriodError:
        return None
