"""A period closes on a publication made after it, a person certifies it, and what was certified stays."""

import json
import shutil
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from national_kpi.cycle.certification import candidate, certify, decline, reopen, revert
from national_kpi.cycle.closing import provisional_periods
from national_kpi.errors import BuildError, CertificationError
from national_kpi.ledger.audit import check_audit
from national_kpi.ledger.cycle import PeriodEvent
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.build import build
from national_kpi.warehouse.certified import certified_file, snapshot_of, verify_certified
from national_kpi.warehouse.publish import PublicationResult, prune
from national_kpi.warehouse.replay import replay
from tests.integration.building import kpi, select, select_one
from tests.integration.certified_home import CLOSES, COMMENT, PERIOD, RATE, Home, at


@pytest.fixture
def told(certified_platform: Home) -> Home:
    return certified_platform


@pytest.fixture
def home(certified_home: Home) -> Home:
    return certified_home


def period_row(published: PublicationResult) -> dict[str, object]:
    return select_one(published.snapshot, f"from dim_period where period_code = '{PERIOD}'")


def test_readers_see_where_a_period_stands(told: Home) -> None:
    states = [period_row(one)["state"] for one in told.published]
    assert states == ["open", "open", "certified", "certified"]
    row = period_row(told.published[-1])
    assert (row["certified_by"], row["certification_comment"]) == ("Nguyễn Văn A", COMMENT)
    assert (row["closed_on"], row["certified_on"]) == (date(2026, 9, 17), date(2026, 9, 18))
    assert row["certified_publication_id"] == told.published[1].publication_id, (
        "what was frozen, not what came later"
    )
    ownerless = select(
        told.published[-1].snapshot, "from dim_period where state is null and period_type = 'month'"
    )
    assert ownerless == []


def test_certified_values_stay_and_show_what_became_of_them(told: Home) -> None:
    query = f"from fct_certified_value where kpi_code = '{RATE}' and basis = 'reported'"
    before = {row["agency_code"]: row for row in select(told.published[2].snapshot, query)}
    assert {code for code, row in before.items() if row["is_restated"]} >= {"H17"}, (
        "it came after the closing"
    )
    assert before["H17"]["change_kind"] == "appeared"
    assert (before["H26"]["is_restated"], before["H26"]["value_certified"]) == (False, Decimal(75))
    assert before["H52"]["change_vi"] == "Thứ hạng từ 2 thành 3."
    after = {row["agency_code"]: row for row in select(told.published[3].snapshot, query)}["H52"]
    assert (after["value_certified"], after["value_current"]) == (Decimal("12.5"), Decimal("87.5"))
    assert (after["rank_certified"], after["rank_current"]) == (2, 1)
    assert after["change_vi"].startswith(
        "Giá trị từ 12,50 % thành 87,50 %; tử số, mẫu số từ 100/800 thành 700/800"
    )


def test_a_certification_is_audited_with_what_it_is_about(told: Home) -> None:
    (closed,), (certified,) = told.audited("close"), told.audited("certify")
    assert closed.actor == "platform"
    assert certified.actor == "Nguyễn Văn A"
    assert certified.details["publication_id"] == told.published[1].publication_id
    assert certified.details["audit_sha256"] == certified.previous_sha256
    with Session(told.context.engine) as session:
        assert list(check_audit(session)) == []
        (verified,) = verify_certified(session, told.context.paths)
    assert (verified.is_intact, verified.what) == (True, "")


def test_a_day_before_the_certification_knows_nothing_of_it(told: Home) -> None:
    context = told.context
    past = build(context.paths, context.engine, as_of=date(2026, 9, 17), now=at("2026-10-03"))
    row = select_one(past.duckdb_path, f"from dim_period where period_code = '{PERIOD}'")
    assert (row["state"], row["certified_by"]) == ("provisional", None)
    assert select(past.duckdb_path, "from fct_certified_value") == []


def test_a_publication_with_certified_values_is_built_again_as_it_was(home: Home) -> None:
    reopen(home.context.engine, PERIOD, author="B", reason="Sai số liệu.", now=at("2026-10-04"))
    replayed = replay(home.context.paths, home.context.engine, home.published[-1].publication_id)
    assert [one.mart for one in replayed if not one.is_same] == []


def test_certified_and_provisional_snapshots_outlive_pruning_and_certified_ones_cannot_be_written(
    home: Home,
) -> None:
    context = home.context
    prune(context.settings.model_copy(update={"snapshots_kept": 1}), context.paths, context.engine)
    kept = {entry.name for entry in context.paths.published.iterdir() if not entry.name.startswith(".")}
    certified, newest = home.published[1], home.published[-1]
    with Session(context.engine) as session:
        waiting = {state.closed.publication_id for state in provisional_periods(session)}
    assert waiting == {home.published[0].publication_id}, "months before August"
    assert kept == {"current", certified.publication_id, newest.publication_id, *waiting}
    assert (context.paths.builds / certified.build_id).is_dir()
    snapshot = snapshot_of(context.paths, certified.publication_id)
    values = certified_file(context.paths, PERIOD, certified.publication_id)
    for file in (snapshot, values, context.paths.builds / certified.build_id / "kpi.duckdb"):
        assert file.stat().st_mode & 0o222 == 0, file


@pytest.mark.parametrize("what", ["snapshot", "values", "ledger"])
def test_what_was_certified_and_is_not_the_same_any_more_is_found(home: Home, what: str) -> None:
    context, certified = home.context, home.published[1]
    snapshot = snapshot_of(context.paths, certified.publication_id)
    values = certified_file(context.paths, PERIOD, certified.publication_id)
    if what == "snapshot":
        snapshot.unlink()
        shutil.copy(snapshot_of(context.paths, home.published[-1].publication_id), snapshot)
    elif what == "values":
        values.unlink()
    else:
        with one_at_a_time(context.engine) as session:
            session.query(PeriodEvent).filter_by(kind="certified").one().publication_id = home.published[
                0
            ].publication_id
    done = kpi(context.paths.home, "period", "verify", "--json")
    assert done.returncode == 1, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["is_intact"] is False and row["what"]
    if what == "values":
        with pytest.raises(BuildError, match="certified are missing"):
            build(context.paths, context.engine, as_of=date(2026, 10, 5), now=at("2026-10-05"))


def test_a_reopened_period_is_certified_anew_with_the_newest_publication(home: Home) -> None:
    first, newest = home.published[1].publication_id, home.published[-1].publication_id
    reopen(home.context.engine, PERIOD, author="B", reason="Sơn La báo cáo lại.", now=at("2026-10-04"))
    assert home.state() == "reopened"
    assert candidate(home.context.paths, home.context.engine, PERIOD) == newest
    again = home.certify("2026-10-04", "Đã có số liệu của Sơn La.")
    assert (again.publication_id, home.state()) == (newest, "certified")
    last = home.publish("2026-10-05")
    assert select(last.snapshot, "from fct_certified_value where is_restated") == []
    assert snapshot_of(home.context.paths, first).is_file(), "the first certification is kept too"


def test_a_reopening_that_is_given_up_leaves_the_certification_as_it_was(home: Home) -> None:
    reopen(home.context.engine, PERIOD, author="B", reason="Nghi có sai sót.", now=at("2026-10-04"))
    back = revert(home.context.engine, PERIOD, author="B", reason="Không có sai sót.", now=at("2026-10-05"))
    assert (back.publication_id, home.state()) == (home.published[1].publication_id, "certified")
    assert [len(home.audited(action)) for action in ("reopen", "revert")] == [1, 1]


def test_a_refusal_is_audited_once_and_changes_nothing(home: Home) -> None:
    reopen(home.context.engine, PERIOD, author="B", reason="Nghi có sai sót.", now=at("2026-10-04"))
    for _ in range(2):
        decline(home.context.engine, PERIOD, author="C", comment="Chưa rõ.", now=at("2026-10-05"))
    assert home.state() == "reopened"
    (declined,) = home.audited("decline")
    assert (declined.actor, declined.details["comment"]) == ("C", "Chưa rõ.")


def test_certifying_the_same_again_gives_the_same_certification(home: Home) -> None:
    assert home.certify("2026-10-09").occurred_at == at("2026-09-18")
    assert len(home.audited("certify")) == 1


def test_steps_that_do_not_follow_are_refused(home: Home) -> None:
    engine, paths = home.context.engine, home.context.paths
    with pytest.raises(CertificationError, match="is certified already, by Nguyễn Văn A"):
        home.certify("2026-10-04", "Lần hai.")
    with pytest.raises(CertificationError, match="is certified, not reopened"):
        revert(engine, PERIOD, author="B", reason="x", now=at("2026-10-04"))
    with pytest.raises(CertificationError, match="is not closed"):
        certify(paths, engine, "2026-M12", author="B", comment="x", now=at("2026-10-04"))
    reopen(engine, PERIOD, author="B", reason="x", now=at("2026-10-04"))
    with pytest.raises(CertificationError, match="is reopened, not certified"):
        reopen(engine, PERIOD, author="B", reason="x", now=at("2026-10-04"))
    with pytest.raises(CertificationError, match="--comment is empty"):
        home.certify("2026-10-04", "  ")
    with pytest.raises(CertificationError, match="made before period 2026-M08 had closed"):
        home.certify("2026-10-04", "x", home.published[0].publication_id)
    with pytest.raises(CertificationError, match="no publication"):
        home.certify("2026-10-04", "x", "20260101T000000-000000")
    snapshot_of(paths, home.published[2].publication_id).unlink()
    with pytest.raises(CertificationError, match="not kept any more"):
        home.certify("2026-10-04", "x", home.published[2].publication_id)
    assert len(home.audited("certify")) == 1


def test_periods_are_listed_by_command(told: Home) -> None:
    done = kpi(told.context.paths.home, "period", "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["period_code"]: row for row in json.loads(done.stdout)}
    assert (rows[PERIOD]["state"], rows[PERIOD]["closes_on"]) == ("certified", CLOSES.isoformat())
    assert rows["2026-M09"]["state"] == "open"
    refused = kpi(told.context.paths.home, "period", "revert", PERIOD, "--author", "B", "--reason", "x")
    assert (refused.returncode, "is certified, not reopened" in refused.stderr) == (2, True)
