"""A backup made while files come in gives, restored elsewhere, what was published, and loses nothing."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from national_kpi.backup.make import make_backup
from national_kpi.backup.restore import check_backup, restore_backup
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.errors import BackupError
from national_kpi.intake.chain import check_ledger_chains, check_rendered
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import sweep
from national_kpi.intake.rebuild import rebuild_lake
from national_kpi.ledger.models import Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.settings import Settings
from national_kpi.warehouse.build import build
from national_kpi.warehouse.publish import publish
from national_kpi.warehouse.replay import replay
from tests.integration.building import share_parsed_project
from tests.unit.intake.workbooks import form_grid, save

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=HANOI)
AGENCIES = ("G15", "H04", "H52")
MONTHS = range(1, 11)


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=pytest.mark.needs_postgresql),
        "sqlite",
    ]
)
def ledger_urls(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Two empty ledgers: the platform's, and that of the one it is restored into. Empty: in the home."""
    if request.param == "sqlite":
        yield "", ""
        return
    url = request.getfixturevalue("postgresql_url")
    other = f"{url}_restored"
    server = open_ledger(url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {other.rpartition('/')[2]}"))
    yield url, other
    with server.connect() as connection:
        connection.execute(text(f"drop database {other.rpartition('/')[2]} with (force)"))
    server.dispose()


def platform(home: Path, url: str, examiner: Examiner) -> IntakeContext:
    context = IntakeContext.of(Settings(_env_file=None, home=home, ledger_url=url))
    vars(context)["examiner"] = examiner
    return context


def reports(folder: Path, catalogue: Catalogue) -> list[tuple[str, Path]]:
    """A month's report after the other of three agencies."""
    folder.mkdir()
    return [
        (code, save(folder / f"{code}-{month}.csv", form_grid(catalogue, "F06", rows, period=period)))
        for month in MONTHS
        for code in AGENCIES
        for rows in [[{"portal": f"Cổng {code}", "visits": 100 * month}]]
        for period in [f"Kỳ báo cáo: Tháng {month}/2026"]
    ]


def put(context: IntakeContext, code: str, file: Path) -> None:
    inbox = context.paths.inbox(code)
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, inbox / f".{file.name}").rename(inbox / file.name)


@pytest.mark.proof_only
def test_a_restored_platform_publishes_the_same_and_goes_on(
    ledger_urls: tuple[str, str], tmp_path: Path, catalogue: Catalogue, examiner: Examiner
) -> None:
    here = platform(tmp_path / "here", ledger_urls[0], examiner)
    share_parsed_project(here.paths)
    migrate(here.engine)
    sent = reports(tmp_path / "sent", catalogue)
    for code, file in sent[:6]:
        put(here, code, file)
    later = datetime.now(HANOI) + timedelta(days=1)  # when all of them have lain long enough
    sweep(here, later)
    built = build(here.paths, here.engine, as_of=NOW.date(), now=NOW)
    published = publish(here.settings, here.paths, here.engine, build_id=built.build_id, now=NOW)
    for code, file in sent[6:15]:
        put(here, code, file)

    def keep_coming() -> None:
        for code, file in sent[15:]:
            sweep(here, later)
            put(here, code, file)

    agencies = threading.Thread(target=keep_coming)
    agencies.start()
    made = make_backup(here.settings, here.paths, tmp_path / "backups", NOW, with_secrets=False)
    agencies.join()

    there = platform(tmp_path / "there", ledger_urls[1], examiner)
    restored = restore_backup(there.settings, there.paths, made.folder)
    assert restored.databases == 1
    share_parsed_project(there.paths)
    sweep(there, later)
    with Session(there.engine) as session:
        received = Counter(session.scalars(select(Submission.file_name)))
        broken = [*check_ledger_chains(session), *check_rendered(session, there.paths)]
    assert set(received.values()) == {1}, "a file counts twice"
    assert {file.name for _, file in sent[:15]} <= set(received), "a file is lost"
    assert broken == []

    shutil.rmtree(there.paths.lake)
    rebuilt = rebuild_lake(there.paths, there.engine, there.settings.limits)
    assert {one.outcome for one in rebuilt} == {"written"}
    marts = replay(there.paths, there.engine, published.publication_id)
    assert len(marts) == len(published.fingerprint) and all(mart.is_same for mart in marts)
    assert (there.paths.published / "current" / "kpi.duckdb").exists()


def test_damage_is_found_before_anything_is_written(
    tmp_path: Path, catalogue: Catalogue, examiner: Examiner
) -> None:
    here = platform(tmp_path / "here", "", examiner)
    migrate(here.engine)
    for code, file in reports(tmp_path / "sent", catalogue)[:3]:
        put(here, code, file)
    (here.paths.secrets).mkdir()
    (here.paths.secrets / "smtp_password").write_text("bí mật")
    first = make_backup(here.settings, here.paths, tmp_path / "backups", NOW, with_secrets=True)
    sweep(here, datetime.now(HANOI) + timedelta(days=1))
    second = make_backup(
        here.settings, here.paths, tmp_path / "backups", NOW + timedelta(days=1), with_secrets=False
    )
    third = make_backup(
        here.settings, here.paths, tmp_path / "backups", NOW + timedelta(days=2), with_secrets=False
    )
    assert not (second.folder / "home" / "secrets").exists() and first.files > 0
    assert third.shared > 3, "what an earlier backup has is shared with it"
    check_backup(third.folder)

    kept = next(file for file in third.folder.glob("home/archive/*") if file.is_file())
    whole = kept.read_bytes()
    kept.chmod(0o600)
    kept.write_bytes(whole[:-1] + b"!")
    there = platform(tmp_path / "there", "", examiner)
    with pytest.raises(
        BackupError, match=f"1 of {third.files} files are damaged: home/archive/.* was changed"
    ):
        restore_backup(there.settings, there.paths, third.folder)
    assert not there.paths.home.exists()
    kept.write_bytes(whole)
    with pytest.raises(BackupError, match="there is something here already"):
        restore_backup(here.settings, here.paths, first.folder)
    (first.folder / "backup.json").unlink()
    with pytest.raises(BackupError, match="not a whole one"):
        restore_backup(there.settings, there.paths, first.folder)
    restored = restore_backup(there.settings, there.paths, second.folder)
    assert (restored.databases, restored.already_received, restored.receipts_rendered) == (1, 0, 0)
    with Session(there.engine) as session:
        assert len(session.scalars(select(Submission)).all()) == 3
