"""Draft official letters to agencies that have been urged in vain ("công văn đôn đốc"), to be signed.

One says which reports are missing, which targets the agency is short of and by how much, and which milestones
are overdue, each with what it is owed by.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.cycle.context import CycleContext
from national_kpi.disk import write_whole
from national_kpi.documents import (
    Cell,
    Column,
    Heading,
    Letterhead,
    OfficialDocument,
    Paragraph,
    Signature,
    Table,
    write_docx,
)
from national_kpi.documents.model import Block, Tone
from national_kpi.documents.wording import PLACE, TASK_FORCE, day, listed, number
from national_kpi.ledger.cycle import Reminder
from national_kpi.warehouse.sql import select_rows

NO_NUMBER = "Số:        /TCT"
NOT_NAMED = "Không nêu trong nguồn"
"""What the catalogue has as the basis of a target that was printed without one."""
_TONES: Mapping[str, Tone] = {"missed": "missed", "behind": "behind"}

_GAPS = """
    select
        kpi_name_vi, period_name_vi, value_text_vi, target_text_vi, gap_pp, unit, gap_units_text_vi, status,
        status_vi, legal_basis
    from fct_kpi_gap
    where
        agency_code = ? and basis = 'current' and is_primary and is_latest_period
        and status in ('missed', 'behind')
    order by gap_pp, kpi_code, period_end desc, period_code, agency_id
"""
_MILESTONES = """
    select milestone_name_vi, due_on, timing_vi, obstacle_vi, proposal_vi, legal_basis
    from fct_milestone_status
    where agency_code = ? and is_overdue
    order by due_on, target_id, agency_id
"""


def draft_letters(ctx: CycleContext, day_of_letters: date) -> list[Path]:
    """Draft a letter to each agency whose head is written to on a day; drafts that are there stay.

    Args:
        ctx: the ledger with the day's reminders, the snapshot, and the stages.
        day_of_letters: the day the reminders were decided on.

    Returns:
        Every draft of the day, written now or before.
    """
    drafts = []
    escalated = select(Reminder).where(Reminder.sent_on == day_of_letters, Reminder.is_escalated)
    with Session(ctx.engine) as session:
        for reminder in session.scalars(escalated.order_by(Reminder.agency_code)):
            file = ctx.paths.letters / f"{day_of_letters:%Y-%m-%d}" / f"{reminder.agency_code}-don-doc.docx"
            if not file.exists():
                gaps, milestones = _of_snapshot(ctx.paths.current_snapshot, reminder.agency_code)
                write_whole(file, write_docx(letter(ctx.catalogue, reminder.body, gaps, milestones)))
            drafts.append(file)
    return drafts


def _of_snapshot(snapshot: Path, agency_code: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not snapshot.is_file():  # nothing has been published yet: the letter is about reports alone
        return [], []
    with duckdb.connect(str(snapshot.resolve()), read_only=True) as connection:
        return (
            select_rows(connection, _GAPS, [agency_code]),
            select_rows(connection, _MILESTONES, [agency_code]),
        )


def letter(
    catalogue: Catalogue,
    body: Mapping[str, Any],
    gaps: Sequence[Mapping[str, Any]],
    milestones: Sequence[Mapping[str, Any]],
) -> OfficialDocument:
    """What the letter says.

    Args:
        catalogue: which stages have a letter, and what reports are owed by.
        body: the reminder it goes with, as the ledger keeps it.
        gaps: targets the agency is short of, rows of `fct_kpi_gap`.
        milestones: overdue ones, rows of `fct_milestone_status`.
    """
    with_letter = {stage.stage_code for stage in catalogue.reminder_stages if stage.with_letter}
    missing = [item for item in body["items"] if item["stage_code"] in with_letter]
    written_on = date.fromisoformat(body["sent_on"])
    closes_on = min(date.fromisoformat(item["closes_on"]) for item in missing)
    parts: list[Block] = [
        _opening(catalogue, missing, bool(gaps), bool(milestones)),
        Heading("1. Báo cáo chưa gửi", 2),
        _missing_table(missing),
    ]
    if gaps:
        parts += [Heading("2. Chỉ tiêu chưa đạt", 2), _gaps_table(gaps)]
    if milestones:
        parts += [Heading(f"{3 if gaps else 2}. Nhiệm vụ quá hạn", 2), _milestones_table(milestones)]
    return OfficialDocument(
        name=f"Dự thảo công văn đôn đốc {body['agency_name']}",
        letterhead=Letterhead(
            issuer=TASK_FORCE,
            number=NO_NUMBER,
            place=PLACE,
            day=written_on,
            about="V/v đôn đốc gửi báo cáo định kỳ và thực hiện các chỉ tiêu, nhiệm vụ được giao",
        ),
        addressees=(body["agency_name"],),
        body=(*parts, *_request(body["agency_name"], closes_on, bool(gaps), bool(milestones))),
        signature=Signature(("TỔ TRƯỞNG",)),
        recipients=("Như trên", "Lưu: VT, TCT"),
    )


def _opening(
    catalogue: Catalogue, missing: Sequence[Mapping[str, Any]], has_gaps: bool, has_milestones: bool
) -> Paragraph:
    forms = {item["form_code"] for item in missing}
    bases = dict.fromkeys(
        rule.legal_basis
        for rule in catalogue.reporting_obligations
        if rule.form_code in forms and rule.verify_status != "unverified"
    )
    basis = f"Căn cứ {'; '.join(bases)}, qua" if bases else "Qua"
    found = [f"{number(len(missing))} báo cáo quá hạn chưa gửi dù đã được đôn đốc"]
    if has_gaps:
        found.append("một số chỉ tiêu chưa đạt")
    if has_milestones:
        found.append("một số nhiệm vụ quá hạn")
    return Paragraph.of(
        f"{basis} theo dõi, {TASK_FORCE} nhận thấy quý cơ quan còn {listed(found)}, cụ thể như sau:"
    )


def _missing_table(missing: Iterable[Mapping[str, Any]]) -> Table:
    return Table(
        columns=(
            Column("TT", 1, "center"), Column("Biểu mẫu", 6), Column("Kỳ báo cáo", 3),
            Column("Hạn nộp", 2, "center"), Column("Tình trạng", 4),
        ),
        rows=tuple(
            (
                str(position),
                f"{item['form_code']} – {item['form_name']}",
                item["period_name"],
                day(date.fromisoformat(item["due_on"])),
                f"Đã gửi, chưa được tiếp nhận (biên nhận số {item['refused_receipt']})"
                if item["refused_receipt"]
                else "Chưa gửi",
            )
            for position, item in enumerate(missing, start=1)
        ),
    )  # fmt: skip


def _gaps_table(gaps: Iterable[Mapping[str, Any]]) -> Table:
    return Table(
        columns=(
            Column("Chỉ tiêu", 6), Column("Kỳ", 3), Column("Kết quả", 2, "right"),
            Column("Chỉ tiêu giao", 2, "right"), Column("Còn thiếu", 4), Column("Đánh giá", 2, "center"),
        ),
        rows=tuple(
            (
                row["kpi_name_vi"],
                row["period_name_vi"],
                row["value_text_vi"],
                row["target_text_vi"],
                row["gap_units_text_vi"] or _points(row["gap_pp"], row["unit"]),
                Cell(row["status_vi"], _TONES[row["status"]]),
            )
            for row in gaps
        ),
        note=f"Căn cứ: {_bases(gaps)}.",
    )  # fmt: skip


def _points(gap: Decimal | None, unit: str) -> str:
    if gap is None:
        return ""
    return f"{number(abs(gap), 2)} điểm phần trăm" if unit == "%" else number(abs(gap))


def _milestones_table(milestones: Iterable[Mapping[str, Any]]) -> Table:
    return Table(
        columns=(
            Column("Nhiệm vụ", 6), Column("Hạn", 2, "center"), Column("Tình trạng", 3),
            Column("Khó khăn, vướng mắc", 4), Column("Kiến nghị", 4),
        ),
        rows=tuple(
            (
                row["milestone_name_vi"],
                day(row["due_on"]),
                row["timing_vi"],
                row["obstacle_vi"] or "",
                row["proposal_vi"] or "",
            )
            for row in milestones
        ),
        note=f"Căn cứ: {_bases(milestones)}.",
    )  # fmt: skip


def _bases(rows: Iterable[Mapping[str, Any]]) -> str:
    named = (row["legal_basis"] for row in rows if row["legal_basis"] != NOT_NAMED)
    return "; ".join(dict.fromkeys(named)) or NOT_NAMED.lower()


def _request(agency_name: str, closes_on: date, has_gaps: bool, has_milestones: bool) -> tuple[Block, ...]:
    wanted = [f"gửi các báo cáo còn thiếu trước khi khóa kỳ báo cáo vào ngày {day(closes_on)}"]
    if has_gaps:
        wanted.append("có giải pháp để đạt các chỉ tiêu nêu trên")
    if has_milestones:
        wanted.append("hoàn thành các nhiệm vụ đã quá hạn, nêu rõ nguyên nhân và thời hạn hoàn thành")
    return (
        Paragraph.of(f"{TASK_FORCE} đề nghị {agency_name} chỉ đạo {listed(wanted)}."),
        Paragraph.of(
            "Trường hợp có vướng mắc, đề nghị quý cơ quan phản ánh bằng văn bản để Tổ công tác tổng hợp,"
            " báo cáo Thủ tướng Chính phủ./."
        ),
    )
