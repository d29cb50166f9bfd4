"""How rows of a snapshot are said in a brief."""

from collections.abc import Sequence
from decimal import Decimal

from national_kpi.brief.facts import Row, has_value
from national_kpi.documents import Cell
from national_kpi.documents.model import Tone
from national_kpi.documents.wording import NO_BREAK, capital, day, listed, number, unbroken

NAMES_SHOWN = 8

TONES: dict[str, Tone] = {
    "met": "met",
    "on_track": "on_track",
    "behind": "behind",
    "missed": "missed",
    "no_data": "muted",
    "insufficient": "muted",
    "not_due": "muted",
    "not_applicable": "muted",
}


def name_of(row: Row) -> str:
    """An agency's name; of a province the province's own, without the word for its committee."""
    return capital(row["agency_name_vi"].removeprefix("UBND "))


def period_in_sentence(period: Row) -> str:
    """A period in the middle of a sentence, days as official documents write them.

    Args:
        period: a row of `dim_period`.
    """
    if period["period_type"] == "window":
        return f"từ ngày {day(period['period_start'])} đến ngày {day(period['period_end'])}"
    name: str = period["period_name_vi"]
    return name[:1].lower() + name[1:]


def with_unit(row: Row) -> str:
    """A value with its unit, of `fct_kpi_gap` or `fct_kpi_rank`; the word for none where there is none."""
    if not has_value(row):
        return "Chưa có số liệu"
    text: str = row["value_text_vi"]
    if row["unit"] == "%":
        return unbroken(text)
    if row.get("bound", "=") == "=":
        text = number(row["value"], None if row["value"] == int(row["value"]) else 2)
    return f"{text}{NO_BREAK}{row['unit']}"


def points(value: Decimal | None) -> str:
    """A gap in percentage points, with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + number(value, 2)


def gap_in_units(row: Row) -> str:
    """A gap in whole things; a dash where denominators are not known."""
    return row["gap_units_text_vi"] or "–"


def status_cell(row: Row) -> Cell:
    """A status in its colour."""
    return Cell(row["status_vi"] or "Không có chỉ tiêu", TONES.get(row["status"] or ""))


def target_of(row: Row) -> str:
    """A target as text."""
    return unbroken(row["target_text_vi"]) if row["target_text_vi"] else "–"


def named(names: Sequence[str], shown: int = NAMES_SHOWN) -> str:
    """Names in a sentence; beyond those shown, how many more."""
    if len(names) <= shown:
        return listed(names)
    return listed([*names[:shown], f"{number(len(names) - shown)} cơ quan khác"])
