"""`kpi session`: working sessions of the task force, and the tasks their conclusions gave."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.cli import app
from national_kpi.cli.output import show
from national_kpi.cli.snapshot import AsJson
from national_kpi.clock import now
from national_kpi.cycle.conclusion_rows import one_conclusion, read_conclusions
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.minutes import SEE_RECORDED, Minutes
from national_kpi.cycle.outbox import send_queued
from national_kpi.cycle.task_notices import write_task_notices
from national_kpi.cycle.working_sessions import record_session, withdraw_conclusion
from national_kpi.errors import CycleError
from national_kpi.ledger.cycle import WorkingSession
from national_kpi.ledger.session import migrate
from national_kpi.settings import Settings
from national_kpi.tasks import GivenTask, read_tasks

session_app = typer.Typer(no_args_is_help=True, help="Working sessions of the task force, and their tasks.")
app.add_typer(session_app, name="session")

SESSION_COLUMNS = (
    "session_id", "held_on", "chair", "agency_codes", "legal_basis", "conclusions", "in_force", "recorded_by",
    "recorded_at",
)  # fmt: skip
TASK_COLUMNS = ("code", "task", "owners", "responsible", "deadline", "amends", "state")
IN_FORCE = "in force"

Author = Annotated[str, typer.Option("--by", help="Who answers for it.")]


@session_app.command()
def record(
    held_on: Annotated[datetime, typer.Option("--held-on", formats=["%Y-%m-%d"], help="The session's day.")],
    chair: Annotated[str, typer.Option("--chair", help="Who chaired it.")],
    agencies: Annotated[str, typer.Option("--agencies", help="Who took part: codes, with commas between.")],
    basis: Annotated[
        str, typer.Option("--basis", help="The document with the conclusions, by number and day.")
    ],
    by: Author,
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV with agency_code,task,deadline,responsible,amends."
        ),
    ] = None,
    task: Annotated[str | None, typer.Option("--task", help="One thing to do, instead of a file.")] = None,
    deadline: Annotated[str | None, typer.Option("--deadline", help="By when, such as 31/12/2026.")] = None,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="Whose task it is, by code; may be given again.")
    ] = None,
    responsible: Annotated[
        str | None, typer.Option("--responsible", help="Who sees to it, in words; by default the owners.")
    ] = None,
    amends: Annotated[
        str | None, typer.Option("--amends", help="The earlier conclusion it replaces, such as TCT-001-02.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record a session; its conclusions become tasks, of which the agencies are told.

    A conclusion without owners is for all agencies that took part, or, if it amends another, for those that
    have that one. The same given again is recorded once.
    """
    typed = (task, deadline, owner or (), responsible, amends)
    if any(typed) if file else task is None:
        raise typer.BadParameter(
            "give either a file or --task, and what belongs to the task beside --task only", param_hint="FILE"
        )
    conclusions = read_conclusions(file) if file else one_conclusion(*typed)
    codes = tuple(code.strip() for code in agencies.split(",") if code.strip())
    minutes = Minutes(held_on.date(), chair, codes, basis, conclusions, str(file or ""))
    ctx, moment = _context(), now()
    recorded = record_session(ctx, minutes, recorded_by=by, now=moment)
    if not recorded.is_new:
        typer.echo(f"kpi: recorded before, as session {recorded.session_id}: nothing was added", err=True)
    _deliver(ctx, moment)
    _show(ctx, recorded.session_id, as_json=as_json)


@session_app.command(name="list")
def list_command(as_json: AsJson = False) -> None:
    """Show every session that was recorded, and how many of its conclusions hold."""
    with Session(_context().engine) as session:
        tasks = read_tasks(session)
        held = session.scalars(select(WorkingSession).order_by(WorkingSession.session_id)).all()
    rows = []
    for one in held:
        states = [_state(task, tasks) for task in tasks if task.session_id == one.session_id]
        rows.append(
            {name: getattr(one, name) for name in SESSION_COLUMNS if hasattr(one, name)}
            | {"conclusions": len(states), "in_force": states.count(IN_FORCE)}
        )
    show(rows, SESSION_COLUMNS, as_json=as_json, title="Working sessions")


@session_app.command(name="show")
def show_command(
    session_id: Annotated[int, typer.Argument(help="Number of the session.")], as_json: AsJson = False
) -> None:
    """Show the conclusions of a session: whose they are, by when, and whether they hold."""
    _show(_context(), session_id, as_json=as_json)


@session_app.command()
def withdraw(
    code: Annotated[str, typer.Argument(help="Code of the conclusion, such as TCT-001-02.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the agencies are told.")],
    by: Author,
    as_json: AsJson = False,
) -> None:
    """Let a conclusion hold no longer, from today on; the one it had replaced holds again."""
    ctx, moment = _context(), now()
    session_id = withdraw_conclusion(ctx, code, reason=reason, author=by, now=moment).session_id
    _deliver(ctx, moment)
    _show(ctx, session_id, as_json=as_json)


def _context() -> CycleContext:
    ctx = CycleContext.of(Settings())
    migrate(ctx.engine)
    return ctx


def _deliver(ctx: CycleContext, moment: datetime) -> None:
    write_task_notices(ctx, moment.date())
    if ctx.sends_mail and (trouble := send_queued(ctx, now).trouble):
        typer.echo(f"kpi: mail waits: {trouble}", err=True)
    typer.echo("Readers see it after the next `kpi build` and `kpi publish`.", err=True)


def _show(ctx: CycleContext, session_id: int, *, as_json: bool) -> None:
    with Session(ctx.engine) as session:
        tasks = read_tasks(session)
    rows = [
        {
            "code": task.code,
            "task": task.name_vi,
            "owners": ", ".join(agency_id.partition("@")[0] for agency_id in task.agency_ids),
            "agency_ids": task.agency_ids,
            "responsible": task.responsible_vi,
            "deadline": task.deadline,
            "amends": task.amends,
            "state": _state(task, tasks),
            "held_on": task.held_on,
            "legal_basis": task.legal_basis,
            "withdrawn_because": task.withdrawn_because,
        }
        for task in tasks
        if task.session_id == session_id
    ]
    if not rows:
        raise CycleError(f"there is no session {session_id}", remedy=SEE_RECORDED)
    show(rows, TASK_COLUMNS, as_json=as_json, title=f"Session {session_id}")


def _state(task: GivenTask, tasks: Iterable[GivenTask]) -> str:
    if task.withdrawn_at:
        return f"withdrawn on {task.withdrawn_at:%Y-%m-%d}"
    later = (one.code for one in tasks if one.amends == task.code and not one.withdrawn_at)
    return next((f"replaced by {code}" for code in later), IN_FORCE)
