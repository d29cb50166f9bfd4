"""The brief's part on who is short of a target, in percentage points and in whole things."""

from collections.abc import Iterator

from national_kpi.brief.facts import Facts, Row
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import gap_in_units, name_of, points, status_cell, target_of, with_unit
from national_kpi.documents import Block, Cell, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import number

SHORTFALLS_SHOWN = 10


def shortfalls_of(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    """By headline indicator, the agencies furthest from their target.

    Args:
        facts: what the brief rests on.
        numbering: counts the document's tables.
    """
    yield Heading("IV. CHÊNH LỆCH SO VỚI CHỈ TIÊU")
    tables: list[Block] = [
        _table(short, numbering)
        for code, kpi in facts.kpis.items()
        if kpi["is_headline_kpi"] and (short := short_of_target(facts, code))
    ]
    yield from tables or [Paragraph.of("Không có cơ quan nào có số liệu mà còn thiếu so với chỉ tiêu.")]


def short_of_target(facts: Facts, kpi_code: str) -> list[Row]:
    """Agencies that are late on one indicator: those that lack most things first, then most points."""
    short = [
        row
        for row in facts.gaps
        if row["kpi_code"] == kpi_code
        and row["status"] in ("behind", "missed")
        and row["agency_kind"] not in ("collective", "unit")
    ]
    return sorted(short, key=lambda row: (row["gap_units"] or 0, row["gap_pp"] or 0, row["agency_code"]))


def _table(short: list[Row], numbering: Numbering) -> Table:
    in_units = any(row["gap_units"] is not None for row in short)
    columns = [
        Column("Cơ quan", 8),
        Column("Kết quả", 4, "right"),
        Column("Chỉ tiêu", 3, "center"),
        Column("Chênh lệch (điểm %)", 4, "right"),
        *([Column("Theo số lượng", 8)] if in_units else []),
        Column("Trạng thái", 5, "center"),
    ]
    rest = len(short) - SHORTFALLS_SHOWN
    notes = [
        f"Còn {number(rest)} cơ quan khác chưa đạt chỉ tiêu." if rest > 0 else "",
        "" if in_units else "Nguồn chỉ công bố tỷ lệ nên chưa tính được chênh lệch theo số lượng.",
    ]
    return Table(
        tuple(columns),
        tuple(_row(row, in_units) for row in short[:SHORTFALLS_SHOWN]),
        caption=numbering.table(f"{short[0]['kpi_name_vi']}: cơ quan còn thiếu nhiều nhất"),
        note=" ".join(note for note in notes if note),
    )


def _row(row: Row, in_units: bool) -> tuple[Cell | str, ...]:
    units = (gap_in_units(row),) if in_units else ()
    return (name_of(row), with_unit(row), target_of(row), points(row["gap_pp"]), *units, status_cell(row))
