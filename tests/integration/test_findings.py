"""Findings open and close by themselves as data change, and rest while somebody has decided that they may."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import load_catalogue
from national_kpi.clock import HANOI
from national_kpi.errors import FindingError
from national_kpi.ledger.models import DetectedFinding, FindingDecision
from national_kpi.paths import CATALOGUE_DIR
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import BuildResult, build
from national_kpi.warehouse.finding_decisions import Decision, decide
from national_kpi.warehouse.publish import publish
from tests.integration.building import new_platform, put_into_lake

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=HANOI)
AGENCY, PERIOD = "H52@0001-01-01", "2026-M10"
REASON, AUTHOR = "Biểu F03 tính cả hồ sơ liên thông", "Tổ công tác"


class Days:
    """One platform, day by day: what is reported, built and published, and the finding of each day."""

    def __init__(self, home: Path) -> None:
        self.context = new_platform(home)
        self.catalogue = load_catalogue(CATALOGUE_DIR)
        self.revisions = {"F01": 0, "F03": 0}

    def report(self, day: int, form_code: str, rows: list[dict[str, Any]]) -> None:
        self.revisions[form_code] += 1
        put_into_lake(
            self.context.paths, self.context.engine, self.catalogue,
            f"{form_code}-{self.revisions[form_code]}", form_code=form_code, reported_by=AGENCY,
            period_code=PERIOD, now=at(day), rows=rows, revision=self.revisions[form_code],
        )  # fmt: skip

    def online(self, day: int, value: int) -> None:
        """Form F01 says that so many dossiers came online."""
        self.report(day, "F01", [{"element_code": "dossiers_online_count", "value": value}])

    def build(self, day: int, *, as_of: int | None = None) -> BuildResult:
        looked_from = at(day if as_of is None else as_of).date()
        return build(self.context.paths, self.context.engine, as_of=looked_from, now=at(day))

    def publish(self, day: int, *, as_of: int | None = None, made: BuildResult | None = None) -> Path:
        made = made or self.build(day, as_of=as_of)
        moment = at(day) + timedelta(minutes=1)
        context = self.context
        return publish(
            context.settings, context.paths, context.engine, build_id=made.build_id, now=moment
        ).snapshot


def at(day: int) -> datetime:
    return MONDAY + timedelta(days=day)


def findings(database: Path, state: str | None = None) -> list[tuple[Any, ...]]:
    """Rule, state, first day, last day and age of every finding."""
    return [
        (row["rule_id"], row["state"], row["first_seen_on"], row["closed_on"], row["age_days"])
        for row in queries.findings(database, state=state)
    ]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Days, list[list[tuple[Any, ...]]]]]:
    """Monday to Saturday: forms that differ are found, waived, let go, mended, and differ again."""
    days = Days(tmp_path_factory.mktemp("findings"))
    seen = []
    for day in range(6):
        if day == 0:
            days.report(day, "F03", [{"field_or_unit": "Đất đai", "received_online": 60}])
        if day in (0, 4, 5):
            days.online(day, {0: 55, 4: 60, 5: 58}[day])
        snapshot = days.publish(day)
        seen.append(findings(snapshot) + findings(snapshot, "closed"))
        if day == 1:
            (row,) = queries.findings(snapshot)
            decide(
                days.context.engine, snapshot, row["finding_key"][:8], Decision.WAIVED, reason=REASON,
                author=AUTHOR, until=at(2).date(), now=at(day),
            )  # fmt: skip
    yield days, seen
    days.context.engine.dispose()


Week = tuple[Days, list[list[tuple[Any, ...]]]]
RULE = "MODEL-07"


def test_a_finding_is_found_waived_open_again_closed_and_found_anew(week: Week) -> None:
    _, seen = week
    first, mended, again = at(0).date(), at(4).date(), at(5).date()
    assert seen == [
        [(RULE, "open", first, None, 0)],
        [(RULE, "open", first, None, 1)],
        [(RULE, "waived", first, None, 2)],
        [(RULE, "open", first, None, 3)],
        [(RULE, "closed", first, mended, 4)],
        [(RULE, "open", again, None, 0), (RULE, "closed", first, mended, 4)],
    ]


def test_the_ledger_keeps_the_history_by_days_and_what_a_closed_finding_said(week: Week) -> None:
    days, _ = week
    with Session(days.context.engine) as session:
        gone, new = session.scalars(select(DetectedFinding).order_by(DetectedFinding.first_seen_on))
        assert (gone.first_seen_on, gone.last_seen_on, gone.closed_on) == (
            at(0).date(), at(3).date(), at(4).date(),
        )  # fmt: skip
        assert gone.found == "F01: 55; F03: 60"
        assert (new.first_seen_on, new.last_seen_on, new.closed_on) == (at(5).date(), at(5).date(), None)


@pytest.mark.parametrize(
    ("day", "state"), [pytest.param(0, "open", marks=pytest.mark.proof_only), (2, "waived")]
)
def test_a_build_as_of_an_earlier_day_knows_what_was_known_then(week: Week, day: int, state: str) -> None:
    days, seen = week
    database = days.build(6, as_of=day).duckdb_path
    assert findings(database) + findings(database, "closed") == seen[day]
    assert [row[1] for row in seen[day]] == [state]


def test_builds_on_the_same_inputs_are_the_same_also_after_one_of_them_is_published(week: Week) -> None:
    days, _ = week
    before = days.build(7)
    days.publish(7, made=before)
    after = days.build(7)
    assert after.fingerprint["fct_finding"] == before.fingerprint["fct_finding"]


def kpi(days: Days, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sysconfig.get_path("scripts")) / "kpi"), "findings", *arguments],
        env=os.environ | {"KPI_HOME": str(days.context.paths.home), "KPI_LEDGER_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def answer(days: Days, *arguments: str) -> list[dict[str, Any]]:
    run = kpi(days, *arguments, "--json")
    assert run.returncode == 0, run.stderr
    rows: list[dict[str, Any]] = json.loads(run.stdout)
    return rows


def test_the_command_shows_state_and_age_and_filters(week: Week) -> None:
    days, _ = week
    (row,) = answer(days)
    assert (row["state"], row["age_days"], row["rule_id"]) == ("open", 2, RULE)
    assert answer(days, "--agency", "H52", "--period", PERIOD, "--rule", RULE, "--state", "open") == [row]
    assert answer(days, "--rule", "F01-001") == answer(days, "--agency", "G13") == []
    (closed,) = answer(days, "--state", "closed")
    assert closed["closed_on"] == at(4).date().isoformat()
    assert row["finding_key"][:10] in kpi(days).stdout


def test_a_waiver_is_written_and_withdrawn_never_changed(week: Week) -> None:
    days, _ = week
    (row,) = answer(days)
    given = ("--reason", REASON, "--author", AUTHOR)
    (kept,) = answer(days, "waive", row["finding_key"], *given, "--until", "2999-12-31")
    assert (kept["rule_id"], kept["agency_code"], kept["expires_on"]) == (RULE, "H52", "2999-12-31")
    (kept,) = answer(days, "explain", row["finding_key"][:6], *given)
    assert (kept["decision"], kept["expires_on"]) == ("explained", None)
    (kept,) = answer(days, "withdraw", row["finding_key"], *given)
    assert kept["decision"] == "taken back"
    run = kpi(days, "withdraw", row["finding_key"], *given)
    assert (run.returncode, run.stdout) == (2, "") and "nothing was decided" in run.stderr
    with Session(days.context.engine) as session:
        kinds = list(session.scalars(select(FindingDecision.kind).order_by(FindingDecision.decision_id)))
    assert kinds == ["waived", "waived", "explained", "withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("waive", "zz", "--reason", "x", "--author", "y", "--until", "2999-12-31"), "begins with 'zz'"),
        (("waive", "", "--reason", "x", "--author", "y", "--until", "2999-12-31"), "several findings"),
        (("waive", "OPEN", "--reason", "x", "--author", "y", "--until", "2000-01-01"), "2000-01-01 is past"),
        (("waive", "OPEN", "--reason", " ", "--author", "y", "--until", "2999-12-31"), "--reason is empty"),
        (("explain", "OPEN", "--reason", "x", "--author", ""), "--author is empty"),
        (("waive", "OPEN", "--reason", "x", "--author", "y"), "--until"),
        (("explain", "CLOSED", "--reason", "x", "--author", "y"), "was closed on 2026-11-20"),
        (("--rule", "MODEL-99"), "MODEL-99"),
        (("--state", "gone"), "gone"),
    ],
)
def test_what_cannot_be_decided_is_said_in_plain_words(
    week: Week, arguments: tuple[str, ...], said: str
) -> None:
    days, _ = week
    keys = {
        "OPEN": answer(days)[0]["finding_key"],
        "CLOSED": answer(days, "--state", "closed")[0]["finding_key"],
    }
    run = kpi(days, *(keys.get(argument, argument) for argument in arguments))
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr


def test_what_must_be_mended_is_waived_but_not_explained(tmp_path: Path) -> None:
    database, columns = (
        tmp_path / "kpi.duckdb",
        "agency_id, agency_code, period_code, found, evidence, closed_on",
    )
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table fct_finding as"
            " select 'abc' as finding_key, 'F01-001' as rule_id, 'block' as severity, 'open' as state,"
            f" {', '.join(f'null as {name}' for name in columns.split(', '))}"
        )
    engine = new_platform(tmp_path / "home").engine
    given = {"reason": REASON, "author": AUTHOR, "now": at(0)}
    with pytest.raises(FindingError, match="must be mended"):
        decide(engine, database, "abc", Decision.EXPLAINED, **given)
    assert (
        decide(engine, database, "abc", Decision.WAIVED, until=date(2026, 11, 16), **given)["decision"]
        == "waived"
    )


def test_a_publication_that_looks_back_leaves_the_history_alone(week: Week) -> None:
    days, _ = week

    def history() -> list[tuple[Any, ...]]:
        with Session(days.context.engine) as session:
            chosen = select(
                DetectedFinding.finding_key, DetectedFinding.last_seen_on, DetectedFinding.closed_on
            )
            return [tuple(row) for row in session.execute(chosen.order_by(DetectedFinding.finding_key))]

    before = history()
    days.publish(8, as_of=1)
    assert history() == before
