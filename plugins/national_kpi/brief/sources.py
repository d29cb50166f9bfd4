"""The annex that says where every number comes from."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from national_kpi.brief.facts import Facts, Row, has_value
from national_kpi.brief.phrases import name_of, target_of, with_unit
from national_kpi.documents import Block, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import day, number

COLUMNS = (
    Column("TT", 2, "center"),
    Column("Cơ quan", 9),
    Column("Kết quả", 5, "right"),
    Column("Tử số", 4, "right"),
    Column("Mẫu số", 4, "right"),
    Column("Nguồn số liệu", 24),
)
MADE_FROM = {
    "periods": "các kỳ ngắn hơn",
    "agencies": "các cơ quan thành phần",
    "values": "các chỉ số thành phần",
}
NO_COUNTS = "Dấu “–” ở tử số, mẫu số: nguồn chỉ công bố tỷ lệ, không công bố số lượng."


def sources_of(facts: Facts, rows: Iterable[Row]) -> Iterator[Block]:
    """By indicator and target: legal basis, then numerator, denominator and file or parts behind each value.

    Args:
        facts: what the brief rests on.
        rows: the rows of `fct_kpi_gap` that the brief names, ordered by indicator.
    """
    written = [row for row in rows if has_value(row)]
    written.sort(key=lambda row: (row["sort_order"], row["target_id"] or "", row["agency_code"] != "VN"))
    for place, ((code, _), group) in enumerate(
        groupby(written, lambda row: (row["kpi_code"], row["target_id"])), start=1
    ):
        members = list(group)
        first = members[0]
        yield Heading(f"{place}. {first['kpi_name_vi']} ({code})", 2)
        yield Paragraph.of(_basis(first), is_indented=False)
        yield Table(
            COLUMNS,
            tuple(
                (
                    str(position),
                    name_of(row),
                    with_unit(row),
                    _figure(row["numerator"]),
                    _figure(row["denominator"]),
                    source_of(facts, row),
                )
                for position, row in enumerate(members, start=1)
            ),
            note=NO_COUNTS
            if first["unit"] == "%" and any(row["numerator"] is None for row in members)
            else "",
            is_small=True,
        )


def source_of(facts: Facts, row: Row) -> str:
    """The file behind a value with its receipt, or what the value is made from."""
    submission = facts.submissions.get(row["submission_id"] or "")
    if submission is None:
        parts = f"{row['parts_count']}/{row['parts_expected']} " if row["parts_expected"] else ""
        return f"Tổng hợp từ {parts}{MADE_FROM.get(row['made_from'], 'các báo cáo')}"
    receipt = f", biên nhận số {submission['receipt_number']}" if submission["receipt_number"] else ""
    is_own = submission["agency_id"] == row["agency_id"]
    sender = "" if is_own else f"{name_of(submission)} gửi, "
    return f"{submission['file_name']}: {sender}nhận ngày {day(submission['received_on'])}{receipt}"


def _basis(row: Row) -> str:
    if not row["target_id"]:
        return "Chưa có chỉ tiêu."
    return f"Chỉ tiêu {target_of(row)} ({row['target_id']}). Căn cứ: {row['legal_basis']}."


def _figure(value: Decimal | None) -> str:
    return "–" if value is None else number(value)
