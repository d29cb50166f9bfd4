"""`kpi period`: closing, certifying, reopening and reverting reporting periods."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson, platform
from national_kpi.clock import in_hanoi, now
from national_kpi.cycle import certification
from national_kpi.cycle.closing import close_due_periods, list_periods
from national_kpi.cycle.notice_document import render_notices
from national_kpi.cycle.notices import issue_notices
from national_kpi.cycle.obligations import open_periods
from national_kpi.ledger.cycle import PeriodEvent, RestatementNotice
from national_kpi.ledger.session import one_at_a_time
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse.certified import verify_certified

period_app = typer.Typer(no_args_is_help=True, help="Reporting periods: closed, certified, reopened.")
app.add_typer(period_app, name="period")

PERIOD_COLUMNS = (
    "period_code", "closes_on", "state", "publication_id", "certified_at", "certified_by", "comment",
)  # fmt: skip
EVENT_COLUMNS = ("period_code", "kind", "publication_id", "author", "comment", "occurred_at")
NOTICE_COLUMNS = (
    "period_code", "number", "certified_id", "publication_id", "changes_count", "issued_at",
)  # fmt: skip
VERIFY_COLUMNS = ("period_code", "publication_id", "certified_on", "certified_by", "is_intact", "what")

PeriodCode = Annotated[str, typer.Argument(help="Which period, such as 2026-M08.")]
Author = Annotated[str, typer.Option("--author", help="Who answers for it.")]
Comment = Annotated[str, typer.Option("--comment", help="What readers are told with it; it is published.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@period_app.command(name="list")
def list_command(as_json: AsJson = False) -> None:
    """Show every period for which reports are owed, and where it stands."""
    _, _, engine = platform()
    moment = now()
    with one_at_a_time(engine) as session:
        open_periods(session, load_catalogue(CATALOGUE_DIR), moment)
        rows = list_periods(session, moment)
    show(rows, PERIOD_COLUMNS, as_json=as_json, title="Reporting periods")


@period_app.command()
def close(as_json: AsJson = False) -> None:
    """Close, as provisional, every period whose last day for reports has passed.

    One without a publication made after that day waits for it.
    """
    _, paths, engine = platform()
    _show(close_due_periods(paths, engine, now()), as_json=as_json)


@period_app.command()
def certify(
    period: PeriodCode,
    author: Author,
    comment: Comment,
    publication: Annotated[
        str | None,
        typer.Option(
            "--publication",
            help="With which publication; by default the provisional one, of a reopened period the newest.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the values of a closed period final; what changes later is told as a restatement."""
    _, paths, engine = platform()
    event = certification.certify(
        paths, engine, period, author=author, comment=comment, now=now(), publication_id=publication
    )
    _show([event], as_json=as_json, is_decided=True)


@period_app.command()
def reopen(period: PeriodCode, author: Author, reason: Reason, as_json: AsJson = False) -> None:
    """Let a certified period be certified anew."""
    _, _, engine = platform()
    event = certification.reopen(engine, period, author=author, reason=reason, now=now())
    _show([event], as_json=as_json, is_decided=True)


@period_app.command()
def revert(period: PeriodCode, author: Author, reason: Reason, as_json: AsJson = False) -> None:
    """Give up a reopening: the certification before it stands again."""
    _, _, engine = platform()
    event = certification.revert(engine, period, author=author, reason=reason, now=now())
    _show([event], as_json=as_json, is_decided=True)


@period_app.command()
def verify(as_json: AsJson = False) -> None:
    """Check that every certified snapshot and its values are as they were certified.

    Exit status 0: all are; 1: some are not, and what differs.
    """
    _, paths, engine = platform()
    with Session(engine) as session:
        rows = [asdict(one) for one in verify_certified(session, paths)]
    show(rows, VERIFY_COLUMNS, as_json=as_json, title="Certified periods")
    raise typer.Exit(0 if all(row["is_intact"] for row in rows) else 1)


@period_app.command()
def notices(as_json: AsJson = False) -> None:
    """Tell what the newest publication changed of certified values, and show all notices there are.

    The files lie in `notices/<period code>/` of the platform's home.
    """
    _, paths, engine = platform()
    issue_notices(paths, engine, now())
    render_notices(paths, engine)
    with Session(engine) as session:
        found = session.scalars(select(RestatementNotice).order_by(RestatementNotice.notice_id)).all()
    rows = [
        {
            "period_code": notice.period_code,
            "number": notice.body["number"],
            "certified_id": notice.certified_id,
            "publication_id": notice.publication_id,
            "changes_count": notice.changes_count,
            "issued_at": notice.issued_at,
            "changes": notice.body["changes"],
        }
        for notice in found
    ]
    show(rows, NOTICE_COLUMNS, as_json=as_json, title="Restatement notices")


def _show(events: list[PeriodEvent], *, as_json: bool, is_decided: bool = False) -> None:
    rows = [
        {name: getattr(event, name) for name in EVENT_COLUMNS} | {"occurred_at": in_hanoi(event.occurred_at)}
        for event in events
    ]
    show(rows, EVENT_COLUMNS, as_json=as_json, title="Reporting periods")
    if is_decided:
        typer.echo("Readers see it after the next `kpi build` and `kpi publish`.", err=True)
