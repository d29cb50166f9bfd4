"""The highest and the lowest of each indicator, as tables and charts."""

from collections.abc import Iterator, Sequence

from national_kpi.brief.extremes import Place, highest_and_lowest, places_of
from national_kpi.brief.facts import GROUPS, NATION, Facts, Row, has_value
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import TONES, name_of, named, with_unit
from national_kpi.documents import Bar, BarChart, Block, Cell, Column, Heading, Paragraph, Table
from national_kpi.documents.model import Tone
from national_kpi.documents.wording import capital, number, unbroken

NAMES_TOGETHER = 4
FEWEST_DIFFERENT_BARS = 3
ENDS = ("cao nhất", "thấp nhất")


def ranking_of(facts: Facts, kpi_code: str, numbering: Numbering) -> Iterator[Block]:
    """Heading, coverage, table and chart of one indicator; nothing where nobody is ranked.

    Args:
        facts: what the brief rests on.
        kpi_code: the indicator.
        numbering: counts headings, tables and charts of the document.
    """
    groups = [(group, ranking) for group in GROUPS if (ranking := facts.ranked(kpi_code, group))]
    if not groups:
        return
    name = facts.kpis[kpi_code]["kpi_name_vi"]
    yield Heading(f"{numbering.section()}. {name}", 2)
    coverage = "; ".join(unbroken(ranking[0]["coverage_vi"]) for _, ranking in groups)
    yield Paragraph.of(
        f"Xếp hạng trong số cơ quan có số liệu đủ điều kiện so sánh: {coverage}."
        " Cơ quan chưa có số liệu không được xếp hạng."
    )
    ends = [
        (f"{GROUPS[group]}: {end}", places_of(side, group))
        for group, ranking in groups
        for end, side in zip(ENDS, highest_and_lowest(ranking, group), strict=True)
        if side
    ]
    yield _table(facts, ends, numbering.table(f"{name}: cao nhất và thấp nhất"))
    places = [place for _, side in ends for place in side]
    if len({place.rows[0]["value"] for place in places}) >= FEWEST_DIFFERENT_BARS:
        yield _chart(facts, kpi_code, places, numbering)


def other_rankings(facts: Facts, numbering: Numbering) -> Table | None:
    """Indicators that are no headline ones, a line for each group; None where nobody is ranked.

    Args:
        facts: what the brief rests on.
        numbering: counts the document's tables.
    """
    national = {row["kpi_code"]: row for row in facts.gaps if row["agency_code"] == NATION and has_value(row)}
    rows = []
    for code, kpi in facts.kpis.items():
        if kpi["is_headline_kpi"]:
            continue
        for group, label in GROUPS.items():
            if ranking := facts.ranked(code, group):
                sides = highest_and_lowest(ranking, group)
                rows.append(
                    (
                        kpi["kpi_name_vi"],
                        with_unit(national[code]) if code in national else "–",
                        f"{label} ({unbroken(ranking[0]['coverage_vi'].partition(' ')[0])})",
                        *(
                            "; ".join(_entry(place) for place in places_of(side, group)) or "–"
                            for side in sides
                        ),
                    )
                )
    if not rows:
        return None
    return Table(
        (
            Column("Chỉ số", 7),
            Column("Cả nước", 4, "right"),
            Column("Nhóm (số cơ quan được xếp hạng)", 5),
            Column("Cao nhất", 13),
            Column("Thấp nhất", 13),
        ),
        tuple(rows),
        caption=numbering.table("Kết quả cao nhất và thấp nhất của các chỉ số khác"),
        is_small=True,
    )


def _table(facts: Facts, ends: Sequence[tuple[str, list[Place]]], caption: str) -> Table:
    statuses = [_status(facts, place) for _, places in ends for place in places]
    judged = any(status.tone for status in statuses)
    empty = ("",) * (2 if judged else 1)
    rows: list[tuple[Cell | str, ...]] = []
    for label, places in ends:
        rows.append(("", Cell(label, is_bold=True), *empty))
        for place in places:
            status = (_status(facts, place),) if judged else ()
            rows.append((str(place.rank), _names(place), with_unit(place.rows[0]), *status))
    columns = [Column("Hạng", 2, "center"), Column("Cơ quan", 12), Column("Kết quả", 5, "right")]
    if judged:
        columns.append(Column("So với chỉ tiêu", 5, "center"))
    return Table(tuple(columns), tuple(rows), caption=caption)


def _names(place: Place) -> str:
    names = [name_of(row) for row in place.rows]
    if len(names) == 1:
        return names[0]
    return f"{number(len(names))} cơ quan đồng hạng: {named(names, NAMES_TOGETHER)}"


def _entry(place: Place) -> str:
    names = name_of(place.rows[0]) if len(place.rows) == 1 else f"{number(len(place.rows))} cơ quan đồng hạng"
    return f"{names} ({with_unit(place.rows[0])})"


def _gaps(facts: Facts, place: Place) -> list[Row]:
    found = (facts.gap_of(row["kpi_code"], row["agency_id"]) for row in place.rows)
    return [gap for gap in found if gap and gap["status"]]


def _status(facts: Facts, place: Place) -> Cell:
    statuses = {gap["status"]: gap["status_vi"] for gap in _gaps(facts, place)}
    if not statuses:
        return Cell("Không có chỉ tiêu")
    tone: Tone | None = TONES[next(iter(statuses))] if len(statuses) == 1 else None
    return Cell("; ".join(statuses.values()), tone)


def _chart(facts: Facts, kpi_code: str, places: Sequence[Place], numbering: Numbering) -> BarChart:
    kpi = facts.kpis[kpi_code]
    bars = []
    targets = set()
    for place in places:
        first = place.rows[0]
        label = name_of(first) if len(place.rows) == 1 else f"{number(len(place.rows))} cơ quan đồng hạng"
        bars.append(Bar(label, first["value"], with_unit(first), _status(facts, place).tone))
        targets |= {
            (gap["target_value"], gap["target_text_vi"])
            for gap in _gaps(facts, place)
            if gap["target_value"] is not None
        }
    target, text = next(iter(targets)) if len(targets) == 1 else (None, "")
    described = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return BarChart(
        bars=tuple(bars),
        caption=numbering.chart(f"{kpi['kpi_name_vi']}: cao nhất và thấp nhất"),
        description=f"{kpi['kpi_name_vi']}: {described}.",
        axis=f"{capital(kpi['kpi_name_vi'])} ({kpi['unit']})",
        target=target,
        target_text=f"Chỉ tiêu {unbroken(text)}" if text else "",
    )
