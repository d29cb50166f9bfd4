"""Reminders as files in the agencies' folders, written from the ledger as often as needed."""

from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.reminder_text import reminder_text
from national_kpi.disk import write_whole
from national_kpi.ledger.cycle import Reminder


def write_reminders(ctx: CycleContext, day: date) -> list[Path]:
    """Write the reminders of a day; those that are there already stay as they are.

    Args:
        ctx: the ledger, the folders, and the stages, which say in what words.
        day: the day the reminders were decided on.

    Returns:
        Every reminder of the day, written now or before.
    """
    written = []
    of_day = select(Reminder).where(Reminder.sent_on == day).order_by(Reminder.agency_code)
    with Session(ctx.engine) as session:
        for reminder in session.scalars(of_day):
            file = ctx.paths.reminders(reminder.agency_code) / f"{day:%Y-%m-%d}-nhac-bao-cao.txt"
            if not file.exists():
                text = reminder_text(ctx.catalogue, reminder.body)
                write_whole(file, text.replace("\n", "\r\n").encode("utf-8-sig"))  # as Notepad reads it
            written.append(file)
    return written
