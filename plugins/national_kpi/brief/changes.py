"""What a brief leaves for the next one to compare with, and the comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from national_kpi.brief.facts import Facts, has_value
from national_kpi.brief.phrases import period_in_sentence, with_unit

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """What is different from the last brief.

    Attributes:
        national: indicator, then and now, as text.
        reached: agencies that meet a target now and did not then, with the indicator.
        lost: the other way round.
        done: milestones that are no longer overdue.
        overdue: milestones that have become overdue.
    """

    national: tuple[tuple[str, str, str], ...]
    reached: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]
    done: tuple[str, ...]
    overdue: tuple[str, ...]


def body_of(facts: Facts) -> dict[str, Any]:
    """What the next brief of the same kind is compared with.

    Args:
        facts: what this one rests on.
    """
    statuses: dict[str, dict[str, str]] = {}
    for row in facts.gaps:
        if row["is_headline_kpi"] and row["status"] and row["agency_kind"] != "collective":
            statuses.setdefault(row["kpi_code"], {})[row["agency_name_vi"]] = row["status"]
    return {
        "as_of": facts.as_of.isoformat(),
        "period_code": facts.period["period_code"],
        "period_name": period_in_sentence(facts.period),
        "national": {row["kpi_code"]: with_unit(row) for row in facts.national if has_value(row)},
        "statuses": statuses,
        "overdue": sorted(
            f"{row['agency_name_vi']}: {row['milestone_name_vi']}"
            for row in facts.milestones
            if row["is_overdue"]
        ),
    }


def compare(before: Body, after: Body, facts: Facts) -> Changes:
    """What has changed between two briefs.

    Args:
        before: the body of the last brief.
        after: the body of this one.
        facts: what this one rests on, for the names of indicators.
    """
    names = {code: row["kpi_name_vi"] for code, row in facts.kpis.items()}
    national = [
        (names.get(code, code), before["national"].get(code, "chưa có số liệu"), text)
        for code, text in after["national"].items()
    ]
    reached, lost = [], []
    for code, statuses in after["statuses"].items():
        earlier = before["statuses"].get(code, {})
        for agency, status in sorted(statuses.items()):
            was = earlier.get(agency)
            if was is None or (was == "met") == (status == "met"):
                continue
            if status == "met":
                reached.append((agency, names[code]))
            elif status in ("behind", "missed"):
                lost.append((agency, names[code]))
    then, now = set(before["overdue"]), set(after["overdue"])
    return Changes(
        tuple(national), tuple(reached), tuple(lost), tuple(sorted(then - now)), tuple(sorted(now - then))
    )
