"""Telling agencies which tasks a working session gave them, or took back, by file and by mail."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.orm import Session

from national_kpi.agencies import successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency
from national_kpi.clock import in_hanoi
from national_kpi.cycle.contacts import Contact
from national_kpi.cycle.context import CycleContext
from national_kpi.disk import write_whole
from national_kpi.ledger.cycle import Message
from national_kpi.tasks import GivenTask, read_tasks

_TEMPLATES = Environment(
    loader=PackageLoader("national_kpi.cycle", ""),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - plain text
)
_TEMPLATES.filters["day"] = lambda day: f"{day:%d/%m/%Y}"


@dataclass(frozen=True)
class TaskNotice:
    """What one agency is told. `name` is that of its file, without ending, and of its mails."""

    agency: Agency
    name: str
    subject: str
    text: str


def given_notices(
    catalogue: Catalogue, tasks: Iterable[GivenTask], earlier: Iterable[GivenTask]
) -> Iterator[TaskNotice]:
    """What agencies are told of the tasks of a session: each of its own, all in one.

    Who had a task that is replaced, and has it no longer, is told that it is taken back.

    Args:
        catalogue: who answers for whom.
        tasks: those of the session, or of several.
        earlier: those they may replace.
    """
    known = {task.code: task for task in earlier}
    for session_id, given in groupby(tasks, lambda task: task.session_id):
        own = list(given)
        day = in_hanoi(own[0].recorded_at).date()
        yield from _notices(catalogue, own, day, f"nhiem-vu-TCT-{session_id:03}", withdrawn=False)
        for task in own:
            if task.amends:
                taken = _taken_back(catalogue, known[task.amends], task, day)
                yield from _notices(catalogue, [taken], day, f"thay-the-{task.code}", withdrawn=True)


def withdrawn_notices(catalogue: Catalogue, tasks: Iterable[GivenTask]) -> Iterator[TaskNotice]:
    """What agencies are told of tasks that were taken back, one by one."""
    for task in tasks:
        if task.withdrawn_at:
            day = in_hanoi(task.withdrawn_at).date()
            yield from _notices(catalogue, [task], day, f"thoi-giao-{task.code}", withdrawn=True)


def _taken_back(catalogue: Catalogue, former: GivenTask, task: GivenTask, day: date) -> GivenTask:
    """A task that was replaced, as taken back from those who were not given the new one."""
    owners = {_holder(catalogue, agency_id, day) for agency_id in task.agency_ids}
    gone = (one for one in former.agency_ids if _holder(catalogue, one, day) not in owners)
    return replace(
        former,
        agency_ids=tuple(gone),
        amends=None,
        withdrawn_at=task.recorded_at,
        withdrawn_because=f"Được thay thế bằng nhiệm vụ {task.code}, giao cho cơ quan khác",
    )


def _notices(
    catalogue: Catalogue, tasks: Sequence[GivenTask], day: date, name: str, *, withdrawn: bool
) -> Iterator[TaskNotice]:
    by_agency: dict[Agency, list[GivenTask]] = {}
    for task in tasks:
        for holder in dict.fromkeys(_holder(catalogue, agency_id, day) for agency_id in task.agency_ids):
            if holder:
                by_agency.setdefault(holder, []).append(task)
    template = _TEMPLATES.get_template("nhiem-vu.txt.j2")
    about = "Thôi giao nhiệm vụ" if withdrawn else "Nhiệm vụ mới được giao"
    for agency, own in by_agency.items():
        yield TaskNotice(
            agency=agency,
            name=f"{day:%Y-%m-%d}-{name}",
            subject=f"[Báo cáo KPI] {about}: {len(own)} nhiệm vụ – {agency.name_vi}",
            text=template.render(agency=agency, tasks=own, withdrawn=withdrawn),
        )


def _holder(catalogue: Catalogue, agency_id: str, day: date) -> Agency | None:
    """Who answers for a task on a day; a unit is told through the agency it is below."""
    holder = successor_on(catalogue, catalogue.agency(agency_id), day)
    if holder and holder.kind == "unit" and holder.parent_id:
        return _holder(catalogue, holder.parent_id, day)
    return holder


def messages(
    notices: Iterable[TaskNotice], recipients: Sequence[Contact], now: datetime
) -> Iterator[Message]:
    """The same as mail, to everybody known at the agency."""
    for notice in notices:
        code = notice.agency.agency_code
        own = (one for one in recipients if one.agency_code == code)
        for position, contact in enumerate(own, start=1):
            yield Message(
                message_id=f"{notice.name}-{code}-{position}",
                kind="task",
                recipient=contact.email,
                subject=notice.subject,
                body=notice.text,
                state="queued",
                queued_at=now,
            )


def write_task_notices(ctx: CycleContext, day: date) -> list[Path]:
    """Write what agencies are told of tasks given or taken back on a day; what is there stays as it is.

    Returns:
        Every file of the day, written now or before.
    """
    with Session(ctx.engine) as session:
        tasks = read_tasks(session)
    given = [task for task in tasks if in_hanoi(task.recorded_at).date() == day]
    withdrawn = [task for task in tasks if task.withdrawn_at and in_hanoi(task.withdrawn_at).date() == day]
    written = []
    notices = (
        *given_notices(ctx.catalogue, given, tasks),
        *withdrawn_notices(ctx.catalogue, withdrawn),
    )
    for notice in notices:
        file = ctx.paths.reminders(notice.agency.agency_code) / f"{notice.name}.txt"
        if not file.exists():
            write_whole(file, notice.text.replace("\n", "\r\n").encode("utf-8-sig"))  # as Notepad reads it
        written.append(file)
    return written
