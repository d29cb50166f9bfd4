"""The highest and the lowest of each indicator, as tables and charts."""

from collections.abc import Iterator

from national_kpi.brief.extremes import highest_and_lowest
from national_kpi.brief.facts import GROUPS, Facts, Row
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import TONES, name_of
from national_kpi.documents import Bar, BarChart, Block, Cell, Column, Heading, Paragraph, Table
from national_kpi.documents.wording import NO_BREAK, capital, unbroken

COLUMNS = (
    Column("Hạng", 2, "center"),
    Column("Cơ quan", 12),
    Column("Kết quả", 5, "right"),
    Column("So với chỉ tiêu", 5, "center"),
)


def ranking_of(facts: Facts, kpi_code: str, numbering: Numbering, *, level: int) -> Iterator[Block]:
    """The heading, coverage, table and chart of one indicator; nothing where nobody is ranked.

    Args:
        facts: what the brief rests on.
        kpi_code: the indicator.
        numbering: counts headings, tables and charts of the document.
        level: 2 in the body, where there is a chart too; 3 in an annex.
    """
    groups = [(group, facts.ranked(kpi_code, group)) for group in GROUPS]
    groups = [(group, ranking) for group, ranking in groups if ranking]
    if not groups:
        return
    name = facts.kpis[kpi_code]["kpi_name_vi"]
    yield Heading(f"{numbering.section()}. {name}", 2 if level == 2 else 3)
    coverage = "; ".join(f"{unbroken(ranking[0]['coverage_vi'])}" for _, ranking in groups)
    yield Paragraph.of(
        f"Xếp hạng trong số cơ quan có số liệu đủ điều kiện so sánh: {coverage}."
        " Cơ quan chưa có số liệu không được xếp hạng."
    )
    shown = [(group, *highest_and_lowest(ranking, group)) for group, ranking in groups]
    rows: list[tuple[Cell | str, ...]] = []
    for group, highest, lowest in shown:
        for side, label in ((highest, "cao nhất"), (lowest, "thấp nhất")):
            if side:
                rows.append(("", Cell(f"{GROUPS[group]}: {label}", is_bold=True), "", ""))
                rows += [_row(facts, row) for row in side]
    yield Table(COLUMNS, tuple(rows), caption=numbering.table(f"{name}: cao nhất và thấp nhất"))
    everybody = [row for _, highest, lowest in shown for row in (*highest, *lowest)]
    if level == 2 and len(everybody) > 1:
        yield _chart(facts, kpi_code, everybody, numbering)


def _row(facts: Facts, row: Row) -> tuple[Cell | str, ...]:
    gap = facts.gap_of(row["kpi_code"], row["agency_id"])
    judged = gap is not None and gap["status"]
    status = Cell(gap["status_vi"], TONES[gap["status"]]) if gap and judged else Cell("Không có chỉ tiêu")
    return (str(row["rank"]), name_of(row), _value(row), status)


def _value(row: Row) -> str:
    text: str = row["value_text_vi"]
    return unbroken(text) if row["unit"] == "%" else f"{text}{NO_BREAK}{row['unit']}"


def _chart(facts: Facts, kpi_code: str, rows: list[Row], numbering: Numbering) -> BarChart:
    kpi = facts.kpis[kpi_code]
    bars = []
    targets = set()
    for row in rows:
        gap = facts.gap_of(kpi_code, row["agency_id"])
        bars.append(Bar(name_of(row), row["value"], _value(row), TONES.get((gap or {}).get("status") or "")))
        if gap and gap["target_value"] is not None:
            targets.add((gap["target_value"], gap["target_text_vi"]))
    same = next(iter(targets)) if len(targets) == 1 else (None, "")
    described = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return BarChart(
        bars=tuple(bars),
        caption=numbering.chart(f"{kpi['kpi_name_vi']} của các cơ quan cao nhất và thấp nhất"),
        description=f"{kpi['kpi_name_vi']}: {described}.",
        axis=f"{capital(kpi['kpi_name_vi'])} ({kpi['unit']})",
        target=same[0],
        target_text=f"Chỉ tiêu {unbroken(same[1])}" if same[0] is not None else "",
    )
