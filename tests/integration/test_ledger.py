"""The ledger, on SQLite and on a real PostgreSQL."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.errors import LedgerError
from national_kpi.ledger.models import Base, Build, Pull, Receipt, Submission
from national_kpi.ledger.pending import awaiting_build, awaiting_publication
from national_kpi.ledger.queries import last_good, last_good_before, last_receipt, origin_of
from national_kpi.ledger.session import check_ledger, migrate, one_at_a_time, open_ledger
from national_kpi.periods import parse_period

NOW = datetime(2026, 11, 22, 8, 30, 15, 123456, HANOI)


def submission(submission_id: str, **fields: Any) -> Submission:
    given = {
        "agency_code": "G13", "file_name": "F07.xlsx", "sha256": "0" * 64, "size_bytes": 3 * 2**30,
        "received_at": NOW, "origin": "drop", "state": "decided",
    }  # fmt: skip
    return Submission(submission_id=submission_id, **given | fields)


def test_models_and_migrations_agree(ledger: Engine) -> None:
    with ledger.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(ledger: Engine) -> None:
    with Session(ledger) as session, session.begin():
        session.add(submission("a"))
    migrate(ledger)
    check_ledger(ledger)
    with Session(ledger) as session:
        assert session.get_one(Submission, "a").size_bytes == 3 * 2**30


@pytest.mark.parametrize("given", [NOW, NOW.astimezone(UTC), NOW.replace(month=1)])
def test_a_moment_comes_back_in_hanoi_time(ledger: Engine, given: datetime) -> None:
    with Session(ledger) as session, session.begin():
        session.add(submission("a", received_at=given))
    with Session(ledger) as session:
        found = session.get_one(Submission, "a").received_at
    assert found == given
    assert found.utcoffset() == timedelta(hours=7)
    assert found.tzinfo == HANOI


def test_a_moment_without_time_zone_is_refused(ledger: Engine) -> None:
    with Session(ledger) as session, pytest.raises(Exception, match="has no time zone"):
        session.add(submission("a", received_at=NOW.replace(tzinfo=None)))
        session.flush()


def test_the_last_good_revision_is_the_highest(ledger: Engine) -> None:
    key = {"reported_by": "G13@0001-01-01", "form_code": "F01", "period_code": "2022-M08"}
    with Session(ledger) as session, session.begin():
        session.add_all(
            [
                submission("a", **key, revision=1),
                submission("b", **key, revision=2),
                submission("c", **key, outcome="rejected"),
                submission("d", **key | {"period_code": "2022-M09"}, revision=1),
            ]
        )
    with Session(ledger) as session:
        good = last_good(session, *key.values())
        assert good is not None
        assert good.submission_id == "b"
        assert last_good(session, "G13@0001-01-01", "F02", "2022-M08") is None


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("2022-M09", "b"), ("2022-M10", "d"), ("2022-M08", None), ("2022-M09G", None),
        ("2022-01-01..2022-09-30", "f"), ("2022-01-01..2022-05-31", None), ("..2022-12-31", "h"),
    ],
)  # fmt: skip
def test_before_a_period_stands_the_last_good_revision_of_the_one_before(
    ledger: Engine, code: str, before: str | None
) -> None:
    agency, key = "G13@0001-01-01", {"form_code": "F01", "reported_by": "G13@0001-01-01"}
    good = [
        ("a", "2022-M08", 1), ("b", "2022-M08", 2), ("d", "2022-M09", 1),
        ("e", "2022-01-01..2022-06-05", 1), ("f", "2022-01-01..2022-08-22", 1), ("g", "..2020-12-31", 1),
        ("h", "..2021-12-31", 1),
    ]  # fmt: skip
    with Session(ledger) as session, session.begin():
        session.add_all(submission(one, **key, period_code=of, revision=number) for one, of, number in good)
        session.add(submission("x", **key, period_code="2022-01-01..2022-09-01", outcome="rejected"))
        session.add(submission("y", **key | {"form_code": "F02"}, period_code="..2022-06-30", revision=1))
    with Session(ledger) as session:
        found = last_good_before(session, agency, "F01", parse_period(code))
        assert (found and found.submission_id) == before


def test_two_revisions_cannot_have_the_same_number(ledger: Engine) -> None:
    key = {"reported_by": "G13@0001-01-01", "form_code": "F01", "period_code": "2022-M08", "revision": 1}
    with Session(ledger) as session, pytest.raises(IntegrityError):
        session.add_all([submission("a", **key), submission("b", **key)])
        session.flush()


def test_foreign_keys_are_enforced(ledger: Engine) -> None:
    with Session(ledger) as session, pytest.raises(IntegrityError):
        session.add(submission("a", duplicate_of="nobody"))
        session.flush()


def test_a_pulled_file_is_known_by_its_hash_and_name(ledger: Engine) -> None:
    with Session(ledger) as session, session.begin():
        session.add(Pull(source_id="portal", pulled_at=NOW, sha256="a" * 64, file_name="x.csv"))
    with Session(ledger) as session:
        assert origin_of(session, "a" * 64, "x.csv") == "source:portal"
        assert origin_of(session, "b" * 64, "x.csv") == "drop"
        assert origin_of(session, "a" * 64, "y.csv") == "drop"


def _issue_receipts(url: str, prefix: str, count: int) -> None:
    engine = open_ledger(url)
    for index in range(count):
        with one_at_a_time(engine) as session:
            previous = last_receipt(session, "G13")
            session.add(submission(f"{prefix}{index}"))
            session.flush()
            session.add(
                Receipt(
                    submission_id=f"{prefix}{index}",
                    agency_code="G13",
                    number=previous.number + 1 if previous else 1,
                    issued_at=NOW,
                    body={},
                    sha256=f"{prefix}{index}",
                    previous_sha256=previous.sha256 if previous else None,
                )
            )
    engine.dispose()


def test_processes_that_decide_at_once_number_receipts_without_gap_or_break(ledger: Engine) -> None:
    url = ledger.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        for job in [pool.submit(_issue_receipts, url, prefix, 15) for prefix in "abc"]:
            job.result()
    with Session(ledger) as session:
        receipts = list(session.scalars(select(Receipt).order_by(Receipt.number)))
    assert [receipt.number for receipt in receipts] == list(range(1, 46))
    assert [receipt.previous_sha256 for receipt in receipts[1:]] == [r.sha256 for r in receipts[:-1]]


def _migrate(url: str) -> None:
    migrate(open_ledger(url))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)])
def test_two_processes_may_migrate_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = (
        f"sqlite:///{tmp_path / 'new' / 'ledger.db'}"
        if kind == "sqlite"
        else request.getfixturevalue("postgresql_url")
    )
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        for job in [pool.submit(_migrate, url) for _ in range(3)]:
            job.result()
    with Session(open_ledger(url)) as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 0


@pytest.mark.needs_postgresql
def test_a_ledger_out_of_reach_says_what_to_do_and_hides_the_password() -> None:
    engine = open_ledger("postgresql://kpi:hush@127.0.0.1:1/kpi")
    for act in (migrate, check_ledger):
        with pytest.raises(LedgerError) as caught:
            act(engine)
        assert "out of reach" in caught.value.what
        assert "KPI_LEDGER_URL" in caught.value.remedy
        assert "hush" not in str(caught.value)


def test_a_ledger_never_migrated_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="has version none") as caught:
        check_ledger(open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}"))
    assert "make up" in caught.value.remedy


def test_a_file_that_is_no_database_is_a_ledger_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("this is not a database " * 100)
    with pytest.raises(LedgerError, match="out of reach"):
        migrate(open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}"))


@pytest.mark.parametrize("url", ["nonsense", "mongodb://x/y", "://"])
def test_an_address_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(LedgerError, match="cannot be used"):
        open_ledger(url)


def test_what_a_build_has_not_seen_is_told_by_numbers_not_by_the_clock(ledger: Engine) -> None:
    def decide(name: str, number: int, revision: int | None) -> Submission:
        key = {"reported_by": name, "form_code": "F01", "period_code": "2022-M08"}
        return submission(name, **key, revision=revision, decided_at=NOW, decision_number=number)

    def waiting() -> tuple[int, int]:
        with Session(ledger) as session:
            return awaiting_build(session), awaiting_publication(session)

    assert waiting() == (0, 0)
    with Session(ledger) as session, session.begin():
        session.add_all([decide("a", 1, 1), decide("b", 2, None)])
    assert waiting() == (1, 1)
    build = Build(
        build_id="one", as_of=NOW.date(), started_at=NOW + timedelta(hours=1), state="built",
        input_sequence=2, catalogue_sha256="0" * 64,
    )  # fmt: skip
    with Session(ledger) as session, session.begin():
        session.add(build)
    assert waiting() == (0, 1)
    with Session(ledger) as session, session.begin():
        session.add(decide("c", 3, 1))  # decided by a batch whose clock was read before the build began
    assert waiting() == (1, 2)
