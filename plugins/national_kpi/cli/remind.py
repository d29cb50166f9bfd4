"""`kpi remind` and `kpi mail`: telling agencies what they still owe, and what became of the mail."""

from collections import Counter
from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief.letters import draft_letters
from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.clock import now
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.outbox import send_queued
from national_kpi.cycle.reminder_files import write_reminders
from national_kpi.cycle.reminders import remind, still_owed
from national_kpi.cycle.unit_reminders import news_of_reports
from national_kpi.ledger.cycle import Message
from national_kpi.ledger.session import migrate, one_at_a_time
from national_kpi.settings import Settings

OWED_COLUMNS = ("agency_code", "agency_name", "form_code", "period_code", "due_on", "stage_code", "addressee")
MAIL_COLUMNS = ("message_id", "recipient", "subject", "state", "sent_at", "trouble")
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")]


@app.command(name="remind")
def remind_command(
    agency: Annotated[str | None, typer.Option("--agency", help="This agency only, such as G13.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show who would be reminded.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell agencies which reports they still owe, as the DAG `reminders` does every working day.

    A focal point is told which reports of its units wait for it, a unit which one came back.
    What was told today is not told again; on a day off nobody is told anything.
    """
    ctx, moment = CycleContext.of(Settings()), now()
    migrate(ctx.engine)
    with one_at_a_time(ctx.engine) as session:
        open_periods(session, ctx.catalogue, moment)
        rows: list[dict[str, Any]] = [
            {
                "agency_code": one.holder.agency_code,
                "agency_name": one.holder.name_vi,
                "form_code": one.status.form_code,
                "period_code": one.status.period_code,
                "due_on": one.due_on,
                "stage_code": one.stage.stage_code,
                "addressee": one.stage.addressee,
            }
            for one in still_owed(session, ctx.catalogue, moment)
        ]
        rows += [
            {
                "agency_code": holder.agency_code,
                "agency_name": holder.name_vi,
                "form_code": item["form_code"],
                "period_code": item["period_code"],
                "due_on": item["closes_on"],
                "stage_code": note.stage_code,
                "addressee": "officer",
            }
            for holder, news in news_of_reports(session, ctx.paths.home, ctx.catalogue, moment)
            for item, note in zip(news.waiting + news.returned, news.told, strict=True)
        ]
    rows = [row for row in rows if agency in (None, row["agency_code"])]
    if not preview:
        told = {one.agency_code for one in remind(ctx, moment, agency_code=agency)}
        rows = [row for row in rows if row["agency_code"] in told]
        _deliver(ctx, moment.date())
    show(rows, OWED_COLUMNS, as_json=as_json, title="Reports still owed")


def _deliver(ctx: CycleContext, today: date) -> None:
    write_reminders(ctx, today)
    draft_letters(ctx, today)
    if ctx.sends_mail and (trouble := send_queued(ctx, now).trouble):
        typer.echo(f"kpi: mail waits: {trouble}", err=True)


@app.command()
def mail(
    state: Annotated[
        str | None, typer.Option("--state", help="queued, sent, refused or unconfirmed only.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the mail of the platform and what became of it."""
    ctx = CycleContext.of(Settings())
    migrate(ctx.engine)
    chosen = select(Message).order_by(Message.queued_at, Message.message_id)
    with Session(ctx.engine) as session:
        found = session.scalars(chosen.where(Message.state == state) if state else chosen)
        rows = [{name: getattr(one, name) for name in (*MAIL_COLUMNS, "queued_at")} for one in found]
    show(rows, MAIL_COLUMNS, as_json=as_json, title=f"Mail: {dict(Counter(row['state'] for row in rows))}")
