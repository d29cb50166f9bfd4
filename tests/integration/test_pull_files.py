"""Whole report files, from real OpenSSH and S3 servers and from a folder, and what goes wrong there."""

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.errors import SourceError, SourceRefusedError
from national_kpi.intake.context import IntakeContext
from national_kpi.intake.pipeline import take_in
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.paths import SAMPLES_DIR
from national_kpi.sources import connection, pull_source
from tests.integration.dying import in_a_child, watched
from tests.integration.source_servers import LOOPBACK, Line, SftpServer
from tests.integration.stores import NOW, Bucket, Disk, Puller, Store, at_home, puller

SAMPLE = SAMPLES_DIR / "G06" / "F07-ket-noi-paygov.csv"
LARGE = 4 << 20


@pytest.fixture(scope="module")
def sftp_server() -> Iterator[SftpServer]:
    with tempfile.TemporaryDirectory(prefix="kpi-sshd-") as name:
        server = SftpServer(Path(name))
        yield server
        server.stop()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


SFTP = pytest.param("sftp", marks=pytest.mark.needs_openssh)


@pytest.fixture(params=[SFTP, "s3", "folder"])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty place of each kind in turn."""
    if request.param == "s3":
        return Bucket(request.getfixturevalue("s3_server"), tmp_path.name)
    if request.param == "sftp":
        server: SftpServer = request.getfixturevalue("sftp_server")
        return Disk(server.files / tmp_path.name, server)
    return Disk(tmp_path / "other" / "out")


@pytest.fixture
def pull(
    there: Store, home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> Puller:
    return puller(there, home, context, catalogue, monkeypatch)


def test_new_files_are_brought_once_and_changed_ones_again(there: Store, pull: Puller) -> None:
    there.put("a.csv", b"1")
    there.put("b.CSV", b"22")
    there.put("c.txt", b"3")
    there.put(".d.csv", b"4")
    there.put("e.csv.part", b"5")
    assert pull() == ["a", "b"]
    assert pull(1) == []
    there.put("b.CSV", b"333")
    there.put("f.csv", b"6")
    assert sorted(pull(2)) == ["b", "f"]
    assert pull(3) == []
    assert sorted(pull.inbox.values()) == [b"1", b"22", b"333", b"6"]
    assert pull.states == ["good"]


def test_a_file_written_again_with_the_same_content_is_no_news_and_its_return_is(
    there: Store, pull: Puller
) -> None:
    there.put("a.csv", b"1")
    pull()
    if there.kind != "s3":  # an object's tag is its content
        time.sleep(1.1)  # SFTP tells times in seconds
    there.put("a.csv", b"1")
    assert pull(1) == []
    there.put("a.csv", b"22")
    assert pull(2) == ["a"]
    there.put("a.csv", b"1")
    assert pull(3) == ["a"]


def test_the_file_is_taken_in_like_any_with_the_name_of_its_source_on_the_receipt(
    there: Store, pull: Puller
) -> None:
    there.put("F07_paygov.csv", SAMPLE.read_bytes())
    pull()
    (file,) = pull.context.paths.inbox("G06").iterdir()
    taken = take_in(pull.context, file, NOW)
    assert taken and taken.outcome == "accepted"
    with Session(pull.context.engine) as session:
        assert session.scalars(select(Submission.origin)).all() == ["source:elsewhere"]
        (body,) = session.scalars(select(Receipt.body))
    assert body["origin_name"] == "Kho báo cáo"
    page = (taken.receipt_folder / "bien-nhan.html").read_text(encoding="utf-8")
    assert "Hệ thống tự lấy từ “Kho báo cáo”" in page


@pytest.mark.parametrize("there", [SFTP, "s3"], indirect=True)
def test_a_refused_account_is_told_and_let_in_again_nothing_is_lost(there: Store, pull: Puller) -> None:
    there.put("a.csv", b"1")
    there.lock_out()
    try:
        with pytest.raises(SourceRefusedError, match="renew the account"):
            pull()
    finally:
        there.let_in()
    assert pull(1) == ["a"]
    assert pull.states == ["refused", "good"]


def test_a_folder_that_is_gone_or_holds_other_names_has_changed_its_shape(there: Store, pull: Puller) -> None:
    there.put("a.txt", b"1")
    trouble = pull_source(pull.context, pull.source_id, NOW).trouble
    assert trouble and "no file is called *.csv, but 1 otherwise, such as a.txt" in trouble
    there.put("a.csv", b"1")
    assert pull(1) == ["a"]
    assert pull.states == ["changed", "good"]


def test_an_empty_folder_is_well_and_a_missing_one_is_not(
    there: Store, home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert puller(there, home, context, catalogue, monkeypatch)() == []
    missing = f"khong-co/{there.path}" if there.kind == "s3" else f"{there.path}/khong-co"
    pull = puller(there, home, context, catalogue, monkeypatch, path=missing)
    assert "the folder is gone" in str(pull_source(pull.context, pull.source_id, NOW).trouble)


def test_a_pattern_may_reach_into_folders(
    there: Store, home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.put("2026/08/a.csv", b"1")
    there.put("2026/a.csv", b"2")
    there.put("a.csv", b"3")
    pull = puller(there, home, context, catalogue, monkeypatch, pattern="2026/*/*.csv")
    assert pull() == ["a"]
    assert list(pull.inbox.values()) == [b"1"]


@contextmanager
def meanwhile(seconds: float, what: Callable[[], None]) -> Iterator[None]:
    """Have something happen while a pull runs."""
    timer = threading.Timer(seconds, what)
    timer.start()
    yield
    timer.join()


@pytest.mark.parametrize("there", [SFTP, "folder"], indirect=True)
def test_a_file_that_still_grows_is_left_and_one_that_vanishes_is_no_error(
    there: Store, home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = puller(there, home, context, catalogue, monkeypatch)
    patient = pull.context.settings.model_copy(update={"quiet_seconds": 0.6})
    pull = Puller(replace(pull.context, settings=patient), pull.source_id)
    for name in ("goes", "grows", "stays"):
        there.put(f"{name}.csv", name.encode())

    def change() -> None:
        there.put("grows.csv", b"grows, and grows")
        there.remove("goes.csv")
        there.put("comes.csv", b"comes")

    with meanwhile(0.3, change):
        assert pull() == ["stays"]
    assert sorted(pull(1)) == ["comes", "grows"]
    assert pull.states == ["good"]


@pytest.mark.parametrize("there", [SFTP, "s3"], indirect=True)
def test_a_pull_that_is_cut_off_goes_on_with_the_file_it_lacks(
    there: Disk | Bucket,
    home: Path,
    context: IntakeContext,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    server = request.getfixturevalue(f"{there.kind}_server")
    there.line = Line(server.port if there.kind == "sftp" else int(server.rpartition(":")[2]))
    pull = puller(there, home, context, catalogue, monkeypatch)
    there.put("a.csv", b"1")
    time.sleep(1.1)  # times are told in seconds, and files pulled in their order
    there.put("b.csv", os.urandom(LARGE))
    there.line.cut_after = LARGE // 2
    with pytest.raises(SourceError, match=r"cannot be read|broke off"):
        pull()
    assert list(pull.inbox.values()) == [b"1"]
    there.line.cut_after = None
    assert pull(1) == ["b"]
    assert sorted(len(content) for content in pull.inbox.values()) == [1, LARGE]
    assert pull.states == ["unreachable", "good"]
    there.line.close()


@pytest.mark.needs_openssh
@pytest.mark.parametrize("there", ["sftp"], indirect=True)
def test_a_server_that_falls_silent_is_given_up(
    there: Disk,
    sftp_server: SftpServer,
    home: Path,
    context: IntakeContext,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SECONDS", 1)
    there.line = Line(sftp_server.port)
    pull = puller(there, home, context, catalogue, monkeypatch)
    there.put("a.csv", os.urandom(LARGE))
    patient = pull.context.settings.model_copy(update={"quiet_seconds": 0.6})
    pull = Puller(replace(pull.context, settings=patient), pull.source_id)
    with meanwhile(0.3, lambda: setattr(there.line, "is_held", True)), pytest.raises(SourceError):
        pull()
    there.line.is_held = False
    assert pull(1) == ["a"]
    there.line.close()


@pytest.mark.needs_openssh
@pytest.mark.parametrize("there", ["sftp"], indirect=True)
def test_a_server_that_nobody_has_vouched_for_is_not_trusted(
    there: Disk, sftp_server: SftpServer, pull: Puller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_KPI_ELSEWHERE", sftp_server.connection(is_known=False))
    with pytest.raises(SourceRefusedError, match=r"(?i)host key"):
        pull()


def test_a_server_that_is_down_is_told(
    home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pull = puller(Disk(tmp_path / "out"), home, context, catalogue, monkeypatch, kind="sftp", path="/out")
    down = {"conn_type": "sftp", "host": LOOPBACK, "port": 9, "login": "kpi", "password": "kpi"}
    monkeypatch.setenv("AIRFLOW_CONN_KPI_ELSEWHERE", json.dumps(down))
    with pytest.raises(SourceError, match="cannot be read"):
        pull()
    monkeypatch.delenv("AIRFLOW_CONN_KPI_ELSEWHERE")
    with pytest.raises(SourceRefusedError, match="add the connection in Airflow"):
        pull()
    assert pull.states == ["unreachable", "refused"]


def test_links_in_a_folder_are_not_followed(
    home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = Disk(tmp_path / "other" / "out")
    pull = puller(there, home, context, catalogue, monkeypatch)
    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"secret")
    there.put("a.csv", b"1")
    (tmp_path / "other" / "out" / "b.csv").symlink_to(secret)
    assert pull() == ["a"]


@pytest.mark.needs_openssh
@pytest.mark.parametrize("there", ["sftp"], indirect=True)
def test_a_file_that_may_not_be_read_keeps_no_other_back(there: Disk, pull: Puller) -> None:
    for name in ("a", "b", "c"):
        there.put(f"{name}.csv", name.encode())
    there.forbid("b.csv")
    with pytest.raises(SourceRefusedError, match=r"1 files may not be read, among them b\.csv"):
        pull()
    assert sorted(pull.inbox.values()) == [b"a", b"c"]


def test_a_pull_killed_before_any_change_it_makes_is_made_good_by_the_next(
    home: Path, context: IntakeContext, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = Disk(tmp_path / "other" / "out")
    pull = puller(there, home, context, catalogue, monkeypatch)
    there.put("a.csv", b"1")
    there.put("b.csv", b"2")
    context.engine.dispose()
    killed_at = 0
    for number in count(1):
        own = at_home(pull, Path(shutil.copytree(home, tmp_path / f"home-{number}")))
        changes = count(1)

        def notice(*_: str, fatal: int = number, changes: Iterator[int] = changes) -> None:
            if next(changes) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        status = in_a_child(partial(watched, own.context.paths.home, own, notice))
        own.context.engine.dispose()
        own(1)
        assert sorted(own.inbox.values()) == [b"1", b"2"], f"killed before change {number}"
        assert own(2) == []
        assert list((own.context.paths.drop / ".pulls" / own.source_id).iterdir()) == []
        if status == 0:
            break
        assert status == -signal.SIGKILL
        killed_at += 1
    assert killed_at > 15
