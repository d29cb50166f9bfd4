"""A pulled file reaches the inbox once, wherever a pull breaks off."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from national_kpi.clock import HANOI
from national_kpi.ledger.models import Pull, SourceFile
from national_kpi.paths import Paths
from national_kpi.sources import delivery as module
from national_kpi.sources.delivery import Delivery, pulls_folder
from tests.unit.sources.api import SOURCE

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=HANOI)
NAME, SHA = "a_01234567.csv", "01234567" * 8


class PowerCut(BaseException):
    """The machine stops."""


def start(paths: Paths, engine: Engine) -> Delivery:
    delivery = Delivery(paths, engine, SOURCE, NOW)
    delivery.finish()
    return delivery


def deliver(delivery: Delivery) -> None:
    file = delivery.unfinished()
    file.write_bytes(b"a")
    remembered = SourceFile(source_id="road", path="a.csv", mark="1", sha256=SHA)
    delivery.deliver(file, NAME, SHA, remembered)


def inbox(paths: Paths) -> list[str]:
    folder = paths.inbox("G17")
    return [file.name for file in folder.iterdir()] if folder.exists() else []


def remembered(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.scalars(select(SourceFile)).all())


def test_the_ledger_knows_a_file_before_it_can_be_seen(
    paths: Paths, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[bool] = []
    rename = Path.replace

    def watch(file: Path, target: Path) -> Path:
        with Session(engine) as session:
            known.append(session.scalar(select(Pull.file_name)) == target.name and not target.exists())
        return rename(file, target)

    monkeypatch.setattr(Path, "replace", watch)
    deliver(start(paths, engine))
    assert known == [True]
    assert inbox(paths) == [NAME]


def test_a_file_the_ledger_knows_is_delivered_by_the_next_pull(
    paths: Paths, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr(Delivery, "_move", lambda *_: (_ for _ in ()).throw(PowerCut))
        deliver(start(paths, engine))
    assert (inbox(paths), remembered(engine)) == ([], 1)
    assert [file.name for file in start(paths, engine).files] == [NAME]
    assert inbox(paths) == [NAME]
    assert start(paths, engine).files == []


def test_a_file_the_ledger_does_not_know_is_pulled_again(
    paths: Paths, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed: list[Path] = []

    def cut(folder: Path) -> None:
        renamed.extend(folder.glob("*~*"))
        raise PowerCut

    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr(module, "sync_folder", cut)  # renamed, and not committed
        deliver(start(paths, engine))
    assert renamed and remembered(engine) == 0
    assert start(paths, engine).files == []
    assert list((pulls_folder(paths) / "road").iterdir()) == []
    deliver(start(paths, engine))
    assert (inbox(paths), remembered(engine)) == ([NAME], 1)


def test_a_file_named_after_the_pull_of_another_source_is_not_delivered(paths: Paths, engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        session.add(Pull(pull_id=7, source_id="rail", pulled_at=NOW, sha256=SHA, file_name=NAME))
    left = pulls_folder(paths) / "road" / f"7~{NAME}"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"a")
    assert start(paths, engine).files == []
    assert not left.exists()
