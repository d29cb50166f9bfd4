"""A receipt as a page that people read on a phone and print on A4."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from national_kpi.intake.text import visible

Findings = Sequence[Mapping[str, Any]]

_HEADINGS = {
    "block": "Điểm bắt buộc sửa",
    "warn": "Điểm cần kiểm tra",
    "info": "Thông tin thêm",
    "explained": "Điểm đã giải trình",
}


@dataclass
class Rule:
    """The places where one rule is broken in the same words."""

    rule_id: str
    message: str
    mend: str
    places: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def has_places(self) -> bool:
        """Whether there is more to say than the rule's own words."""
        return any(place["sheet"] or place["found"] or place["expected"] for place in self.places)


@dataclass(frozen=True)
class Group:
    """Findings under one heading."""

    name: str
    heading: str
    rules: list[Rule]

    @property
    def count(self) -> int:
        """How many places it lists."""
        return sum(len(rule.places) for rule in self.rules)


def page_of(receipt: Mapping[str, Any]) -> str:
    """The page of a receipt, with its seal: one file without anything to fetch or run.

    Args:
        receipt: as `receipt.json` holds it. Receipts issued by earlier versions may lack fields.
    """
    return _template().render(
        receipt=receipt, groups=_groups(receipt["findings"]), left_out=_rows_left_out(receipt)
    )


@cache  # compiling it takes longer than filling it in
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("national_kpi.intake", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": _moment, "day": _day, "number": _number, "visible": visible}
    return environment.get_template("bien-nhan.html.j2")


def _groups(findings: Findings) -> list[Group]:
    """The findings gravest first; doubts that the agency has explained come last."""
    own: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _HEADINGS}
    for finding in findings:
        own["explained" if finding.get("explanation") else finding["severity"]].append(finding)
    return [Group(name, _HEADINGS[name], _by_rule(listed)) for name, listed in own.items() if listed]


def _by_rule(findings: Findings) -> list[Rule]:
    rules: dict[tuple[str, str, str], Rule] = {}
    for finding in findings:
        key = finding["rule_id"], finding["message"], finding["mend"]
        rules.setdefault(key, Rule(*key)).places.append(finding)
    return list(rules.values())


def _rows_left_out(receipt: Mapping[str, Any]) -> list[str]:
    """Where the rows lie that are not counted, in words: `Trang 1: dòng 7, 9`."""
    if receipt["outcome"] != "partly_accepted":
        return []
    rows: dict[str, set[int]] = {}
    for finding in receipt["findings"]:
        if finding["severity"] == "block" and finding["row_number"]:
            rows.setdefault(finding["sheet"] or "", set()).add(finding["row_number"])
    return [f"{visible(sheet)}: dòng {_listed(numbers)}" for sheet, numbers in rows.items()]


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers))


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%H:%M ngày %d/%m/%Y}"


def _day(text: str) -> str:
    return f"{datetime.fromisoformat(text):%d/%m/%Y}"


def _number(value: str | int) -> str:
    """A number as Vietnamese write it: `1.234.567,5`."""
    whole, _, decimals = str(value).partition(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole):,}".replace(",", ".") + (f",{decimals}" if decimals else "")
