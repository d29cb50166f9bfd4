"""The dossier for a working session: each agency's figures on one page, its milestones on the next."""

from collections.abc import Iterator, Sequence

from national_kpi.brief.facts import Facts, Row, has_value
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import (
    gap_in_units,
    name_of,
    period_in_sentence,
    points,
    status_cell,
    target_of,
    with_unit,
)
from national_kpi.documents import (
    Block,
    BulletList,
    Cell,
    Column,
    Heading,
    Letterhead,
    NewPage,
    OfficialDocument,
    Paragraph,
    Table,
    Title,
)
from national_kpi.documents.wording import PLACE, TASK_FORCE, day, listed, number
from national_kpi.errors import BriefError

GAPS_SHOWN = 12
MILESTONES_SHOWN = 7
REPORTS_SHOWN = 5
TEXT_SHOWN = 160
URGENCY = ("missed", "behind", "insufficient", "no_data", "on_track", "met")


def compose_dossier(facts: Facts, agency_codes: Sequence[str]) -> OfficialDocument:
    """The dossier, without its issue stamp: a cover, then two pages an agency, in the order asked for.

    Args:
        facts: what it rests on.
        agency_codes: whose dossier.

    Raises:
        BriefError: nothing is known of one of the agencies.
    """
    numbering = Numbering()
    agencies = [_agency(facts, code) for code in agency_codes]
    period = period_in_sentence(facts.period)
    return OfficialDocument(
        name=f"Tài liệu làm việc của {TASK_FORCE}, {period}",
        letterhead=Letterhead(issuer=TASK_FORCE, number="Số:        /TCT", place=PLACE, day=facts.as_of),
        title=Title(
            "TÀI LIỆU",
            f"Phục vụ buổi làm việc của {TASK_FORCE}\nvới {listed([name_of(agency) for agency in agencies])}",
        ),
        body=(
            Paragraph.of(
                f"Tài liệu nêu kết quả thực hiện chỉ tiêu {period}, nhiệm vụ được giao, khó khăn,"
                f" vướng mắc và kiến"
                f" nghị của từng cơ quan, theo số liệu đã nhận và đã công bố đến hết ngày {day(facts.as_of)}."
            ),
            _overview(facts, agencies, numbering),
            *(block for agency in agencies for block in _pages(facts, agency, numbering)),
        ),
    )


def _agency(facts: Facts, code: str) -> Row:
    rows = (*facts.gaps, *facts.milestones, *facts.obligations)
    found = next((row for row in rows if row["agency_code"] == code), None)
    if found is None:
        raise BriefError(
            f"nothing is known of the agency {code} in {facts.period['period_code']}",
            where="--agencies",
            remedy="`kpi gaps --agency` shows for which periods there are figures or targets",
        )
    return found


def _overview(facts: Facts, agencies: Sequence[Row], numbering: Numbering) -> Table:
    rows = []
    for agency in agencies:
        statuses = [row["status"] for row in _gaps(facts, agency) if row["status"]]
        overdue = sum(bool(row["is_overdue"]) for row in _milestones(facts, agency))
        rows.append(
            (
                name_of(agency),
                number(statuses.count("met")),
                number(statuses.count("behind") + statuses.count("missed")),
                number(statuses.count("no_data")),
                number(overdue),
                number(len(_missing(facts, agency))),
            )
        )
    return Table(
        (
            Column("Cơ quan", 8),
            Column("Chỉ tiêu đạt", 3, "right"),
            Column("Chỉ tiêu chậm, không đạt", 4, "right"),
            Column("Chỉ tiêu chưa có số liệu", 4, "right"),
            Column("Nhiệm vụ quá hạn", 4, "right"),
            Column("Báo cáo còn thiếu", 4, "right"),
        ),
        tuple(rows),
        caption=numbering.table("Tổng hợp các cơ quan"),
    )


def _pages(facts: Facts, agency: Row, numbering: Numbering) -> Iterator[Block]:
    name = name_of(agency)
    yield NewPage()
    yield Heading(f"{name.upper()}")
    yield Heading("1. Kết quả so với chỉ tiêu", 2)
    gaps = _gaps(facts, agency)
    if gaps:
        yield _gaps_table(gaps, name, numbering)
    else:
        yield Paragraph.of("Không có chỉ tiêu nào áp dụng trong kỳ này.")
    yield from _ranks(facts, agency)
    yield NewPage()
    yield Heading(f"{name.upper()} (tiếp theo)")
    yield Heading("2. Nhiệm vụ, khó khăn, vướng mắc và kiến nghị", 2)
    milestones = _milestones(facts, agency)
    if milestones:
        yield _milestones_table(milestones, name, numbering)
    else:
        yield Paragraph.of("Không có nhiệm vụ nào được giao cơ quan này.")
    yield Heading("3. Báo cáo còn thiếu và lưu ý về số liệu", 2)
    yield BulletList.of(*_reports(facts, agency))


def _gaps(facts: Facts, agency: Row) -> list[Row]:
    rows = [
        row
        for row in facts.gaps
        if row["agency_id"] == agency["agency_id"] and (has_value(row) or row["target_id"])
    ]
    return sorted(
        rows,
        key=lambda row: (
            not row["is_headline_kpi"],
            URGENCY.index(row["status"]) if row["status"] in URGENCY else len(URGENCY),
            row["sort_order"],
        ),
    )


def _milestones(facts: Facts, agency: Row) -> list[Row]:
    return [row for row in facts.milestones if row["agency_id"] == agency["agency_id"]]


def _missing(facts: Facts, agency: Row) -> list[Row]:
    return [
        row
        for row in facts.obligations
        if row["agency_id"] == agency["agency_id"] and row["state"] == "missing"
    ]


def _gaps_table(gaps: Sequence[Row], name: str, numbering: Numbering) -> Table:
    rest = len(gaps) - GAPS_SHOWN
    return Table(
        (
            Column("Chỉ số", 9),
            Column("Kết quả", 4, "right"),
            Column("Chỉ tiêu", 3, "center"),
            Column("Chênh lệch (điểm %)", 4, "right"),
            Column("Theo số lượng", 6),
            Column("Trạng thái", 4, "center"),
        ),
        tuple(
            (
                Cell(row["kpi_name_vi"], is_bold=row["is_headline_kpi"]),
                with_unit(row) if has_value(row) else "–",
                target_of(row),
                points(row["gap_pp"]),
                gap_in_units(row),
                status_cell(row),
            )
            for row in gaps[:GAPS_SHOWN]
        ),
        caption=numbering.table(f"{name}: kết quả so với chỉ tiêu"),
        note="Chỉ số in đậm là chỉ số chủ yếu."
        + (f" Còn {number(rest)} chỉ số khác, xem bảng theo dõi." if rest > 0 else ""),
    )


def _ranks(facts: Facts, agency: Row) -> Iterator[Block]:
    ranks = [
        f"{row['kpi_name_vi']}: hạng {row['rank']},"
        f" {row['scope_note_vi'][:1].lower()}{row['scope_note_vi'][1:]}"
        for row in facts.ranks
        if row["agency_id"] == agency["agency_id"] and row["is_headline_kpi"]
    ]
    if ranks:
        yield Paragraph.of("Xếp hạng các chỉ số chủ yếu:")
        yield BulletList.of(*(f"{rank.rstrip('.')}." for rank in ranks))


def _milestones_table(milestones: Sequence[Row], name: str, numbering: Numbering) -> Table:
    rest = len(milestones) - MILESTONES_SHOWN
    return Table(
        (
            Column("Nhiệm vụ", 9),
            Column("Thời hạn", 4, "center"),
            Column("Tình trạng", 5),
            Column("Khó khăn, vướng mắc", 7),
            Column("Kiến nghị, đề xuất", 7),
        ),
        tuple(
            (
                _cut(row["milestone_name_vi"]),
                day(row["due_on"]) if row["due_on"] else "Không nêu",
                Cell(f"{row['state_vi']}. {row['timing_vi']}", "missed" if row["is_overdue"] else None),
                _cut(row["obstacle_vi"] or "Chưa nêu"),
                _cut(row["proposal_vi"] or "Chưa nêu"),
            )
            for row in milestones[:MILESTONES_SHOWN]
        ),
        caption=numbering.table(f"{name}: nhiệm vụ được giao"),
        note=f"Còn {number(rest)} nhiệm vụ khác, xem bảng theo dõi." if rest > 0 else "",
    )


def _reports(facts: Facts, agency: Row) -> list[str]:
    missing = _missing(facts, agency)
    items = [
        f"Báo cáo “{row['form_name_vi']}” kỳ {row['period_code']} quá hạn {number(row['days_late'])}"
        f" ngày, chưa nộp."
        for row in sorted(missing, key=lambda row: -(row["days_late"] or 0))[:REPORTS_SHOWN]
    ]
    if len(missing) > REPORTS_SHOWN:
        items.append(f"Còn {number(len(missing) - REPORTS_SHOWN)} báo cáo khác chưa nộp.")
    doubts = [row for row in facts.findings if row["agency_code"] == agency["agency_code"]]
    items.append(
        f"{number(len(doubts))} phát hiện về chất lượng số liệu của kỳ đang chờ cơ quan giải trình."
        if doubts
        else "Không có phát hiện nào về chất lượng số liệu của kỳ đang chờ giải trình."
    )
    return items if missing else ["Không còn báo cáo nào quá hạn chưa nộp.", *items]


def _cut(text: str) -> str:
    """A text that leaves room for the others on the page."""
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN].rsplit(' ', 1)[0]}…"
