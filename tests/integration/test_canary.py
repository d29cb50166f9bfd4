"""The canary goes the way of every report, counts nowhere, and is missed when it does not arrive."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.orm import Session

from national_kpi import metrics
from national_kpi.agencies import AgencyResolver
from national_kpi.canary import Sighting, Stage, look, send, tell_engineers
from national_kpi.catalogue.tables import CANARY
from national_kpi.clock import HANOI, now
from national_kpi.cycle.obligations import open_periods
from national_kpi.cycle.status import ObligationStatus, read_status
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import take_in
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import PublicationResult, publish
from tests.integration.airflow_command import airflow, airflow_environment, migrate_airflow
from tests.integration.building import take_in_samples
from tests.integration.mailbox import Mailbox, running_mailbox
from tests.integration.statsd_server import running_statsd

SENT_AT = datetime(2026, 11, 20, 9, 30, tzinfo=HANOI)
LATER = SENT_AT + timedelta(minutes=5)
TOO_LATE = SENT_AT + timedelta(minutes=60)


def seen(ctx: IntakeContext, moment: datetime) -> Sighting:
    sighting = look(ctx.settings, ctx.paths, ctx.engine, moment)
    assert sighting is not None
    return sighting


def stage(ctx: IntakeContext) -> Stage:
    """How far it has come, which is the same whenever one looks, and late when it is."""
    early, late = seen(ctx, LATER), seen(ctx, TOO_LATE)
    assert early.stage is late.stage
    assert (early.is_late, early.is_over) == (False, False)
    assert late.is_late
    assert late.message.startswith(f"{late.stage} after 60 minutes: F06_2026-M10_ZZ_20261120T093000.csv")
    return early.stage


def built_and_published(ctx: IntakeContext, moment: datetime) -> PublicationResult:
    made = build(ctx.paths, ctx.engine, as_of=moment.date(), now=moment)
    return publish(ctx.settings, ctx.paths, ctx.engine, build_id=made.build_id, now=moment)


def reports_owed(ctx: IntakeContext) -> list[ObligationStatus]:
    with Session(ctx.engine) as session:
        statuses = read_status(session, ctx.catalogue, TOO_LATE)
    assert statuses
    return statuses


def put(ctx: IntakeContext, name: str, visits: int, moment: datetime) -> str:
    """Another report from the canary's folder; returns its outcome."""
    heading = "Biểu F06\nKỳ báo cáo: Tháng 7/2026\n\nCổng thông tin điện tử;Số lượt truy cập\n"
    file = ctx.paths.inbox(CANARY.agency_code) / name
    file.write_text(f"{heading}Kiểm tra;{visits}\n", encoding="utf-8-sig")
    taken = take_in(ctx, file, moment)
    assert taken is not None
    return taken.outcome


def test_it_arrives_where_readers_look_and_changes_nothing_they_see(context: IntakeContext) -> None:
    with one_at_a_time(context.engine) as session:
        open_periods(session, context.catalogue, SENT_AT)
    take_in_samples(context, SENT_AT - timedelta(days=1))
    without = built_and_published(context, SENT_AT - timedelta(hours=1))
    assert look(context.settings, context.paths, context.engine, SENT_AT) is None
    owed = reports_owed(context)

    file = send(context.paths, SENT_AT)
    assert stage(context) is Stage.NOT_RECEIVED
    # What else lies in its folder counts as little: a doubt, and a refusal.
    assert put(context, "khong-luot-nao.csv", 0, SENT_AT) == "accepted_with_warnings"
    assert put(context, "so-am.csv", -1, SENT_AT) == "rejected"
    taken = take_in(context, file, SENT_AT)
    assert taken is not None
    receipt = json.loads((taken.receipt_folder / "receipt.json").read_text())
    assert (receipt["outcome"], receipt["findings"], receipt["deadline"]) == ("accepted", [], None)
    assert receipt["agency_name"] == CANARY.name_vi
    elsewhere = taken.receipt_folder.rename(context.paths.home / "receipt")
    assert stage(context) is Stage.NO_RECEIPT
    elsewhere.rename(taken.receipt_folder)
    assert stage(context) is Stage.NOT_BUILT

    made = build(context.paths, context.engine, as_of=LATER.date(), now=LATER)
    assert stage(context) is Stage.NOT_PUBLISHED
    with_canary = publish(context.settings, context.paths, context.engine, build_id=made.build_id, now=LATER)
    arrived = seen(context, TOO_LATE)
    assert (arrived.stage, arrived.is_late, arrived.is_over) == (Stage.PUBLISHED, False, True)
    assert arrived.seconds == 300

    with duckdb.connect(str(with_canary.snapshot), read_only=True) as snapshot:
        assert snapshot.sql("select canary_id from fct_canary").fetchall() == [(taken.submission_id,)]
    assert with_canary.fingerprint["fct_canary"]["rows"] == 1
    assert without.fingerprint["fct_canary"]["rows"] == 0
    before, after = without.fingerprint, with_canary.fingerprint
    assert {mart for mart in before if before[mart] != after[mart]} == {"fct_canary"}
    assert reports_owed(context) == owed

    late = replace(context, settings=context.settings.model_copy(update={"canary_minutes": 4}))
    assert seen(late, TOO_LATE).is_late, "it arrived, but not in time"


def test_no_list_of_agencies_names_it_and_no_name_means_it(context: IntakeContext) -> None:
    assert CANARY not in context.catalogue.agencies
    resolver = AgencyResolver(context.catalogue)
    for name in (CANARY.agency_code, CANARY.name_vi, CANARY.short_name_vi):
        found = resolver.resolve(name, SENT_AT.date())
        assert (found.agency, found.suggestion) == (None, None)


def test_one_that_got_lost_is_told_and_followed_by_another(context: IntakeContext) -> None:
    send(context.paths, SENT_AT).unlink()
    lost = seen(context, TOO_LATE)
    assert (lost.stage, lost.is_late, lost.is_over) == (Stage.NOT_RECEIVED, True, True)
    assert "neither in the inbox" in lost.message


def test_a_ledger_out_of_reach_is_no_excuse(context: IntakeContext) -> None:
    send(context.paths, SENT_AT)
    context.engine.dispose()
    context.paths.ledger_file.write_bytes(b"no database")
    hidden = seen(context, TOO_LATE)
    assert (hidden.stage, hidden.is_late, hidden.is_over) == (Stage.NOT_KNOWN, True, False)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as box:
        yield box


def test_engineers_get_one_mail_an_incident(context: IntakeContext, mailbox: Mailbox) -> None:
    settings = context.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_tls": "none",
            "smtp_sender": "kpi@example.org", "engineers_mail": "ky-su@example.org",
        }
    )  # fmt: skip
    ctx = replace(context, settings=settings)
    send(ctx.paths, SENT_AT)
    arrived = Sighting(Stage.PUBLISHED, 60, False, True, "published")
    late = seen(ctx, TOO_LATE)

    mailbox.answers["ky-su@example.org"] = "451 not now"
    assert not tell_engineers(settings, ctx.paths, late, TOO_LATE), "the server takes no mail"
    mailbox.answers.clear()
    assert not tell_engineers(settings, ctx.paths, seen(ctx, LATER), LATER), "it is not late yet"
    assert tell_engineers(settings, ctx.paths, late, TOO_LATE)
    assert not tell_engineers(settings, ctx.paths, late, TOO_LATE + timedelta(hours=1))
    send(ctx.paths, TOO_LATE + timedelta(hours=2))  # it got lost, and another was sent
    assert not tell_engineers(settings, ctx.paths, late, TOO_LATE + timedelta(hours=3))
    assert not tell_engineers(settings, ctx.paths, arrived, TOO_LATE + timedelta(hours=4))
    assert tell_engineers(settings, ctx.paths, late, TOO_LATE + timedelta(hours=5)), "a new incident"
    first, second = mailbox.mails
    assert first["To"] == second["To"] == "ky-su@example.org"
    assert first["Subject"].endswith("the canary is late, not received")
    assert late.message in " ".join(first.get_content().split())


def test_the_dag_fails_and_says_where_it_stuck(context: IntakeContext, tmp_path: Path) -> None:
    file = send(context.paths, now() - timedelta(minutes=45))
    with running_statsd() as statsd:
        environment = {
            **airflow_environment(context.paths.home, tmp_path / "airflow"),
            **statsd.environment,
        }
        migrate_airflow(environment)
        said = airflow(environment, "dags", "test", "canary", status=1)
    assert f"The canary is not received after 45 minutes: {file.name} is not in the ledger" in said
    assert "nothing has been published yet" in said, "so none is sent"
    assert statsd.told(metrics.CANARY_LATE) == [1]
    assert statsd.told(metrics.CANARY_TIME)[0] >= 45 * 60_000
    assert [one.name for one in file.parent.iterdir()] == [file.name]
