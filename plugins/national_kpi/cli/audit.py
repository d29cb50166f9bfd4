"""`kpi audit`: who did what when, and whether that record is whole."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.ledger.audit import check_audit, newest_event
from national_kpi.ledger.cycle import AuditEvent
from national_kpi.ledger.session import check_ledger, ledger_url, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings

audit_app = typer.Typer(no_args_is_help=True, help="Who did what when: a record that only grows.")
app.add_typer(audit_app, name="audit")

COLUMNS = ("number", "occurred_at", "actor", "action", "subject", "details")
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]


@audit_app.command(name="list")
def list_events(
    action: Annotated[
        str | None, typer.Option("--action", help="One kind of act only, such as extend.")
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="What was done to this only.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="What this person or agency did only.")] = None,
    newest: Annotated[int, typer.Option("--newest", min=1, help="At most so many, the newest.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what was done, in the order in which it was done."""
    wanted = select(AuditEvent).order_by(AuditEvent.number.desc()).limit(newest)
    given = {AuditEvent.action: action, AuditEvent.subject: subject, AuditEvent.actor: actor}
    wanted = wanted.where(*(column == value for column, value in given.items() if value is not None))
    with _open() as session:
        events = session.scalars(wanted).all()
        names = (*COLUMNS, "sha256")
        rows = [{name: getattr(event, name) for name in names} for event in reversed(events)]
    show(rows, COLUMNS, as_json=as_json, title="Audit")


@audit_app.command()
def verify(
    expect: Annotated[
        str | None, typer.Option("--expect", help="A seal noted earlier, which must still be in the chain.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing was changed, left out or added since it was written down.

    Prints the seal of the newest event: note it elsewhere, and give it back with `--expect` to prove later
    that the record up to it is the same.

    Exit status 0: the record is whole; 1: it is not, and where.
    """
    with _open() as session:
        breaks = [asdict(one) for one in check_audit(session)]
        newest = newest_event(session)
        if expect and session.scalar(select(AuditEvent.number).where(AuditEvent.sha256 == expect)) is None:
            breaks.append({"number": None, "what": f"no event is sealed {expect}"})
    if breaks or as_json:
        show(breaks, ("number", "what"), as_json=as_json, title="The audit does not hold")
    elif newest is None:
        typer.echo("Nothing has been done yet.")
    else:
        typer.echo(f"{newest.number} events, whole. The newest is sealed {newest.sha256}.")
    raise typer.Exit(1 if breaks else 0)


def _open() -> Session:
    settings = Settings()
    engine = open_ledger(ledger_url(settings, Paths.of(settings)))
    check_ledger(engine)
    return Session(engine)
