"""The brief's part on overdue milestones, with what agencies say stands in the way and what they propose."""

from collections import defaultdict
from collections.abc import Iterator

from national_kpi.brief.facts import Facts, Row
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import name_of, named
from national_kpi.documents import Block, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import day, number

OBSTACLES_SHOWN = 12
NAMES_IN_CELL = 4


def milestones_of(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    """Overdue milestones, then obstacles and proposals.

    Args:
        facts: what the brief rests on.
        numbering: counts the document's tables.
    """
    yield Heading("V. NHIỆM VỤ QUÁ HẠN")
    overdue = [row for row in facts.milestones if row["is_overdue"]]
    if not overdue:
        yield Paragraph.of(f"Không có nhiệm vụ nào quá hạn tính đến ngày {day(facts.as_of)}.")
        return
    by_milestone: dict[str, list[Row]] = defaultdict(list)
    for row in overdue:
        by_milestone[row["target_id"]].append(row)
    yield Table(
        (
            Column("Nhiệm vụ", 10),
            Column("Thời hạn", 5, "center"),
            Column("Quá hạn (ngày)", 4, "right"),
            Column("Cơ quan quá hạn", 12),
            Column("Căn cứ", 7),
        ),
        tuple(
            (
                rows[0]["milestone_name_vi"],
                day(rows[0]["due_on"]),
                number(rows[0]["days_late"]),
                f"{number(len(rows))} cơ quan: {named([name_of(row) for row in rows], NAMES_IN_CELL)}",
                rows[0]["legal_basis"],
            )
            for rows in by_milestone.values()
        ),
        caption=numbering.table("Nhiệm vụ quá hạn, chưa báo cáo hoàn thành"),
        note="Bao gồm nhiệm vụ đã quá hạn mà cơ quan chưa gửi báo cáo kết quả.",
    )
    yield from _obstacles(overdue, numbering)


def _obstacles(overdue: list[Row], numbering: Numbering) -> Iterator[Block]:
    told = [row for row in overdue if row["obstacle_vi"] or row["proposal_vi"]]
    if not told:
        yield Paragraph.of("Các cơ quan có nhiệm vụ quá hạn chưa báo cáo khó khăn, vướng mắc hay kiến nghị.")
        return
    rest = len(told) - OBSTACLES_SHOWN
    yield Table(
        (
            Column("Cơ quan", 6),
            Column("Nhiệm vụ", 9),
            Column("Khó khăn, vướng mắc", 9),
            Column("Kiến nghị, đề xuất", 9),
        ),
        tuple(
            (
                name_of(row),
                row["milestone_name_vi"],
                row["obstacle_vi"] or "Không nêu",
                row["proposal_vi"] or "Không nêu",
            )
            for row in told[:OBSTACLES_SHOWN]
        ),
        caption=numbering.table("Khó khăn, vướng mắc và kiến nghị của cơ quan"),
        note=f"Còn {number(rest)} kiến nghị khác về nhiệm vụ quá hạn." if rest > 0 else "",
    )
