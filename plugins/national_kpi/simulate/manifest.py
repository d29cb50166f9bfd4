"""The list of what was simulated, and what intake must make of it."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from national_kpi.catalogue import Catalogue
from national_kpi.intake.outcomes import Outcome
from national_kpi.simulate.report import Report

FILE_NAME = "manifest.json"


class PlantedError(BaseModel):
    """Something made wrong on purpose; `cell` as spreadsheets show it, `D7`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: str
    column_name: str | None
    cell: str | None


class Simulated(BaseModel):
    """One simulated file. `file` is relative to the home; rows and totals are those of an accepted file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    agency_code: str
    reported_by: str
    form_code: str
    period_code: str
    rows: int
    planted: tuple[PlantedError, ...]
    outcome: Outcome
    totals: dict[str, Decimal]


def outcome_expected(catalogue: Catalogue, report: Report) -> Outcome:
    """What intake must decide on a report with what was planted in it."""
    planted = report.planted
    if any(one.rule_id.startswith("READ-") for one in planted):
        return "quarantined"
    severities = {catalogue.rule(one.rule_id).severity for one in planted}
    if "block" in severities:
        blocked = {one.row for one in planted if catalogue.rule(one.rule_id).severity == "block"}
        keeps_part = report.form.accepts_partly and None not in blocked and len(blocked) < len(report.rows)
        return "partly_accepted" if keeps_part else "rejected"
    return "accepted_with_warnings" if "warn" in severities else "accepted"


def simulated(catalogue: Catalogue, report: Report, file: str, addresses: Sequence[str | None]) -> Simulated:
    """The entry of a report that was written.

    Args:
        catalogue: holds the rules.
        report: what was written, with what was planted.
        file: where, relative to the home.
        addresses: the cell of each thing planted.
    """
    return Simulated(
        file=file,
        agency_code=report.reporter.folder,
        reported_by=report.reporter.agency.agency_id,
        form_code=report.form.form_code,
        period_code=report.period.code,
        rows=len(report.rows),
        planted=tuple(
            PlantedError(rule_id=one.rule_id, column_name=one.column_name, cell=cell)
            for one, cell in zip(report.planted, addresses, strict=True)
        ),
        outcome=outcome_expected(catalogue, report),
        totals={name: Decimal(total) for name, total in report.totals.items()},
    )


def write_manifest(home: Path, entries: Iterable[Simulated]) -> None:
    """Write the list into a home; entries of an earlier simulation stay, but for files written again."""
    known = {entry.file: entry for entry in read_manifest(home)}
    known |= {entry.file: entry for entry in entries}
    rows = [known[file].model_dump(mode="json") for file in sorted(known)]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (home / FILE_NAME).write_text(f"{text}\n", encoding="utf-8")


def read_manifest(home: Path) -> tuple[Simulated, ...]:
    """The list of a home; empty when there is none."""
    file = home / FILE_NAME
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return tuple(Simulated.model_validate(row) for row in rows)
