"""From archive and ledger alone the lake comes back row by row, and a publication as it was published."""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.cycle.obligations import open_periods
from national_kpi.errors import ReplayError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.rebuild import rebuild_lake
from national_kpi.ledger.models import Submission
from national_kpi.ledger.session import one_at_a_time
from national_kpi.warehouse.archive import archive_folder
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import PublicationResult, publish
from national_kpi.warehouse.replay import replay
from tests.integration.building import drop, new_platform, take_in_samples
from tests.unit.intake.workbooks import form_grid, save

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)


@dataclass
class Published:
    """A home with two publications, and files that came in after them."""

    context: IntakeContext
    first: PublicationResult
    second: PublicationResult


def visits(context: IntakeContext, folder: Path, month: int, count: int, year: int = 2026) -> Path:
    rows = [{"portal": "Cổng A", "visits": count}]
    grid = form_grid(context.catalogue, "F06", rows, period=f"Kỳ báo cáo: Tháng {month}/{year}")
    return save(folder / f"f06-{year}-{month}-{count}.csv", grid)


def published_now(context: IntakeContext, now: datetime) -> PublicationResult:
    built = build(context.paths, context.engine, as_of=now.date(), now=now)
    return publish(context.settings, context.paths, context.engine, build_id=built.build_id, now=now)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("replay")
    context = new_platform(folder / "home")
    take_in_samples(context, NOW)
    assert drop(context, visits(context, folder, 9, 100), "G15", NOW).startswith("accepted")
    first = published_now(context, NOW)
    day = NOW + timedelta(days=1)
    assert drop(context, visits(context, folder, 10, 1), "G15", day).startswith("accepted"), "it fell"
    assert drop(context, visits(context, folder, 9, 150), "G15", day).startswith("accepted"), "revised"
    second = published_now(context, day)
    later = NOW + timedelta(days=2)
    assert drop(context, visits(context, folder, 10, 400), "G15", later).startswith("accepted")
    with one_at_a_time(context.engine) as session:
        assert open_periods(session, context.catalogue, later) > 0
    yield Published(context, first, second)
    context.engine.dispose()


def contents(context: IntakeContext) -> dict[str, pa.Table]:
    return {file.name: pq.read_table(file) for file in context.paths.lake.rglob("*.parquet")}


def test_the_lake_is_written_again_row_by_row(home: Published) -> None:
    context = home.context
    before = contents(context)
    with Session(context.engine) as session:
        compared = session.query(Submission).where(Submission.compared_with.is_not(None)).count()
    assert compared > 0, "one file was compared with the period before"
    shutil.rmtree(context.paths.lake)
    rebuilt = rebuild_lake(context.paths, context.engine)
    assert {one.outcome for one in rebuilt} == {"written"}
    after = contents(context)
    assert after.keys() == before.keys()
    assert all(after[name].equals(rows) for name, rows in before.items())
    assert rebuild_lake(context.paths, context.engine) == []


def test_rows_that_were_changed_by_hand_are_found_and_put_right(home: Published) -> None:
    context = home.context
    file = next(context.paths.lake.glob("F06/*.parquet"))
    rows = pq.read_table(file)
    pq.write_table(rows.set_column(rows.column_names.index("visits"), "visits", pa.array([999])), file)
    assert rebuild_lake(context.paths, context.engine) == [], "it is there"
    (mended,) = rebuild_lake(context.paths, context.engine, verify=True)
    assert (mended.outcome, Path(mended.lake_path).name) == ("written", file.name)
    assert pq.read_table(file).equals(rows)


def test_rows_that_would_be_others_are_not_written(home: Published) -> None:
    context = home.context
    with Session(context.engine) as session, session.begin():
        submission = session.query(Submission).where(Submission.form_code == "F06").first()
        assert submission is not None
        kept, submission.rows_sha256 = submission.rows_sha256, "0" * 64
        submission_id, file = submission.submission_id, context.paths.home / str(submission.lake_path)
    file.rename(file.with_suffix(".aside"))
    (failed,) = rebuild_lake(context.paths, context.engine)
    assert (failed.submission_id, failed.outcome) == (submission_id, "failed")
    assert "not read as it was" in str(failed.trouble) and not file.exists()
    file.with_suffix(".aside").rename(file)
    with Session(context.engine) as session, session.begin():
        session.get_one(Submission, submission_id).rows_sha256 = kept


def test_a_publication_is_built_again_from_archive_and_ledger(home: Published) -> None:
    context = home.context
    for folder in (context.paths.lake, context.paths.builds, context.paths.published):
        shutil.rmtree(folder)
    assert {one.outcome for one in rebuild_lake(context.paths, context.engine)} == {"written"}
    for publication in (home.first, home.second):
        marts = replay(context.paths, context.engine, publication.publication_id)
        assert [mart for mart in marts if not mart.is_same] == []
        assert {mart.mart: mart.rows_replayed for mart in marts} == {
            name: one["rows"] for name, one in publication.fingerprint.items()
        }
    assert list(context.paths.builds.iterdir()) == []
    restated = next(
        m
        for m in replay(context.paths, context.engine, home.second.publication_id)
        if m.mart == "fct_restatement"
    )
    assert restated.rows_published and restated.rows_published > 0


def kpi(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sysconfig.get_path("scripts")) / "kpi"), *arguments],
        env=os.environ | {"KPI_HOME": str(home), "KPI_LEDGER_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.proof_only
def test_the_command_tells_what_differs(home: Published) -> None:
    context = home.context
    publication_id = home.second.publication_id
    (kept,) = archive_folder(context.paths, home.first.publication_id).glob("values-2026-*.parquet")
    content = kept.read_bytes()
    values = pq.read_table(kept)
    pq.write_table(values.slice(0, 0), kept)
    run = kpi(context.paths.home, "replay", publication_id, "--json")
    assert run.returncode == 1, run.stderr
    assert {row["mart"] for row in json.loads(run.stdout) if not row["is_same"]} == {"fct_restatement"}
    kept.write_bytes(content)
    unknown = kpi(context.paths.home, "replay", "20200101T000000-abcdef")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "there is no publication 20200101T000000-abcdef" in unknown.stderr
    lake = kpi(context.paths.home, "lake", "rebuild", "--verify", "--json")
    assert (lake.returncode, json.loads(lake.stdout)) == (0, [])


def test_what_is_gone_from_the_archive_is_named(home: Published) -> None:
    context = home.context
    folder = archive_folder(context.paths, home.first.publication_id)
    folder.rename(folder.with_name("aside"))
    with pytest.raises(ReplayError, match="not there any more"):
        replay(context.paths, context.engine, home.second.publication_id)
    folder.with_name("aside").rename(folder)
    with Session(context.engine) as session:
        submission = session.query(Submission).where(Submission.form_code == "F06").first()
        assert submission is not None
    source, file = context.paths.archive / submission.sha256, context.paths.home / str(submission.lake_path)
    source.rename(source.with_suffix(".aside"))
    file.unlink()
    run = kpi(context.paths.home, "lake", "rebuild")
    assert run.returncode == 1 and submission.submission_id in run.stdout
    source.with_suffix(".aside").rename(source)
    assert kpi(context.paths.home, "lake", "rebuild").returncode == 0


@pytest.mark.proof_only
def test_a_past_day_looks_the_same_whatever_has_come_in_since(home: Published, tmp_path: Path) -> None:
    context = home.context
    as_of = NOW.date()
    first = build(context.paths, context.engine, as_of=as_of, now=NOW + timedelta(days=5))
    day = NOW + timedelta(days=6)
    for year, month in ((2021, 3), (2026, 8), (2026, 10)):
        assert drop(context, visits(context, tmp_path, month, 77, year), "G15", day).startswith("accepted")
    published_now(context, day)
    again = build(context.paths, context.engine, as_of=as_of, now=NOW + timedelta(days=7))
    assert again.fingerprint == first.fingerprint
