"""Reminders: who still owes a report is told so, exactly which, at the stages of `reminder_stages.csv`.

What is written to whom is decided and kept in one ledger transaction; files and mail follow from it and can
be done again. A report is reminded of once at each stage: one that was missed gives way to the one after it.
A focal point is told besides what its units owe and what of theirs waits for it, see `unit_reminders`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.agencies import successor_on
from national_kpi.catalogue import Catalogue
from national_kpi.catalogue.tables import Agency, ReminderStage
from national_kpi.clock import in_hanoi
from national_kpi.cycle.contacts import Contact, read_contacts
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.reminder_text import reminder_text, subject_of
from national_kpi.cycle.status import ObligationStatus, read_status
from national_kpi.cycle.unit_reminders import UnitNews, collector_of, merged, news_of_reports
from national_kpi.ledger.audit import PLATFORM, record
from national_kpi.ledger.cycle import Message, Reminder, ReminderItem
from national_kpi.ledger.models import Receipt
from national_kpi.ledger.session import one_at_a_time
from national_kpi.working_days import WorkingDays


@dataclass(frozen=True)
class Owed:
    """A report that is still owed, at the stage its agency is to be reminded at.

    Attributes:
        due_on: the day it is due by, or is extended to.
        holder: the agency that answers for it today.
    """

    status: ObligationStatus
    stage: ReminderStage
    due_on: date
    holder: Agency


def stage_on(
    stages: Iterable[ReminderStage], due_on: date, today: date, working_days: WorkingDays
) -> ReminderStage | None:
    """The last stage a report has reached on a day; None before the first."""

    def day_of(stage: ReminderStage) -> date:
        if stage.working_days < 0:
            return working_days.before(due_on, -stage.working_days)
        return working_days.after(due_on, stage.working_days)

    reached = [stage for stage in stages if day_of(stage) <= today]
    return max(reached, key=lambda stage: stage.working_days, default=None)


def remind(ctx: CycleContext, now: datetime, *, agency_code: str | None = None) -> list[Reminder]:
    """Decide whom to remind of what today, and queue the mail. On a day off nobody is.

    Args:
        ctx: the ledger, the stages, who owes what, and who answers for whom.
        now: the present moment.
        agency_code: remind this agency only.

    Returns:
        The reminders of this call; none for what was reminded of before.

    Raises:
        CycleError: the file of contacts cannot be used; nobody has been reminded.
    """
    today, catalogue = in_hanoi(now).date(), ctx.catalogue
    if not WorkingDays(catalogue.working_days).is_working(today):
        return []
    contacts = read_contacts(ctx.paths.contacts, (row.agency_code for row in catalogue.agencies))
    recipients = contacts if ctx.sends_mail else []
    with one_at_a_time(ctx.engine) as session:
        open_periods(session, catalogue, now)
        by_agency: dict[str, list[Owed]] = defaultdict(list)
        of_units: dict[str, list[UnitNews]] = defaultdict(list)
        for owed in still_owed(session, catalogue, now):
            by_agency[owed.holder.agency_code].append(owed)
            if collector := collector_of(catalogue, owed.status, today):
                of_units[collector].append(UnitNews(units_owed=[_item(session, catalogue, owed)]))
        for holder, news in news_of_reports(session, ctx.paths.home, catalogue, now):
            of_units[holder.agency_code].append(news)
        told = set(session.scalars(select(Reminder.agency_code).where(Reminder.sent_on == today)))
        chosen = (by_agency.keys() | of_units.keys()) - told
        return [
            _remind(session, catalogue, code, by_agency[code], merged(of_units[code]), recipients, now)
            for code in sorted(chosen)
            if agency_code in (None, code)
        ]


def still_owed(session: Session, catalogue: Catalogue, now: datetime) -> list[Owed]:
    """Reports still owed whose stage of today was not reminded of yet, while their period is open."""
    today, working_days = in_hanoi(now).date(), WorkingDays(catalogue.working_days)
    done = {
        (item.obligation_id, item.stage_code, item.due_on) for item in session.scalars(select(ReminderItem))
    }
    owed = []
    for status in read_status(session, catalogue, now):
        due_on = status.extended_to or status.due_on
        if status.is_received or max(status.closes_on, due_on) < today:
            continue
        stage = stage_on(catalogue.reminder_stages, due_on, today, working_days)
        holder = successor_on(catalogue, catalogue.agency(status.agency_id), today)
        if stage and holder and (status.obligation_id, stage.stage_code, due_on) not in done:
            owed.append(Owed(status, stage, due_on, holder))
    return owed


def _remind(
    session: Session,
    catalogue: Catalogue,
    code: str,
    owed: Sequence[Owed],
    units: UnitNews,
    recipients: Sequence[Contact],
    now: datetime,
) -> Reminder:
    today = in_hanoi(now).date()
    items = [_item(session, catalogue, one) for one in owed]
    holder = catalogue.holder(code, today)
    body = {
        "agency_code": code,
        "agency_name": holder.name_vi if holder else code,
        "sent_on": today.isoformat(),
        "items": items,
        **units.body,
    }
    reminder = Reminder(
        agency_code=code,
        sent_on=today,
        is_escalated=any(one.stage.addressee == "head" for one in owed),
        body=body,
        items=[
            ReminderItem(
                obligation_id=one.status.obligation_id, stage_code=one.stage.stage_code, due_on=one.due_on
            )
            for one in owed
        ],
        reports=units.told,
    )
    messages = list(_messages(catalogue, body, recipients, now))
    session.add_all([reminder, *messages])
    record(
        session,
        actor=PLATFORM,
        action="remind",
        subject=code,
        details={
            "reports": [f"{one['form_code']} {one['period_code']} {one['stage_code']}" for one in items],
            "units": {
                name: [f"{one['form_code']} {one['period_code']} {one['agency_name']}" for one in listed]
                for name, listed in units.body.items()
                if listed
            },
            "recipients": [message.recipient for message in messages],
        },
        now=now,
    )
    return reminder


def _item(session: Session, catalogue: Catalogue, owed: Owed) -> dict[str, Any]:
    status = owed.status
    refused = status.submission_id and session.scalar(
        select(Receipt).where(Receipt.submission_id == status.submission_id)
    )
    return {
        "form_code": status.form_code,
        "form_name": next(form.name_vi for form in catalogue.forms if form.form_code == status.form_code),
        "period_code": status.period_code,
        "period_name": status.period_name,
        "agency_name": status.agency_name,
        "due_on": owed.due_on.isoformat(),
        "closes_on": status.closes_on.isoformat(),
        "is_extended": status.extended_to is not None,
        "stage_code": owed.stage.stage_code,
        "refused_receipt": refused.number if refused else None,
        "refused_file": refused.body["file_name"] if refused else None,
    }


def _messages(
    catalogue: Catalogue, body: Mapping[str, Any], recipients: Sequence[Contact], now: datetime
) -> Iterable[Message]:
    """To reporting officers all there is; to heads what their agency owes and has come to their stage."""
    stages = {stage.stage_code: stage for stage in catalogue.reminder_stages}
    for position, contact in enumerate(one for one in recipients if one.agency_code == body["agency_code"]):
        own = dict(body)
        if contact.role == "head":
            items = [one for one in body["items"] if stages[one["stage_code"]].addressee == "head"]
            own |= {"items": items, **UnitNews().body}
        if any(own[listed] for listed in ("items", *UnitNews().body)):
            yield Message(
                message_id=f"reminder-{body['sent_on']}-{body['agency_code']}-{position + 1}",
                kind="reminder",
                recipient=contact.email,
                subject=subject_of(catalogue, own),
                body=reminder_text(catalogue, own),
                state="queued",
                queued_at=now,
            )
