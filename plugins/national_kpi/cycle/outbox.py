"""Sending queued mail, each message at most once whatever crashes when.

A message is marked `sending` before the server gets it. One found so afterwards may have gone out: it is
marked `unconfirmed`, for a person to look at, and not sent again.
"""

import logging
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from filelock import FileLock
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.cycle.context import CycleContext
from national_kpi.errors import CycleError
from national_kpi.ledger.cycle import Message
from national_kpi.paths import Paths
from national_kpi.settings import Settings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Sent:
    """What became of the queue: how many messages by state, and why some still wait."""

    counts: Counter[str]
    trouble: str | None


def send_queued(ctx: CycleContext, clock: Callable[[], datetime]) -> Sent:
    """Send what is queued, oldest first. Stops at the first message the server cannot take now.

    Args:
        ctx: the ledger, the mail server, and the account's password in `secrets/`.
        clock: tells when a message went out.

    Raises:
        CycleError: mail is queued and there is no server to send it by.
    """
    settings, engine = ctx.settings, ctx.engine
    with FileLock(ctx.paths.home / ".outbox.lock"):
        counts = Counter({"unconfirmed": _give_up_unconfirmed(engine)})
        while message_id := _next(engine):
            if not settings.smtp_host or not settings.smtp_sender:
                raise CycleError(
                    "mail is queued, and there is no mail server to send it by",
                    where="KPI_SMTP_HOST, KPI_SMTP_SENDER",
                    remedy="set both, and run it again",
                )
            try:
                with connected(settings, ctx.paths) as server:
                    state = _send(engine, server, settings, message_id, clock)
            except (OSError, smtplib.SMTPException) as error:
                return Sent(counts, f"the mail server is out of reach or refuses us: {error}")
            counts[state] += 1
            if state == "queued":
                return Sent(counts, "the mail server takes no messages at the moment")
        return Sent(counts, None)


def _give_up_unconfirmed(engine: Engine) -> int:
    with Session(engine) as session, session.begin():
        lost = session.scalars(select(Message).where(Message.state == "sending")).all()
        for message in lost:
            message.state = "unconfirmed"
            message.trouble = "sending was cut short; it may have gone out"
            log.warning("message %s to %s: %s", message.message_id, message.recipient, message.trouble)
        return len(lost)


def _next(engine: Engine) -> str | None:
    with Session(engine) as session:
        return session.scalar(
            select(Message.message_id)
            .where(Message.state == "queued")
            .order_by(Message.queued_at, Message.message_id)
            .limit(1)
        )


def connected(settings: Settings, paths: Paths) -> AbstractContextManager[smtplib.SMTP]:
    """The mail server, logged in.

    Args:
        settings: which server, and how.
        paths: where the account's password lies.

    Raises:
        CycleError: the password cannot be read.
        OSError: the server is out of reach.
        SMTPException: it refuses us.
    """
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host,
            settings.smtp_port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
        if settings.smtp_tls == "starttls":
            server.starttls(context=ssl.create_default_context())
    if settings.smtp_user:
        server.login(settings.smtp_user, _password(paths))
    return server


def _password(paths: Paths) -> str:
    file = paths.secrets / "smtp_password"
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CycleError(
            f"the mail account's password cannot be read: {error}",
            where=str(file),
            remedy="write it there, mode 600",
        ) from error


def _send(
    engine: Engine,
    server: smtplib.SMTP,
    settings: Settings,
    message_id: str,
    clock: Callable[[], datetime],
) -> str:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        message = session.get_one(Message, message_id)
        message.state = "sending"
        message.attempts += 1
    state, trouble = "sent", None
    try:
        server.send_message(_as_mail(message, settings))
    except smtplib.SMTPServerDisconnected:
        raise  # it may or may not have got through: it stays `sending`
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        state, trouble = _refused(code, text)
    except smtplib.SMTPResponseException as error:
        state, trouble = _refused(error.smtp_code, error.smtp_error)
    with Session(engine) as session, session.begin():
        kept = session.get_one(Message, message_id)
        kept.state, kept.trouble = state, trouble
        kept.sent_at = clock() if state == "sent" else None
    return state


def _refused(code: int, text: bytes | str) -> tuple[str, str]:
    """A refusal for now lets the message wait; one for good ends it."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return ("queued" if 400 <= code < 500 else "refused"), f"{code} {said}"


def _as_mail(message: Message, settings: Settings) -> EmailMessage:
    mail = EmailMessage()
    domain = settings.smtp_sender.rpartition("@")[2]
    mail["From"], mail["To"], mail["Subject"] = settings.smtp_sender, message.recipient, message.subject
    mail["Date"] = format_datetime(message.queued_at)
    mail["Message-ID"] = f"<{message.message_id}@{domain}>"
    mail.set_content(message.body, cte="quoted-printable")
    return mail
