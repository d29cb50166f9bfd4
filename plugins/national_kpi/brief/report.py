"""The brief for the Prime Minister: composed from the facts of one snapshot."""

from collections.abc import Iterator
from typing import Any

from national_kpi.brief.call_list import Call, call_list
from national_kpi.brief.changes import body_of
from national_kpi.brief.extremes import highest_and_lowest
from national_kpi.brief.facts import GROUPS, Facts, Row, has_value
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import (
    name_of,
    named,
    period_in_sentence,
    points,
    status_cell,
    target_of,
    with_unit,
)
from national_kpi.brief.rankings import other_rankings, ranking_of
from national_kpi.brief.report_calls import CALLS_SHOWN, calls_of
from national_kpi.brief.report_caveats import caveats_of
from national_kpi.brief.report_changes import changes_of
from national_kpi.brief.report_milestones import milestones_of
from national_kpi.brief.report_shortfalls import shortfalls_of
from national_kpi.brief.sources import sources_of
from national_kpi.documents import (
    Annex,
    Block,
    BulletList,
    Column,
    Heading,
    Letterhead,
    NewPage,
    OfficialDocument,
    Paragraph,
    Signature,
    Table,
    Title,
)
from national_kpi.documents.wording import PLACE, TASK_FORCE, day, number

SUBJECT = "Tình hình thực hiện các chỉ tiêu Chính phủ điện tử, Chính phủ số"


def compose_report(facts: Facts, before: dict[str, Any] | None) -> OfficialDocument:
    """The brief, without its issue stamp.

    Args:
        facts: what it rests on.
        before: the body of the last brief of the same kind; None for the first.
    """
    numbering = Numbering()
    calls = call_list(facts.gaps, facts.milestones, facts.obligations, facts.as_of)
    period = period_in_sentence(facts.period)
    body = (
        *_opening(facts, period),
        *_summary(facts, calls),
        *_national(facts, numbering),
        *_rankings(facts, numbering),
        *shortfalls_of(facts, numbering),
        *milestones_of(facts, numbering),
        *changes_of(facts, before, body_of(facts), numbering),
        *caveats_of(facts, numbering),
        *calls_of(facts, calls, numbering),
        Paragraph.of(f"{TASK_FORCE} kính báo cáo Thủ tướng Chính phủ xem xét, chỉ đạo./."),
    )
    belongs_to = f"(Kèm theo Báo cáo của {TASK_FORCE}, {period})"
    annexes: list[Block] = []
    if others := other_rankings(facts, numbering):
        annexes += [
            NewPage(is_landscape=True),
            Annex("Phụ lục I", "Kết quả các chỉ số khác", belongs_to),
            others,
        ]
    annexes += [
        NewPage(is_landscape=True),
        Annex("Phụ lục II" if others else "Phụ lục", "Nguồn của từng số liệu nêu trong báo cáo", belongs_to),
        *sources_of(facts, _rows_named(facts, calls)),
    ]
    return OfficialDocument(
        name=f"Báo cáo tình hình thực hiện các chỉ tiêu Chính phủ điện tử, {period}",
        letterhead=Letterhead(issuer=TASK_FORCE, number="Số:        /BC-TCT", place=PLACE, day=facts.as_of),
        title=Title("BÁO CÁO", f"{SUBJECT}\n({period})"),
        addressees=("Thủ tướng Chính phủ",),
        body=body,
        signature=Signature(("TỔ TRƯỞNG",)),
        recipients=(
            "Thủ tướng Chính phủ (để báo cáo)",
            "Các Phó Thủ tướng Chính phủ (để báo cáo)",
            "Các thành viên Tổ công tác",
            "Lưu: VT, TCT",
        ),
        annexes=tuple(annexes),
    )


def _opening(facts: Facts, period: str) -> Iterator[Block]:
    yield Paragraph.of(
        f"{TASK_FORCE} báo cáo Thủ tướng Chính phủ tình hình thực hiện các chỉ tiêu xây dựng Chính phủ"
        f" điện tử, Chính"
        f" phủ số {period}, theo số liệu đã nhận và đã công bố đến hết ngày {day(facts.as_of)}, như sau:"
    )


def _summary(facts: Facts, calls: list[Call]) -> Iterator[Block]:
    yield Heading("I. TÓM TẮT")
    items = []
    for row in facts.national:
        if has_value(row) and row["gap_pp"] is not None:
            what = f"{row['kpi_name_vi']} của cả nước đạt {with_unit(row)}, chỉ tiêu {target_of(row)}"
            short = row["gap_pp"] < 0
            by = f"{'còn thiếu' if short else 'vượt'} {number(abs(row['gap_pp']), 2)} điểm phần trăm"
            items.append(f"{what}: {by}. Trạng thái: {row['status_vi'].lower()}.")
    for code in [code for code, kpi in facts.kpis.items() if kpi["is_headline_kpi"]]:
        counted = [
            row for row in facts.gaps if row["kpi_code"] == code and row["agency_kind"] != "collective"
        ]
        with_values = [row for row in counted if has_value(row) and row["status"]]
        if with_values:
            met = sum(row["status"] == "met" for row in with_values)
            items.append(
                f"{facts.kpis[code]['kpi_name_vi']}: {number(met)}/{number(len(with_values))} cơ quan"
                f" có số liệu"
                f" đạt chỉ tiêu; {number(len(counted) - len(with_values))} cơ quan chưa có số liệu."
            )
    overdue = [row for row in facts.milestones if row["is_overdue"]]
    if overdue:
        agencies = len({row["agency_id"] for row in overdue})
        items.append(
            f"{number(len(overdue))} lượt nhiệm vụ quá hạn tại {number(agencies)} cơ quan, quá hạn lâu nhất"
            f" {number(overdue[0]['days_late'])} ngày."
        )
    if calls:
        items.append(
            f"Đề nghị làm việc trước với:"
            f" {named([name_of({'agency_name_vi': call.agency_name}) for call in calls[:3]])}."
        )
    yield BulletList.of(*items) if items else Paragraph.of("Chưa có số liệu của các chỉ số chủ yếu.")


def _national(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    yield Heading("II. KẾT QUẢ CẢ NƯỚC SO VỚI CHỈ TIÊU")
    yield Table(
        (
            Column("Chỉ số", 9),
            Column("Kết quả", 4, "right"),
            Column("Chỉ tiêu", 3, "center"),
            Column("Thời hạn", 4, "center"),
            Column("Chênh lệch (điểm %)", 4, "right"),
            Column("Trạng thái", 5, "center"),
        ),
        tuple(
            (
                row["kpi_name_vi"],
                with_unit(row) if has_value(row) else "–",
                target_of(row),
                day(row["deadline"]) if row["deadline"] else "–",
                points(row["gap_pp"]),
                status_cell(row),
            )
            for row in facts.national
        ),
        caption=numbering.table("Kết quả cả nước so với chỉ tiêu"),
        note="Chênh lệch âm là còn thiếu so với chỉ tiêu. “≈” là số liệu nguồn công bố ở mức khoảng.",
    )
    rows = []
    for code, kpi in facts.kpis.items():
        if not kpi["is_headline_kpi"]:
            continue
        for kinds, label in (
            (("ministry", "ministry_level"), GROUPS["ministry"]),
            (("province",), GROUPS["province"]),
        ):
            judged = [
                row
                for row in facts.gaps
                if row["kpi_code"] == code and row["agency_kind"] in kinds and row["status"]
            ]
            if any(has_value(row) for row in judged):
                rows.append((kpi["kpi_name_vi"], label, *_counts(judged)))
    if rows:
        yield Table(
            (
                Column("Chỉ số", 8),
                Column("Nhóm", 6),
                Column("Đạt", 3, "right"),
                Column("Đúng tiến độ", 3, "right"),
                Column("Chậm tiến độ", 3, "right"),
                Column("Không đạt", 3, "right"),
                Column("Chưa đủ cơ sở, chưa có số liệu", 5, "right"),
            ),
            tuple(rows),
            caption=numbering.table("Số cơ quan theo trạng thái thực hiện chỉ tiêu"),
            note="Đơn vị tính: cơ quan.",
        )


def _counts(judged: list[Row]) -> tuple[str, ...]:
    statuses = [row["status"] for row in judged]
    counts = [statuses.count(code) for code in ("met", "on_track", "behind", "missed")]
    counts.append(statuses.count("no_data") + statuses.count("insufficient"))
    return tuple(number(count) for count in counts)


def _rankings(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    yield Heading("III. CƠ QUAN CÓ KẾT QUẢ CAO NHẤT, THẤP NHẤT")
    numbering.new_part()
    blocks = [
        block
        for code, kpi in facts.kpis.items()
        if kpi["is_headline_kpi"]
        for block in ranking_of(facts, code, numbering)
    ]
    yield from blocks or [Paragraph.of("Chưa có cơ quan nào đủ số liệu để xếp hạng.")]


def _rows_named(facts: Facts, calls: list[Call]) -> list[Row]:
    """The rows behind every value in the brief, by indicator, the nation's first."""
    named_ids = {row["gap_key"] for row in facts.national}
    for code in facts.kpis:
        for group in GROUPS:
            for side in highest_and_lowest(facts.ranked(code, group), group):
                named_ids |= {
                    (gap := facts.gap_of(code, row["agency_id"])) and gap["gap_key"] for row in side
                }
    named_ids |= {row["gap_key"] for call in calls[:CALLS_SHOWN] for row in call.gaps}
    headline = [row for row in facts.gaps if row["is_headline_kpi"] and row["status"] in ("behind", "missed")]
    named_ids |= {row["gap_key"] for row in headline if row["agency_kind"] not in ("collective", "unit")}
    return [row for row in facts.gaps if row["gap_key"] in named_ids]
