"""The brief's part on how far its figures can be trusted: coverage, reports, doubts, state of the period."""

import re
from collections import Counter
from collections.abc import Iterator

from national_kpi.brief.facts import Facts, Row
from national_kpi.brief.numbering import Numbering
from national_kpi.brief.phrases import name_of, named
from national_kpi.documents import Block, BulletList, Heading
from national_kpi.documents.wording import capital, day, number, unbroken

FINDINGS_SHOWN = 5
TEXT_SHOWN = 220


def caveats_of(facts: Facts, numbering: Numbering) -> Iterator[Block]:
    """What a reader has to mind.

    Args:
        facts: what the brief rests on.
        numbering: counts the document's tables.
    """
    yield Heading("VII. LƯU Ý VỀ SỐ LIỆU")
    items = [
        f"Số liệu được nhận và công bố đến hết ngày {day(facts.as_of)}; số liệu gửi sau ngày này"
        f" không được tính."
    ]
    state = facts.period.get("state_vi")
    if state:
        items.append(f"Tình trạng kỳ số liệu: {state[:1].lower()}{state[1:]}.")
    items += [_coverage(facts, code) for code, kpi in facts.kpis.items() if kpi["is_headline_kpi"]]
    items += _reports(facts)
    items += _doubts(facts)
    yield BulletList.of(*(item for item in items if item))


def _coverage(facts: Facts, kpi_code: str) -> str:
    coverage = {row["coverage_vi"]: None for row in facts.ranks if row["kpi_code"] == kpi_code}
    if not coverage:
        return ""
    listed = unbroken("; ".join(coverage))
    return f"{facts.kpis[kpi_code]['kpi_name_vi']}: có số liệu đủ điều kiện xếp hạng của {listed}."


def _reports(facts: Facts) -> list[str]:
    """Reports owed for the period of the brief, or due while it lasted."""
    code = facts.period["period_code"]
    owed = [row for row in facts.obligations if row["period_code"] == code]
    if not owed:
        return []
    received = sum(bool(row["is_received"]) for row in owed)
    late = sum(row["state"] == "late" for row in owed)
    missing = dict.fromkeys(name_of(row) for row in owed if row["state"] == "missing")
    items = [
        f"Đã nhận {number(received)}/{number(len(owed))} báo cáo phải nộp của kỳ, trong đó"
        f" {number(late)} báo cáo"
        " nộp quá hạn."
    ]
    if missing:
        items.append(f"{number(len(missing))} cơ quan còn thiếu báo cáo: {named(list(missing))}.")
    return items


def _doubts(facts: Facts) -> list[str]:
    if not facts.findings:
        return ["Không có phát hiện nào về chất lượng số liệu của kỳ này đang chờ giải trình."]
    counted = Counter(row["severity_vi"] for row in facts.findings)
    counts = ", ".join(f"{number(count)} {label.lower()}" for label, count in counted.items())
    told = list(dict.fromkeys(_doubt(row) for row in facts.findings if row["severity"] != "info"))
    return [
        f"{number(len(facts.findings))} phát hiện về chất lượng số liệu của kỳ đang chờ giải trình"
        f" ({counts}).",
        *told[:FINDINGS_SHOWN],
    ]


def _doubt(row: Row) -> str:
    """Whose figures are in doubt and why, without the reckoning: `kpi findings` has it."""
    message = unbroken(capital(re.split(r"\. | \(trung vị", row["message_vi"])[0].rstrip(".")))
    if len(message) > TEXT_SHOWN:
        message = f"{message[:TEXT_SHOWN].rsplit(' ', 1)[0]} …"
    agency = f"{name_of(row)}: " if row["agency_name_vi"] and row["agency_name_vi"] not in message else ""
    return f"{agency}{message}."
