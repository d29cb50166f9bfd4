"""The brief's part on what has changed since the last one of its kind."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from national_kpi.brief.changes import compare
from national_kpi.brief.facts import Facts
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import name_of, named
from national_kpi.documents import Block, BulletList, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import day, number, unbroken

RESTATEMENTS_SHOWN = 12


def changes_of(
    facts: Facts, before: dict[str, Any] | None, after: dict[str, Any], numbering: Numbering
) -> Iterator[Block]:
    """Then and now of national figures, who reached or lost a target, milestones, and corrected figures.

    Args:
        facts: what the brief rests on.
        before: the body of the last brief; None for the first.
        after: the body of this one.
        numbering: counts the document's tables.
    """
    yield Heading("VI. THAY ĐỔI SO VỚI BÁO CÁO TRƯỚC")
    if before is None:
        yield Paragraph.of("Đây là báo cáo đầu tiên thuộc loại này nên chưa có báo cáo trước để so sánh.")
        return
    changes = compare(before, after, facts)
    then = day(date.fromisoformat(before["as_of"]))
    yield Paragraph.of(f"So với báo cáo trước, tính đến ngày {then} ({before['period_name']}):")
    if changes.national:
        yield Table(
            (Column("Chỉ số", 9), Column("Báo cáo trước", 4, "right"), Column("Báo cáo này", 4, "right")),
            changes.national,
            caption=numbering.table("Kết quả cả nước so với báo cáo trước"),
        )
    items = []
    for label, agencies in (("mới đạt chỉ tiêu", changes.reached), ("không còn đạt chỉ tiêu", changes.lost)):
        by_kpi: dict[str, list[str]] = {}
        for agency, kpi in agencies:
            by_kpi.setdefault(kpi, []).append(name_of({"agency_name_vi": agency}))
        items += [
            f"{number(len(names))} cơ quan {label} “{kpi}”: {named(names)}." for kpi, names in by_kpi.items()
        ]
    if changes.done:
        items.append(f"{number(len(changes.done))} lượt nhiệm vụ không còn quá hạn.")
    if changes.overdue:
        items.append(f"{number(len(changes.overdue))} lượt nhiệm vụ mới quá hạn.")
    yield (
        BulletList.of(*items)
        if items
        else Paragraph.of(
            "Không có cơ quan nào thay đổi trạng thái đạt chỉ tiêu và không có nhiệm vụ mới quá hạn."
        )
    )
    yield from _restatements(facts, numbering)


def _restatements(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    if not facts.restatements:
        yield Paragraph.of(
            "Không có số liệu đã công bố nào được đính chính trong thời gian giữa hai báo cáo."
        )
        return
    rest = len(facts.restatements) - RESTATEMENTS_SHOWN
    yield Table(
        (
            Column("Cơ quan", 6),
            Column("Chỉ số", 8),
            Column("Kỳ", 5),
            Column("Trước", 4, "right"),
            Column("Sau", 4, "right"),
            Column("Nguyên nhân", 8),
        ),
        tuple(
            (
                name_of(row),
                row["kpi_name_vi"],
                row["period_name_vi"],
                unbroken(row["value_text_before_vi"] or "–"),
                unbroken(row["value_text_after_vi"] or "–"),
                row["cause_kind_vi"] or "–",
            )
            for row in facts.restatements[:RESTATEMENTS_SHOWN]
        ),
        caption=numbering.table("Số liệu đã công bố được đính chính"),
        note=f"Còn {number(rest)} thay đổi khác." if rest > 0 else "",
    )
