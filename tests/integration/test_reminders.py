"""Reminders: who still owes a report is told so once at each stage, by file and by mail; nobody else is."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief.letters import draft_letters
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.cycle.context import CycleContext
from national_kpi.cycle.extensions import extend
from national_kpi.cycle.outbox import send_queued
from national_kpi.cycle.reminder_files import write_reminders
from national_kpi.cycle.reminders import remind
from national_kpi.errors import CycleError
from national_kpi.ledger.cycle import AuditEvent, Message, Reminder
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from tests.integration.building import kpi
from tests.integration.mailbox import Mailbox, running_mailbox

CONTACTS = """agency_code,role,name,email
G15,officer,Nguyễn Văn A,officer@moj.example.org
G15,head,Trần Thị B,head@moj.example.org
H05,officer,Lê Văn C,officer@h05.example.org
"""


def at(day: str, time: str = "07:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=HANOI)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


@pytest.fixture
def ctx(home: Path, catalogue: Catalogue, mailbox: Mailbox) -> CycleContext:
    settings = Settings(
        _env_file=None, home=home, ledger_url="", smtp_host="127.0.0.1", smtp_tls="none",
        smtp_port=mailbox.port, smtp_sender="kpi@example.org",
    )  # fmt: skip
    paths = Paths.of(settings)
    engine = open_ledger(ledger_url(settings, paths))
    migrate(engine)
    paths.contacts.write_text(CONTACTS, encoding="utf-8")
    return CycleContext(settings, paths, catalogue, engine)


def received(ctx: CycleContext, day: str, number: int = 1, **fields: Any) -> None:
    given = {
        "submission_id": f"s{number:03}", "agency_code": "G15", "file_name": "f06.csv", "sha256": "0" * 64,
        "size_bytes": 1, "received_at": at(day), "origin": "drop", "state": "decided", "outcome": "accepted",
        "form_code": "F06", "period_code": "2026-M10", "reported_by": "G15@0001-01-01", "revision": 1,
        "decision_number": number,
    }  # fmt: skip
    with Session(ctx.engine) as session, session.begin():
        session.add(Submission(**given | fields))


def day_of(ctx: CycleContext, day: str) -> list[Reminder]:
    """All the DAG does on a day."""
    done = remind(ctx, at(day))
    write_reminders(ctx, date.fromisoformat(day))
    draft_letters(ctx, date.fromisoformat(day))
    assert send_queued(ctx, lambda: at(day)).trouble is None
    return done


def of_justice(reminders: list[Reminder], form: str = "F06") -> list[tuple[str, str]]:
    items = [item for one in reminders if one.agency_code == "G15" for item in one.body["items"]]
    return [(item["period_code"], item["stage_code"]) for item in items if item["form_code"] == form]


def test_a_report_is_reminded_of_once_at_each_stage_on_working_days(ctx: CycleContext) -> None:
    # F06 for October is due on Wednesday 4 November: its stages are 30 October, 4, 5 and 9 November.
    told = {}
    for day in range(26, 32):
        told[f"10-{day}"] = of_justice(day_of(ctx, f"2026-10-{day}"))
    for day in range(1, 21):
        told[f"11-{day:02}"] = of_justice(day_of(ctx, f"2026-11-{day:02}"))
    assert {day: found for day, found in told.items() if found} == {
        "10-30": [("2026-M10", "before_due")],
        "11-04": [("2026-M10", "due")],
        "11-05": [("2026-M10", "overdue")],
        "11-09": [("2026-M10", "escalated")],
    }
    with Session(ctx.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == "G15")).all()
    assert {event.action for event in events} == {"remind"}


def test_who_has_reported_is_left_alone(ctx: CycleContext) -> None:
    received(ctx, "2026-11-03")
    assert of_justice(remind(ctx, at("2026-11-04"))) == []
    assert ("F02", "due") not in {
        (item["form_code"], item["stage_code"])
        for one in remind(ctx, at("2026-11-04"))
        for item in one.body["items"]
    }


def test_a_refused_file_is_named_with_its_receipt(ctx: CycleContext) -> None:
    received(ctx, "2026-11-03", outcome="rejected", revision=None)
    with Session(ctx.engine) as session, session.begin():
        session.add(
            Receipt(
                submission_id="s001", agency_code="G15", number=12, issued_at=at("2026-11-03"),
                body={"file_name": "f06.csv"}, sha256="0", previous_sha256=None,
            )
        )  # fmt: skip
    remind(ctx, at("2026-11-04"))
    (file,) = [one for one in write_reminders(ctx, date(2026, 11, 4)) if "/G15/" in str(one)]
    text = file.read_text(encoding="utf-8-sig")
    assert "Tệp “f06.csv” đã gửi nhưng chưa được tiếp nhận: xem biên nhận số 12" in text
    assert "Kính gửi: Bộ Tư pháp" in text
    assert "(2026-M10)" in text


def test_an_extension_moves_the_stages(ctx: CycleContext) -> None:
    remind(ctx, at("2026-10-30"))
    extend(
        ctx.engine, ctx.catalogue, agency_code="G15", form_code="F06", period_code="2026-M10",
        extended_to=date(2026, 11, 12), reason="Bão", approver="Tổ công tác", now=at("2026-11-02"),
    )  # fmt: skip
    assert of_justice(remind(ctx, at("2026-11-05"))) == []
    assert of_justice(remind(ctx, at("2026-11-09"))) == [("2026-M10", "before_due")]
    assert of_justice(remind(ctx, at("2026-11-12"))) == [("2026-M10", "due")]
    assert of_justice(remind(ctx, at("2026-11-13"))) == []  # its period closed on 11 November


def test_days_that_were_missed_are_not_made_up_for(ctx: CycleContext) -> None:
    assert of_justice(remind(ctx, at("2026-11-06"))) == [("2026-M10", "overdue")]


def test_an_escalation_goes_to_the_head_with_a_letter(ctx: CycleContext, mailbox: Mailbox) -> None:
    day_of(ctx, "2026-11-09")
    to = {mail["To"]: mail for mail in mailbox.mails}
    assert set(to) == {"officer@moj.example.org", "head@moj.example.org", "officer@h05.example.org"}
    head = to["head@moj.example.org"]
    assert head["Subject"].startswith("[Báo cáo KPI] Đôn đốc người đứng đầu cơ quan: ")
    assert "kính đề nghị Thủ trưởng cơ quan chỉ đạo gửi ngay" in head.get_content()
    text = "\n".join(
        p.text for p in Document(str(ctx.paths.letters / "2026-11-09" / "G15-don-doc.docx")).paragraphs
    )
    assert "đề nghị Bộ Tư pháp chỉ đạo" in text
    assert "vào ngày 11/11/2026" in text


@pytest.mark.parametrize("step", range(4))
def test_a_day_run_again_from_any_step_tells_nobody_twice(
    ctx: CycleContext, mailbox: Mailbox, step: int
) -> None:
    day, today = "2026-11-09", date(2026, 11, 9)
    steps = (
        lambda: remind(ctx, at(day)),
        lambda: write_reminders(ctx, today),
        lambda: draft_letters(ctx, today),
        lambda: send_queued(ctx, lambda: at(day)),
    )
    for done in steps[: step + 1]:
        done()
    letters = {file: file.read_bytes() for file in ctx.paths.letters.rglob("*.docx")}
    day_of(ctx, day)
    day_of(ctx, day)
    assert Counter(mail["To"] for mail in mailbox.mails).most_common(1)[0][1] == 1
    assert len(list(ctx.paths.drop.glob("G15/reminders/*"))) == 1
    assert all(file.read_bytes() == content for file, content in letters.items())
    with Session(ctx.engine) as session:
        assert {one.state for one in session.scalars(select(Message))} == {"sent"}


def test_mail_that_may_have_gone_out_is_not_sent_again(ctx: CycleContext, mailbox: Mailbox) -> None:
    remind(ctx, at("2026-11-04"))
    mailbox.hangs_up = True
    assert "out of reach" in str(send_queued(ctx, lambda: at("2026-11-04")).trouble)
    mailbox.hangs_up = False
    sent = send_queued(ctx, lambda: at("2026-11-04"))
    assert sent.counts == {"unconfirmed": 1, "sent": 1}
    assert len(mailbox.mails) == 2
    assert send_queued(ctx, lambda: at("2026-11-04")).counts == {"unconfirmed": 0}


def test_a_refusal_for_now_waits_and_one_for_good_ends_the_mail(ctx: CycleContext, mailbox: Mailbox) -> None:
    remind(ctx, at("2026-11-04"))
    mailbox.answers = {"officer@moj.example.org": "550 No such user", "officer@h05.example.org": "451 Later"}
    sent = send_queued(ctx, lambda: at("2026-11-04"))
    assert (sent.counts["refused"], sent.counts["queued"]) == (1, 1)
    mailbox.answers = {}
    assert send_queued(ctx, lambda: at("2026-11-05")).counts["sent"] == 1
    assert [mail["To"] for mail in mailbox.mails] == ["officer@h05.example.org"]


def test_without_a_mail_server_only_files_are_written(ctx: CycleContext, catalogue: Catalogue) -> None:
    quiet = CycleContext(ctx.settings.model_copy(update={"smtp_host": ""}), ctx.paths, catalogue, ctx.engine)
    assert len(day_of(quiet, "2026-11-04")) == 59
    with Session(ctx.engine) as session:
        assert session.scalar(select(Message)) is None


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("G15,officer,An,không phải thư", "email 'không phải thư'"),
        ("G15,boss,An,an@example.org", "role 'boss'"),
        ("G99,officer,An,an@example.org", "no agency has the code 'G99'"),
    ],
)
def test_a_contact_that_cannot_be_used_is_named_by_its_line(
    ctx: CycleContext, line: str, trouble: str
) -> None:
    ctx.paths.contacts.write_text(f"agency_code,role,name,email\n{line}\n", encoding="utf-8")
    with pytest.raises(CycleError, match=trouble) as caught:
        remind(ctx, at("2026-11-04"))
    assert caught.value.where.endswith("contacts.csv:2")
    with Session(ctx.engine) as session:
        assert session.scalar(select(Reminder)) is None


def test_kpi_remind_previews_and_reminds(tmp_path: Path) -> None:
    shown = json.loads(kpi(tmp_path, "remind", "--preview", "--json").stdout)
    assert not list((tmp_path / "drop").glob("*/reminders/*"))
    told = json.loads(kpi(tmp_path, "remind", "--json").stdout)
    assert told in ([], shown)  # nobody is reminded on a day off
    assert len(list((tmp_path / "drop").glob("*/reminders/*"))) == len({row["agency_code"] for row in told})
    assert json.loads(kpi(tmp_path, "mail", "--json").stdout) == []
