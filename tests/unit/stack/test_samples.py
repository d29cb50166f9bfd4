from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.stack.samples import Sample, drop_missing, outcomes, samples_in, without_receipt

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=HANOI)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "home")


@pytest.fixture
def ledger(paths: Paths) -> Iterator[Engine]:
    engine = open_ledger(f"sqlite:///{paths.ledger_file}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def samples(tmp_path: Path, paths: Paths) -> tuple[Sample, ...]:
    for name in ("samples/G04/a.csv", "samples/G06/b.csv", "samples/http/c.json", "samples/G04/.hidden"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    for code in ("G04", "G06"):
        paths.inbox(code).mkdir(parents=True)
    return samples_in(tmp_path / "samples", paths)


def receive(ledger: Engine, sample: Sample, outcome: str) -> None:
    with Session(ledger) as session, session.begin():
        session.add(
            Submission(
                submission_id=sample.sha256,
                agency_code=sample.agency_code,
                file_name=sample.file.name,
                sha256=sample.sha256,
                size_bytes=1,
                received_at=NOW,
                origin="drop",
                state="decided",
                outcome=outcome,
                receipt=Receipt(
                    agency_code=sample.agency_code, number=1, issued_at=NOW, body={}, sha256=sample.sha256
                ),
            )
        )


def test_only_folders_of_agencies_hold_samples(samples: tuple[Sample, ...]) -> None:
    assert [(sample.agency_code, sample.file.name) for sample in samples] == [
        ("G04", "a.csv"),
        ("G06", "b.csv"),
    ]


def test_samples_are_dropped_once(samples: tuple[Sample, ...], paths: Paths, ledger: Engine) -> None:
    assert drop_missing(samples, paths, ledger) == 2
    assert [file.name for file in paths.inbox("G04").iterdir()] == ["a.csv"]
    assert drop_missing(samples, paths, ledger) == 0, "they lie in the inbox"
    (paths.inbox("G04") / "a.csv").unlink()
    receive(ledger, samples[0], "accepted")
    assert drop_missing(samples, paths, ledger) == 0, (
        "the ledger knows the first, the second still lies there"
    )


def test_waiting_ends_when_every_sample_has_a_receipt(samples: tuple[Sample, ...], ledger: Engine) -> None:
    assert without_receipt(samples, ledger) == ["a.csv", "b.csv"]
    receive(ledger, samples[0], "accepted")
    assert without_receipt(samples, ledger) == ["b.csv"]
    receive(ledger, samples[1], "rejected")
    assert without_receipt(samples, ledger) == []
    assert outcomes(samples, ledger) == {"accepted": 1, "rejected": 1}
