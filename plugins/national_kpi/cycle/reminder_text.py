"""A reminder in words: the same for the file in the agency's folder and for mail."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from national_kpi.catalogue import Catalogue

_TEMPLATES = Environment(
    loader=PackageLoader("national_kpi.cycle", ""),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - plain text
)
_TEMPLATES.filters["day"] = lambda day: f"{date.fromisoformat(day):%d/%m/%Y}"


def reminder_text(catalogue: Catalogue, body: Mapping[str, Any]) -> str:
    """What an agency is told.

    Args:
        catalogue: the stages, which say in what words.
        body: as the ledger keeps it.
    """
    stages = sorted(catalogue.reminder_stages, key=lambda stage: stage.working_days, reverse=True)
    groups = [
        (stage, [item for item in body["items"] if item["stage_code"] == stage.stage_code])
        for stage in stages
    ]
    found = [(stage, items) for stage, items in groups if items]
    return _TEMPLATES.get_template("nhac-bao-cao.txt.j2").render(body=body, groups=found)


def subject_of(catalogue: Catalogue, body: Mapping[str, Any]) -> str:
    """The subject line: the most urgent stage, and how many reports; else how many reports of units."""
    if not body["items"]:
        count = sum(len(body[listed]) for listed in ("returned", "waiting", "units_owed"))
        what = "Báo cáo bị trả lại" if body["returned"] else "Báo cáo của đơn vị trực thuộc"
        return f"[Báo cáo KPI] {what}: {count} báo cáo – {body['agency_name']}"
    stages = {stage.stage_code: stage for stage in catalogue.reminder_stages}
    urgent = max((stages[item["stage_code"]] for item in body["items"]), key=lambda stage: stage.working_days)
    return f"[Báo cáo KPI] {urgent.name_vi}: {len(body['items'])} báo cáo – {body['agency_name']}"
