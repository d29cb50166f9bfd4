"""Killed at every step of the order of intake and started again: one receipt, one revision, nothing lost.

A test kills a process at the changes it makes in one step: at all of them in `make proof`, else at the first
and the last. Each scene is set up once; every kill has a copy of its home and its ledger.
"""

import os
import shutil
import signal
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.intake.chain import check_ledger_chains, check_rendered
from national_kpi.intake.claims import claims_folder
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import IntakeContext, sweep
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from tests.integration.dying import NOW, STEPS, drop, dying_at, in_a_child, steps_of, take_in_as_another
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

pytestmark = pytest.mark.proof


@dataclass(frozen=True)
class Scene:
    """Files that were taken in before, the file whose process is killed, and what must become of it.

    Files are the numbers of documents signed, of 1,000 sent: more are refused. `None` is no workbook at all.
    """

    before: tuple[int | None, ...]
    file: int | None
    outcome: str
    revision: int | None
    without: tuple[int, ...] = ()

    def steps(self) -> list[int]:
        """The steps in which something can be killed."""
        return [step for step in STEPS if step not in self.without]


SCENES = {
    "first": Scene((), 900, "accepted", 1),
    "second revision": Scene((900, 2000), 800, "accepted", 2),
    "duplicate": Scene((900,), 900, "duplicate", None),
    "back to an earlier one": Scene((900, 800), 900, "accepted", 3),
    "refused and marked": Scene((900,), 2000, "rejected", None, without=(5,)),
    "unreadable": Scene((900,), None, "quarantined", None, without=(5,)),
}
CASES = [
    pytest.param(scene, step, id=f"{scene}, step {step}: {STEPS[step]}")
    for scene in SCENES
    for step in SCENES[scene].steps()
]


class Stage:
    """Sets a scene once and gives out copies of it."""

    def __init__(self, folder: Path, catalogue: Catalogue, examiner: Examiner, server: str | None) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._examiner = examiner
        self._server = server
        self.set_up = cache(self._set_up)
        self.steps = cache(self._steps)

    def content(self, signed: int | None) -> bytes:
        """The bytes of one of a scene's files."""
        if signed is None:
            return b"PK\x03\x04 and no more"
        grid = form_grid(self._catalogue, "F04", [GOOD_ROWS["F04"] | {"documents_signed": signed}])
        file = self._folder / f"{signed}.xlsx"
        return (file if file.exists() else save(file, grid)).read_bytes()

    def _set_up(self, name: str) -> IntakeContext:
        context = self._context(f"scene {name}", None)
        for number, signed in enumerate(SCENES[name].before):
            drop(context.paths, self.content(signed), f"truoc-{number}.xlsx")
            assert len(sweep(context, NOW).receipts) == 1
        context.engine.dispose()
        return context

    def _steps(self, name: str) -> list[int]:
        context, file = self.copy(name, "told")
        return steps_of(context.paths.home, partial(take_in_as_another, context, file))

    def copy(self, name: str, label: str) -> tuple[IntakeContext, Path]:
        """A copy of a scene, with the file in the inbox."""
        context = self._context(f"{name} {label}", self.set_up(name))
        return context, drop(context.paths, self.content(SCENES[name].file), "tep.xlsx")

    def _context(self, name: str, like: IntakeContext | None) -> IntakeContext:
        home = self._folder / name.replace(" ", "-")
        if like:
            shutil.copytree(like.paths.home, home)
        else:
            home.mkdir()
        url = f"sqlite:///{home / 'ledger.db'}"
        if self._server:
            url = self._database(like)
        engine = open_ledger(url)
        if like is None:
            migrate(engine)
        settings = Settings(_env_file=None, home=home, ledger_url=url)
        context = IntakeContext(settings, Paths.of(settings), self._catalogue, engine)
        vars(context)["examiner"] = self._examiner
        return context

    def _database(self, like: IntakeContext | None) -> str:
        name = f"killed_{os.urandom(5).hex()}"
        template = f"template {like.engine.url.database}" if like else ""
        self._administer(f"create database {name} {template}")
        return f"{self._server}{name}"

    def _administer(self, command: str) -> None:
        admin = open_ledger(f"{self._server}postgres").execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(command))
        admin.dispose()

    def remove(self, context: IntakeContext) -> None:
        """Make room for the next copy."""
        context.engine.dispose()
        shutil.rmtree(context.paths.home)
        if self._server:
            self._administer(f"drop database {context.engine.url.database} with (force)")


LEDGERS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)]


@pytest.fixture(scope="module", params=LEDGERS)
def stage(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,
    examiner: Examiner,
) -> Stage:
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    return Stage(tmp_path_factory.mktemp(request.param), catalogue, examiner, server)


@pytest.mark.parametrize(("name", "step"), CASES)
def test_killed_in_a_step_intake_ends_it_well(stage: Stage, name: str, step: int, whole: bool) -> None:
    changes = [number for number, belongs in enumerate(stage.steps(name)) if belongs == step]
    assert changes, f"the process changes nothing in step {step}"
    for change in changes if whole else {changes[0], changes[-1]}:
        context, file = stage.copy(name, f"{change}")
        home = context.paths.home
        ended = in_a_child(dying_at(change, home, partial(take_in_as_another, context, file)))
        assert ended == -signal.SIGKILL
        sweep(context, NOW)
        check(context, SCENES[name], stage)
        assert sweep(context, NOW).receipts == []
        stage.remove(context)
    print(f"killed at {len(changes) if whole else min(2, len(changes))} of {len(changes)} changes")


def check(context: IntakeContext, scene: Scene, stage: Stage) -> None:
    """One receipt and one decision for each file, the right revision; nothing lost or lying about."""
    paths, count = context.paths, len(scene.before) + 1
    with Session(context.engine) as session:
        submissions = session.scalars(select(Submission).order_by(Submission.decision_number)).all()
        assert [one.decision_number for one in submissions] == list(range(1, count + 1))
        assert {one.state for one in submissions} == {"decided"}
        last = submissions[-1]
        assert (last.outcome, last.revision) == (scene.outcome, scene.revision)
        receipts = session.scalars(select(Receipt).order_by(Receipt.number)).all()
        assert [one.submission_id for one in receipts] == [one.submission_id for one in submissions]
        assert [*check_ledger_chains(session), *check_rendered(session, paths)] == []
        kept = {paths.home / one.lake_path for one in submissions if one.lake_path}
        archived = {one.sha256 for one in submissions}
        marked = [bool(receipt.body["marked_workbook"]) for receipt in receipts]
    assert {file for file in paths.lake.rglob("*") if file.is_file()} == kept
    files = [file for file in paths.archive.iterdir() if file.is_file()]
    assert {file.name for file in files} == archived
    assert stage.content(scene.file) in [file.read_bytes() for file in files]
    folders = sorted(paths.receipts("G15").iterdir())
    assert [len(list(folder.iterdir())) for folder in folders] == [2 + is_marked for is_marked in marked]
    assert list(paths.inbox("G15").iterdir()) == list(claims_folder(paths).iterdir()) == []
    assert list(paths.home.rglob("*.part")) == []
