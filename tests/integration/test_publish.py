"""Readers see one whole, tested snapshot; a build that fails or comes late changes nothing they see."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.errors import NotPublishedError, PublishError
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.models import Build, Publication
from national_kpi.warehouse import publish as publish_module
from national_kpi.warehouse import queries
from national_kpi.warehouse.build import BuildResult, build, new_id
from national_kpi.warehouse.marts import MARTS
from national_kpi.warehouse.publish import OvertakenError, PublicationResult, publish
from tests.integration.building import kpi, new_platform, select, select_one, take_in_samples

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)
GAP_KEYS = [
    "agency_code", "agency_name", "kpi_code", "period_code", "numerator", "denominator", "value",
    "value_as_printed", "bound", "target_operator", "target_value", "gap_pp", "gap_units", "status",
    "target_id", "basis", "source", "legal_basis",
]  # fmt: skip
"""What is promised, first and in this order; more may follow."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IntakeContext, BuildResult]]:
    """The samples, taken in and built once."""
    context = new_platform(tmp_path_factory.mktemp("samples"))
    take_in_samples(context, NOW)
    yield context, build(context.paths, context.engine, as_of=NOW.date(), now=NOW)
    context.engine.dispose()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[IntakeContext]:
    context = new_platform(tmp_path / "home")
    yield context
    context.engine.dispose()


Built = Callable[..., str]


@pytest.fixture
def built(platform: IntakeContext, samples: tuple[IntakeContext, BuildResult]) -> Built:
    """Gives the platform one more finished build, a copy of the samples'."""

    def add(now: datetime = NOW, decisions: int = 1, state: str = "built", as_of: date | None = None) -> str:
        build_id = new_id(now)
        folder = platform.paths.builds / build_id
        shutil.copytree(samples[1].duckdb_path.parent / "inputs", folder / "inputs", symlinks=True)
        shutil.copy(samples[1].duckdb_path, folder)
        with Session(platform.engine) as session, session.begin():
            session.add(
                Build(
                    build_id=build_id, as_of=as_of or now.date(), started_at=now, state=state,
                    input_sequence=decisions, catalogue_sha256="0" * 64,
                )
            )  # fmt: skip
        return build_id

    return add


def out(platform: IntakeContext, build_id: str | None = None, now: datetime = NOW) -> PublicationResult:
    return publish(platform.settings, platform.paths, platform.engine, build_id=build_id, now=now)


def state_of(platform: IntakeContext, build_id: str) -> str:
    with Session(platform.engine) as session:
        return session.get_one(Build, build_id).state


def test_a_published_build_is_what_readers_see(
    platform: IntakeContext, built: Built, samples: tuple[IntakeContext, BuildResult]
) -> None:
    build_id = built()
    result = out(platform)
    assert (result.build_id, state_of(platform, build_id)) == (build_id, "published")
    assert (platform.paths.published / "current").readlink() == Path(result.publication_id), "relative"
    assert queries.current_snapshot(platform.paths) == result.snapshot
    assert result.fingerprint == samples[1].fingerprint, "publishing changes no value"
    with Session(platform.engine) as session:
        row = session.get_one(Publication, result.publication_id)
        assert row.fingerprint == result.fingerprint


def test_a_snapshot_holds_the_marts_and_says_what_it_is(platform: IntakeContext, built: Built) -> None:
    built()
    snapshot = out(platform).snapshot
    tables = select(snapshot, "select table_name, table_type from information_schema.tables")
    assert {row["table_name"] for row in tables} == {*MARTS, "publication"}
    assert {row["table_type"] for row in tables} == {"BASE TABLE"}
    row = select_one(snapshot, "from publication")
    assert (row["as_of"], row["data_until"]) == (NOW.date(), date(2022, 8, 22))
    assert (row["submissions_count"], row["values_count"]) == (9, 80)
    assert row["published_at"] == NOW.replace(tzinfo=None)


def test_a_failed_build_is_not_published_and_readers_keep_theirs(
    platform: IntakeContext, built: Built
) -> None:
    built()
    kept = out(platform).snapshot
    failed = built(NOW + timedelta(hours=1), state="failed")
    with pytest.raises(PublishError, match="failed"):
        out(platform, failed)
    with pytest.raises(PublishError, match="no build to publish"):
        out(platform)
    assert queries.current_snapshot(platform.paths) == kept


def test_a_build_overtaken_by_one_that_knew_more_is_not_published(
    platform: IntakeContext, built: Built
) -> None:
    slow, quick = built(NOW, decisions=5), built(NOW + timedelta(minutes=1), decisions=6)
    shown = out(platform, quick)
    with pytest.raises(OvertakenError, match=quick):
        out(platform, slow)
    assert state_of(platform, slow) == "overtaken"
    assert queries.current_snapshot(platform.paths) == shown.snapshot
    late_but_blind = built(NOW + timedelta(minutes=2), decisions=4)
    with pytest.raises(OvertakenError):
        out(platform, late_but_blind)


def test_publishing_a_build_again_changes_nothing(platform: IntakeContext, built: Built) -> None:
    build_id = built()
    first = out(platform, build_id)
    assert out(platform, build_id, NOW + timedelta(hours=1)) == first
    assert [folder.name for folder in platform.paths.published.glob("2*")] == [first.publication_id]


def test_a_build_of_a_past_day_is_only_published_by_name(platform: IntakeContext, built: Built) -> None:
    past = built(as_of=date(2022, 9, 7))
    with pytest.raises(PublishError, match="no build to publish"):
        out(platform)
    assert out(platform, past).as_of == date(2022, 9, 7)


def test_five_snapshots_are_kept_and_what_a_crash_left_goes(platform: IntakeContext, built: Built) -> None:
    unfinished = platform.paths.published / ".20261122T080000-dead00"
    unfinished.mkdir(parents=True)
    unheard_of = platform.paths.published / "20261122T080000-dead01"
    unheard_of.mkdir()
    published = []
    for minute in range(7):
        now = NOW + timedelta(minutes=minute)
        built(now)
        published.append(out(platform, now=now).publication_id)
    folders = {folder.name for folder in platform.paths.published.iterdir() if folder.is_dir()}
    assert folders == {*published[-5:], "current"}
    assert len(list(platform.paths.builds.glob("[!.]*/"))) == 5


def test_a_publication_that_breaks_off_leaves_the_ledger_as_it_was(
    platform: IntakeContext, built: Built
) -> None:
    build_id = built()
    in_the_way = platform.paths.published / "current" / "something"
    in_the_way.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        out(platform)
    assert state_of(platform, build_id) == "built"
    with Session(platform.engine) as session:
        assert session.query(Publication).count() == 0
    shutil.rmtree(in_the_way.parent)
    again = out(platform, now=NOW + timedelta(minutes=1))
    assert (again.build_id, queries.current_snapshot(platform.paths)) == (build_id, again.snapshot)
    assert {file.name for file in platform.paths.published.iterdir()} == {
        ".lock", "current", again.publication_id,
    }  # fmt: skip


def test_readers_always_find_a_whole_snapshot(platform: IntakeContext, built: Built) -> None:
    built()
    out(platform)
    stop, troubles, reads = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                rows = queries.gaps(queries.current_snapshot(platform.paths), agency_code="G13")
                reads.append(len(rows))
            except Exception as error:
                troubles.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for minute in range(1, 5):
        now = NOW + timedelta(minutes=minute)
        built(now)
        out(platform, now=now)
    stop.set()
    reader.join()
    assert troubles == []
    assert len(set(reads)) == 1 and len(reads) > 4


def test_publishing_waits_for_its_turn(
    platform: IntakeContext, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    built()
    platform.paths.published.mkdir(parents=True)
    monkeypatch.setattr(publish_module, "LOCK_SECONDS", 0.1)
    with (
        FileLock(platform.paths.published / ".lock"),
        pytest.raises(PublishError, match="another publication"),
    ):
        out(platform)
    assert out(platform).snapshot.is_file()


def test_nothing_published_is_said_with_the_remedy(platform: IntakeContext) -> None:
    with pytest.raises(NotPublishedError, match="kpi build"):
        queries.current_snapshot(platform.paths)


def answer(home: Path, *arguments: str) -> list[dict[str, object]]:
    run = kpi(home, *arguments, "--json")
    assert run.returncode == 0, run.stderr
    rows: list[dict[str, object]] = json.loads(run.stdout)
    return rows


def test_the_command_answers_from_the_snapshot(platform: IntakeContext, built: Built) -> None:
    built()
    home = platform.paths.home
    assert answer(home, "publish")[0]["as_of"] == "2026-11-22"
    rows = answer(home, "gaps", "--agency", "G13", "--period", "2022-01-01..2022-08-22")
    assert [list(row)[: len(GAP_KEYS)] for row in rows] == [GAP_KEYS] * len(rows)
    assert {"gap_units_text", "required_pace_per_30_days", "projected_value", "projected_status"} <= rows[
        0
    ].keys()
    assert {row["basis"] for row in rows} == {"reported"}
    services = next(row for row in rows if row["kpi_code"] == "KPI_OPS_WITH_ONLINE_DOSSIER_RATE")
    assert (services["value"], services["gap_pp"], services["status"]) == (32, -48, "behind")
    ranking = ("--kpi", "KPI_PORTAL_VISITS", "--period", "2022-01-01..2022-08-22")
    assert answer(home, "rank", *ranking, "--kind", "province")[0]["agency_code"] == "H02"
    assert answer(home, "trace", *ranking, "--agency", "G18")[0]["value_as_printed"] == "13.042.570 lượt"
    assert answer(home, "findings", "--agency", "G19")[0]["kpi_code"] == "KPI_EDOC_SIGNED_RATE"
    assert {row["agency_code"] for row in answer(home, "gaps", "--agency", "G10", "--basis", "current")} == {
        "G10"
    }
    assert "Bộ Tài nguyên" in kpi(home, "gaps", "--agency", "G13").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gaps",), "nothing has been published yet"),
        (("publish",), "there is no build to publish"),
        (("publish", "20260101T000000-abcdef"), "there is no build 20260101T000000-abcdef"),
    ],
)
def test_an_empty_platform_says_what_to_do(
    platform: IntakeContext, arguments: tuple[str, ...], said: str
) -> None:
    run = kpi(platform.paths.home, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr and "kpi build" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gaps", "--kpi", "KPI_UNHEARD_OF"), "KPI_UNHEARD_OF"),
        (("gaps", "--agency", "Z99"), "Z99"),
        (("gaps", "--period", "2022-13"), "2022-13"),
        (("rank", "--kpi", "KPI_PORTAL_VISITS", "--period", "2022-Y", "--kind", "unit"), "unit"),
    ],
)
def test_codes_nobody_knows_are_wrong_usage(
    platform: IntakeContext, built: Built, arguments: tuple[str, ...], said: str
) -> None:
    built()
    out(platform)
    run = kpi(platform.paths.home, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr
