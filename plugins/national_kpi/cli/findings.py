"""`kpi findings`: doubts about what was reported, and what is decided about them."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson, OneAgency, OnePeriod, check_codes, platform, published
from national_kpi.clock import now
from national_kpi.warehouse import queries
from national_kpi.warehouse.finding_decisions import Decision, decide

FINDING_COLUMNS = (
    "key", "severity", "state", "age_days", "rule_id", "agency_code", "period_code", "file_name", "sheet",
    "cell", "found", "expected", "message",
)  # fmt: skip
DECISION_COLUMNS = (
    "key", "rule_id", "agency_code", "period_code", "decision", "reason", "author", "decided_on",
    "expires_on",
)  # fmt: skip
SHOWN_KEY = 10

findings_app = typer.Typer(help="Doubts about what was reported, and what is decided about them.")
app.add_typer(findings_app, name="findings")


class State(StrEnum):
    """What became of a finding."""

    OPEN = "open"
    EXPLAINED = "explained"
    WAIVED = "waived"
    CLOSED = "closed"


FindingKey = Annotated[str, typer.Argument(help="The finding's key, or its first characters.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for everybody who reads the finding.")]
Author = Annotated[str, typer.Option("--author", help="Who answers for it.")]
_UNTIL_HELP = "The last day on which it holds; then the finding is open again."
Until = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help=_UNTIL_HELP)]
MaybeUntil = Annotated[
    datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help=f"{_UNTIL_HELP} No end by default.")
]


@findings_app.callback(invoke_without_command=True)
def findings(
    context: typer.Context,
    agency: OneAgency = None,
    period: OnePeriod = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Of one rule only, such as MODEL-03.")] = None,
    state: Annotated[
        State | None, typer.Option("--state", help="Of one state only; all but closed ones by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show doubts about what was reported; explain or waive one."""
    if context.invoked_subcommand:
        return
    database = published()
    check_codes(database, agency=agency, period=period, rule=rule)
    rows = queries.findings(
        database, agency_code=agency, period_code=period, rule_id=rule, state=state.value if state else None
    )
    _show(rows, FINDING_COLUMNS, as_json=as_json, title="Findings")


@findings_app.command()
def waive(key: FindingKey, reason: Reason, author: Author, until: Until, as_json: AsJson = False) -> None:
    """Let a finding rest until a day: it is known, and nobody need answer it."""
    _decide(key, Decision.WAIVED, reason, author, until.date(), as_json=as_json)


@findings_app.command()
def explain(
    key: FindingKey, reason: Reason, author: Author, until: MaybeUntil = None, as_json: AsJson = False
) -> None:
    """Write down why a finding is no error; what must be mended cannot be explained."""
    _decide(key, Decision.EXPLAINED, reason, author, until.date() if until else None, as_json=as_json)


@findings_app.command()
def withdraw(key: FindingKey, reason: Reason, author: Author, as_json: AsJson = False) -> None:
    """Take back what was decided about a finding."""
    _decide(key, Decision.WITHDRAWN, reason, author, None, as_json=as_json)


def _decide(
    key: str, decision: Decision, reason: str, author: str, until: date | None, *, as_json: bool
) -> None:
    _, _, engine = platform()
    kept = decide(engine, published(), key, decision, reason=reason, author=author, until=until, now=now())
    _show([kept], DECISION_COLUMNS, as_json=as_json, title="Decision")
    typer.echo("Readers see it after the next `kpi build` and `kpi publish`.", err=True)


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], *, as_json: bool, title: str) -> None:
    """A table shows as much of a key as tells findings apart."""
    shown: list[Mapping[str, Any]] = [
        row if as_json else row | {"key": row["finding_key"][:SHOWN_KEY]} for row in rows
    ]
    show(shown, columns, as_json=as_json, title=title)
