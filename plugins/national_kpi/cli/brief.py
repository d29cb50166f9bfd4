"""`kpi brief`: the task force's report to the Prime Minister, or its dossier for a working session."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson, AsOf, OnePeriod, check_codes, platform
from national_kpi.clock import now
from national_kpi.ledger.audit import PLATFORM
from national_kpi.periods import parse_period
from national_kpi.warehouse import queries
from national_kpi.warehouse.asked import database_for

COLUMNS = ("issue_id", "is_new", "docx", "pdf")


class Kind(StrEnum):
    """Occasions on which the task force reports."""

    MONTHLY = "monthly"
    HALF_YEARLY = "half_yearly"
    ON_DEMAND = "on_demand"


@app.command()
def brief(
    as_of: AsOf = None,
    period: OnePeriod = None,
    kind: Annotated[Kind, typer.Option(help="Which brief it is compared with: the last of its kind.")] = (
        Kind.ON_DEMAND
    ),
    agencies: Annotated[
        str | None,
        typer.Option(help="A dossier for a working session with these: codes, with commas between."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; KPI_HOME/briefs by default.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who issues it, for the audit.")] = PLATFORM,
    as_json: AsJson = False,
) -> None:
    """Issue a brief in Vietnamese, as .docx and .pdf, and note it in the ledger.

    Without a period: the latest one of which headline indicators are known. Asked for again, it is the same
    issue.

    Exit status 0: it is issued; 2: nothing is known of the period or of an agency, or a code nobody knows.
    """
    from national_kpi.brief.facts import usual_period  # these load what draws and sets documents,
    from national_kpi.brief.issue import BriefRequest, issue_brief  # which other commands need not wait for

    _, paths, engine = platform()
    moment = now()
    day = as_of.date() if as_of else None
    code = parse_period(period).code if period else None
    database = database_for(paths, engine, as_of=day, period_code=code, now=moment)
    codes = tuple(part.strip() for part in agencies.split(",") if part.strip()) if agencies else ()
    for agency in codes:
        check_codes(database, agency=agency)
    day = day or queries.looks_from(database)
    request = BriefRequest(kind.value, day, code or usual_period(database, day), codes)
    issued = issue_brief(engine, database, request, folder=output or paths.briefs, actor=by, now=moment)
    rows = [
        {
            "issue_id": issued.issue_id, "is_new": issued.is_new, "kind": kind.value, "as_of": day,
            "period_code": request.period_code, "agency_codes": list(codes),
            "content_sha256": issued.content_sha256, "docx": str(issued.files[0]), "pdf":
            str(issued.files[1]),
        }
    ]  # fmt: skip
    show(rows, COLUMNS, as_json=as_json, title="Brief")
