"""The nation's reports come in over SFTP while servers are killed: nothing is lost, nothing counts twice."""

import hashlib
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from national_kpi.paths import Paths
from national_kpi.sftp_keys import add_key, parse_key
from national_kpi.simulate.manifest import Simulated
from tests.deployment.conftest import SETTINGS
from tests.deployment.engine import Engine
from tests.deployment.people import Agency
from tests.e2e.running import eventually

BACKUPS = "/var/lib/national-kpi-backups"
ROUND_SECONDS = 200
WHOLE_ROUND_SECONDS = 1500
KILLED = ("airflow-worker-1", "redis")
ALL_KILLED = (*KILLED, "airflow-scheduler", "postgres", "airflow-triggerer", "airflow-worker-2")


@pytest.fixture(scope="module")
def agencies(
    deployment: Engine, nation: tuple[Path, list[Simulated]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Agency]:
    """The agencies of the round, with their keys let in; one of them by the command that engineers use."""
    _, entries = nation
    folder = tmp_path_factory.mktemp("agencies")
    codes = sorted({one.agency_code for one in entries})
    found = {code: Agency.of(deployment, code, folder) for code in codes}
    first, *others = found.values()
    assert first.code in deployment.tool("kpi", "sftp", "add", first.code, "-", text=first.public_key)
    for agency in others:
        add_key(Paths(deployment.home), agency.code, parse_key(agency.public_key))
    return found


@pytest.fixture(scope="module")
def answered(
    deployment: Engine, nation: tuple[Path, list[Simulated]], agencies: dict[str, Agency], whole: bool
) -> Iterator[None]:
    """Everything sent, servers killed while it is taken in, and the last receipt there."""
    home, entries = nation
    for code, agency in agencies.items():
        agency.put(sorted((home / "drop" / code / "inbox").iterdir()))
    for name in ALL_KILLED if whole else KILLED:
        eventually(lambda: _receipts(deployment) or _claims(deployment), seconds=60, pause=0.1)
        deployment.containers[name].kill()
        time.sleep(15 if whole else 2)
    seconds = WHOLE_ROUND_SECONDS if whole else ROUND_SECONDS
    eventually(lambda: _receipts(deployment) >= len(entries), seconds, pause=1)
    eventually(lambda: not _claims(deployment), seconds=120, pause=1)
    yield


def _receipts(deployment: Engine) -> int:
    return len(list(deployment.home.glob("drop/*/receipts/*/receipt.json")))


def _claims(deployment: Engine) -> int:
    return len(list(deployment.home.glob("drop/.claims/*")))


@pytest.mark.proof
def test_every_file_has_the_one_receipt_it_must_get(
    answered: None, nation: tuple[Path, list[Simulated]], agencies: dict[str, Agency]
) -> None:
    _, entries = nation
    expected = Counter((one.agency_code, Path(one.file).name, one.outcome) for one in entries)
    names = {name for _, name, _ in expected}
    receipts = [(code, receipt) for code, agency in agencies.items() for receipt in agency.receipts()]
    found = Counter(
        (code, one["file_name"], one["outcome"]) for code, one in receipts if one["file_name"] in names
    )
    assert found == expected


@pytest.mark.proof
def test_nothing_is_lost_and_nothing_counts_twice(
    answered: None, deployment: Engine, nation: tuple[Path, list[Simulated]]
) -> None:
    home, entries = nation
    sent = [hashlib.sha256((home / one.file).read_bytes()).hexdigest() for one in entries]
    assert set(sent) <= {file.name for file in (deployment.home / "archive").iterdir()}
    assert not list(deployment.home.glob("drop/*/inbox/*"))
    received = deployment.query("ledger", "select * from submissions")
    ledger = [row for row in received if row["sha256"] in sent]
    assert Counter(row["sha256"] for row in ledger) == Counter(sent)
    assert {row["state"] for row in ledger} == {"decided"}
    with_rows = {row["sha256"]: row for row in ledger if row["outcome"].startswith("accepted")}
    assert {row["revision"] for row in with_rows.values()} == {"1"}
    rows_sent = {sha256: one.rows for sha256, one in zip(sent, entries, strict=True)}
    in_lake = {
        sha256: pq.read_metadata(deployment.home / row["lake_path"]).num_rows
        for sha256, row in with_rows.items()
    }
    assert in_lake == {sha256: rows_sent[sha256] for sha256 in with_rows}


@pytest.mark.proof_only
def test_a_backup_restored_elsewhere_gives_the_same_publication(answered: None, deployment: Engine) -> None:
    current = deployment.home / "published" / "current"
    eventually(current.exists, seconds=600, pause=1)
    deployment.tool("kpi", "backup", BACKUPS)
    (backup,) = deployment.backups.iterdir()
    publication = next((backup / "home" / "published").glob("[0-9]*")).name
    other = Engine(SETTINGS)
    try:
        other.start("postgres")
        shutil.copytree(backup, other.backups / backup.name)
        subprocess.run(["chown", "-R", "1000:1000", other.backups], check=True)
        other.tool("kpi", "restore", f"{BACKUPS}/{backup.name}")
        shutil.rmtree(other.home / "lake")
        other.tool("kpi", "lake", "rebuild", seconds=900)
        other.tool("kpi", "replay", publication, seconds=900)  # ends with 1 where a mart differs
        other.tool("kpi", "receipts", "verify")
    finally:
        other.down()
