"""The canary: a file that goes the way of all files, from drop folder to readers, to show that it is open.

It comes from a sender that no list of agencies names, so that it counts nowhere. One is on its way at a time.
"""

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from national_kpi.catalogue.tables import CANARY
from national_kpi.clock import in_hanoi
from national_kpi.cycle.outbox import connected
from national_kpi.disk import sync_file, sync_folder, write_whole
from national_kpi.errors import CycleError
from national_kpi.intake.claims import unfinished_claims
from national_kpi.intake.receipts import receipt_folder
from national_kpi.ledger.models import Build, Publication, Submission
from national_kpi.ledger.queries import receipt_of
from national_kpi.paths import Paths
from national_kpi.periods import name_vi, parse_period
from national_kpi.settings import Settings

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """How far the canary has come: the step that it waits for, in words for a message."""

    PUBLISHED = "published"
    NOT_RECEIVED = "not received"
    NO_RECEIPT = "no receipt"
    NOT_ACCEPTED = "not accepted"
    NOT_BUILT = "not built"
    NOT_PUBLISHED = "not published"
    NOT_KNOWN = "not known"


class Flight(BaseModel):
    """What is remembered of the file sent last.

    Attributes:
        file_name: its name.
        sent_at: when it was dropped.
        alarm_at: since when it, or those before it without a break, have been late and the engineers know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: str
    sent_at: datetime
    alarm_at: datetime | None = None


@dataclass(frozen=True)
class Sighting:
    """Where the canary was found.

    Attributes:
        stage: how far it has come.
        seconds: how long it took to the readers, or has been on its way.
        is_late: whether that is longer than it may be.
        is_over: whether another may be sent: it has arrived, or never will.
        message: where it is, for whoever is to look after it.
    """

    stage: Stage
    seconds: float
    is_late: bool
    is_over: bool
    message: str


def send(paths: Paths, now: datetime) -> Path:
    """Drop a small valid report, as an upload does: written elsewhere, then moved into the inbox.

    Args:
        paths: the platform's folders.
        now: the present moment, which makes each file another one.
    """
    moment, inbox = in_hanoi(now), paths.inbox(CANARY.agency_code)
    period = parse_period(f"{moment.replace(day=1) - timedelta(days=1):%Y-M%m}")
    visits = 100_000 + (moment.day * 24 + moment.hour) * 60 + moment.minute  # plausible, and new every minute
    lines = (
        "Báo cáo lượt truy cập cổng thông tin điện tử", f"Kỳ báo cáo: {name_vi(period)}", "",
        "Cổng thông tin điện tử;Số lượt truy cập", f"{CANARY.short_name_vi};{visits}",
    )  # fmt: skip
    file = inbox / f"F06_{period.code}_{CANARY.agency_code}_{moment:%Y%m%dT%H%M%S}.csv"
    inbox.mkdir(parents=True, exist_ok=True)
    unfinished = inbox.parent / f".{file.name}.part"
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    sync_file(unfinished)
    before = _remembered(paths)
    _remember(paths, Flight(file_name=file.name, sent_at=now, alarm_at=before.alarm_at if before else None))
    unfinished.replace(file)
    sync_folder(inbox)
    return file


def look(settings: Settings, paths: Paths, engine: Engine, now: datetime) -> Sighting | None:
    """Where the file sent last is; None when none was sent.

    Args:
        settings: how long it may take.
        paths: the platform's folders.
        engine: the ledger.
        now: the present moment.
    """
    flight = _remembered(paths)
    if flight is None:
        return None
    try:
        stage, where, arrived_at = _find(paths, engine, flight.file_name)
    except (DBAPIError, duckdb.Error, OSError) as error:
        stage, where, arrived_at = Stage.NOT_KNOWN, f"cannot be found: {error}", None
    took = (arrived_at or now) - flight.sent_at
    is_lost = stage is Stage.NOT_RECEIVED and not _lies_somewhere(paths, flight.file_name)
    return Sighting(
        stage=stage,
        seconds=took.total_seconds(),
        is_late=took > timedelta(minutes=settings.canary_minutes) or stage is Stage.NOT_ACCEPTED,
        is_over=stage in (Stage.PUBLISHED, Stage.NOT_ACCEPTED) or is_lost,
        message=f"{stage} after {took.total_seconds() / 60:.0f} minutes: {flight.file_name} {where}"
        + (", and lies neither in the inbox nor among the claims" if is_lost else ""),
    )


def tell_engineers(settings: Settings, paths: Paths, sighting: Sighting, now: datetime) -> bool:
    """Write to the engineers when the canary begins to be late, once until one is in time again.

    Args:
        settings: whom to write to, and by which server.
        paths: the platform's folders.
        sighting: where it was found.
        now: the present moment.

    Returns:
        Whether a mail went out. One that the server does not take is tried again the next time.
    """
    flight = _remembered(paths)
    if flight is None:
        return False
    if not sighting.is_late:
        if flight.alarm_at and sighting.stage is Stage.PUBLISHED:
            _remember(paths, flight.model_copy(update={"alarm_at": None}))
        return False
    if flight.alarm_at or not (settings.engineers_mail and settings.smtp_host and settings.smtp_sender):
        return False
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.smtp_sender, settings.engineers_mail
    mail["Subject"] = f"National KPI platform: the canary is late, {sighting.stage}"
    mail["Date"] = format_datetime(now)
    mail.set_content(
        f"The canary is {sighting.message}.\n\nReports of agencies take the same way. What to do is in"
        " docs/runbook.md, canary.\nNo further mail is sent until a canary has arrived in time.\n"
    )
    try:
        with connected(settings, paths) as server:
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, CycleError) as error:
        log.warning("the engineers could not be told: %s", error)
        return False
    _remember(paths, flight.model_copy(update={"alarm_at": now}))
    return True


def _find(paths: Paths, engine: Engine, file_name: str) -> tuple[Stage, str, datetime | None]:
    """How far a file has come, where it waits, and when readers got it."""
    with Session(engine) as session:
        sent = (Submission.agency_code == CANARY.agency_code, Submission.file_name == file_name)
        submission = session.scalar(select(Submission).where(*sent))
        if submission is None:
            return Stage.NOT_RECEIVED, "is not in the ledger", None
        named = f"(submission {submission.submission_id})"
        receipt = receipt_of(session, submission.submission_id)
        if receipt is None:
            return Stage.NO_RECEIPT, f"{named} was received and not decided", None
        if not receipt_folder(paths, receipt).is_dir():
            return Stage.NO_RECEIPT, f"{named} was decided, and its receipt not written", None
        if submission.revision is None:
            return Stage.NOT_ACCEPTED, f"{named} is {submission.outcome}", None
        number = submission.decision_number or 0
        knows_it = (Build.input_sequence >= number, Build.state.in_(("built", "published", "overtaken")))
        build = session.scalar(select(Build).where(*knows_it).order_by(Build.build_id))
        if build is None:
            return Stage.NOT_BUILT, f"{named} was accepted, and no build since has gone well", None
        published_at = session.scalar(
            select(Publication.published_at)
            .join(Build)
            .where(*knows_it)
            .order_by(Publication.publication_id)
            .limit(1)
        )
    if published_at is None:
        return Stage.NOT_PUBLISHED, f"{named} is in build {build.build_id}, and no publication since", None
    if _seen_by_readers(paths) < number:
        return Stage.NOT_PUBLISHED, f"{named} is not in {paths.current_snapshot.resolve()}", None
    return Stage.PUBLISHED, f"{named} is what readers see", published_at


def _seen_by_readers(paths: Paths) -> int:
    """The decision on the canary in the snapshot that readers see; 0 when there is none."""
    with duckdb.connect(str(paths.current_snapshot.resolve()), read_only=True) as snapshot:
        row = snapshot.sql("select max(decision_number) from fct_canary").fetchone()
    return int(row[0]) if row and row[0] else 0


def _lies_somewhere(paths: Paths, file_name: str) -> bool:
    claims = unfinished_claims(paths)
    return any((folder / file_name).exists() for folder in (paths.inbox(CANARY.agency_code), *claims))


def _remembered(paths: Paths) -> Flight | None:
    if not paths.canary.is_file():
        return None
    return Flight.model_validate_json(paths.canary.read_bytes())


def _remember(paths: Paths, flight: Flight) -> None:
    write_whole(paths.canary, f"{flight.model_dump_json(indent=2)}\n".encode())
