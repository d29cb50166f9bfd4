"""A receipt that was changed, left out, added or moved is found: in the ledger, the folders, and offline."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from national_kpi.catalogue import Catalogue
from national_kpi.cli.receipts import receipts_app
from national_kpi.clock import HANOI
from national_kpi.digests import canonical_sha256
from national_kpi.errors import ReceiptError
from national_kpi.intake.chain import Break, check_chain, check_ledger_chains, check_rendered, links_of
from national_kpi.intake.drop import prepare_folders
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import IntakeContext, sweep
from national_kpi.ledger.models import Receipt, Submission
from national_kpi.ledger.session import ledger_url, migrate, open_ledger
from national_kpi.paths import RECEIPT_SCHEMA_FILE, Paths
from national_kpi.settings import Settings
from tests.unit.intake.workbooks import form_grid, save

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)


@pytest.fixture(scope="module")
def issued_home(
    catalogue: Catalogue, examiner: Examiner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A home with four receipts of one agency and one of another; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("issued")
    context = opened(folder / "home", catalogue, examiner)
    migrate(context.engine)
    for number, code in enumerate(("G15", "G15", "G18", "G15", "G15")):
        file = context.paths.inbox(code) / f"{number}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        grid = form_grid(catalogue, "F06", [{"portal": "A", "visits": number + 1}])
        shutil.copyfile(save(folder / "x.csv", grid), file)
        settled = (NOW - timedelta(minutes=9 - number)).timestamp()
        os.utime(file, (settled, settled))
    assert len(sweep(context, NOW).receipts) == 5
    context.engine.dispose()
    yield context.paths.home


@pytest.fixture
def issued(
    issued_home: Path, home: Path, catalogue: Catalogue, examiner: Examiner
) -> Iterator[IntakeContext]:
    shutil.copytree(issued_home, home)
    context = opened(home, catalogue, examiner)
    yield context
    context.engine.dispose()


def opened(home: Path, catalogue: Catalogue, examiner: Examiner) -> IntakeContext:
    settings = Settings(_env_file=None, home=home, ledger_url="")
    paths = Paths.of(settings)
    context = IntakeContext(settings, paths, catalogue, open_ledger(ledger_url(settings, paths)))
    vars(context)["examiner"] = examiner
    return context


def in_ledger(context: IntakeContext) -> list[Break]:
    with Session(context.engine) as session:
        return list(check_ledger_chains(session))


def rendered(context: IntakeContext) -> list[Break]:
    with Session(context.engine) as session:
        return list(check_rendered(session, context.paths))


def offline(context: IntakeContext) -> list[Break]:
    return list(check_chain(links_of(context.paths.receipts("G15"))))


def file_of(context: IntakeContext, number: int) -> Path:
    (file,) = context.paths.receipts("G15").glob(f"{number:06}-*/receipt.json")
    return file


def change(file: Path, act: Callable[[dict[str, Any]], None], *, reseal: bool = False) -> None:
    said = json.loads(file.read_text())
    act(said)
    if reseal:
        said["sha256"] = canonical_sha256({key: value for key, value in said.items() if key != "sha256"})
    file.write_text(json.dumps(said))


def raise_total(said: dict[str, Any]) -> None:
    said["totals"][0]["total"] = "999"


def numbers(breaks: list[Break]) -> list[int | None]:
    return [one.number for one in breaks]


def test_what_intake_issues_holds_everywhere(issued: IntakeContext) -> None:
    assert (in_ledger(issued), rendered(issued), offline(issued)) == ([], [], [])


def test_one_changed_figure_is_found(issued: IntakeContext) -> None:
    change(file_of(issued, 2), raise_total)
    (found,) = offline(issued)
    assert found.number == 2
    assert "the content was changed" in found.what
    assert [(one.number, one.what) for one in rendered(issued)] == [(2, "differs from the ledger in: totals")]
    assert in_ledger(issued) == []


def test_a_forged_receipt_with_a_new_seal_does_not_fit_the_next(issued: IntakeContext) -> None:
    change(file_of(issued, 2), raise_total, reseal=True)
    (found,) = offline(issued)
    assert found.number == 3
    assert found.what.startswith("previous_receipt_sha256")
    assert [one.what for one in rendered(issued)] == ["differs from the ledger in: sha256, totals"]


def test_the_newest_receipt_forged_with_a_new_seal_differs_from_the_ledger(issued: IntakeContext) -> None:
    change(file_of(issued, 4), raise_total, reseal=True)
    assert offline(issued) == []  # nothing follows yet that would tell
    assert numbers(rendered(issued)) == [4]


@pytest.mark.parametrize(("number", "missing"), [(1, "receipt 1"), (2, "receipt 2")])
def test_a_removed_receipt_is_missed(issued: IntakeContext, number: int, missing: str) -> None:
    shutil.rmtree(file_of(issued, number).parent)
    assert [(one.number, one.what) for one in offline(issued)] == [
        (number + 1, f"{missing} before it: missing")
    ]
    assert rendered(issued) == []  # an agency may clear away what it has read


def test_swapped_receipts_are_found(issued: IntakeContext) -> None:
    two, three = file_of(issued, 2), file_of(issued, 3)
    kept = two.read_bytes()
    two.write_bytes(three.read_bytes())
    three.write_bytes(kept)
    assert {2, 3} <= set(numbers(offline(issued)))
    assert any(one.what == "number: the receipt says 3, it is kept as 2" for one in offline(issued))


def test_a_receipt_the_ledger_does_not_know_is_found(issued: IntakeContext) -> None:
    forged = file_of(issued, 4).parent.with_name("000005-x")
    shutil.copytree(file_of(issued, 4).parent, forged)
    change(forged / "receipt.json", lambda said: said.update(number=5), reseal=True)
    assert [(one.number, one.what) for one in rendered(issued)] == [(5, "the ledger has no such receipt")]


def test_a_body_changed_in_the_ledger_is_found(issued: IntakeContext) -> None:
    with Session(issued.engine) as session, session.begin():
        second = session.scalars(
            select(Receipt).where(Receipt.agency_code == "G15", Receipt.number == 2)
        ).one()
        second.body = {**second.body, "outcome": "rejected"}
    what = [one.what for one in in_ledger(issued)]
    assert any("the content was changed" in one for one in what)
    assert "outcome: the receipt says 'rejected', the submission 'accepted'" in what
    with Session(issued.engine) as session, session.begin():
        second = session.scalars(
            select(Receipt).where(Receipt.agency_code == "G15", Receipt.number == 2)
        ).one()
        second.sha256 = canonical_sha256(second.body)
    assert {one.number for one in in_ledger(issued)} == {2, 3}


@pytest.mark.parametrize("number", [2, 4])
def test_a_receipt_deleted_from_the_ledger_is_missed(issued: IntakeContext, number: int) -> None:
    with Session(issued.engine) as session, session.begin():
        session.execute(delete(Receipt).where(Receipt.agency_code == "G15", Receipt.number == number))
        submissions = session.scalars(select(Submission.submission_id)).all()
    what = [one.what for one in in_ledger(issued)]
    assert any(one.endswith("its receipt is missing") and one.split()[1] in submissions for one in what)


def kpi(context: IntakeContext, *arguments: str) -> Result:
    settings = {"KPI_HOME": str(context.paths.home), "KPI_LEDGER_URL": ""}
    return CliRunner().invoke(receipts_app, arguments, env=settings)


def test_the_command_tells_whole_from_broken_from_unreadable(issued: IntakeContext, tmp_path: Path) -> None:
    whole = kpi(issued, "verify")
    assert (whole.exit_code, whole.stdout) == (0, "5 receipt(s): every chain holds.\n")
    receipts = str(issued.paths.receipts("G15"))
    change(file_of(issued, 2), raise_total)
    for arguments in (["verify"], ["verify", "--agency", "G15"], ["verify", receipts]):
        broken = kpi(issued, *arguments, "--json")
        assert broken.exit_code == 1
        assert [(one["agency_code"], one["number"]) for one in json.loads(broken.stdout)] == [("G15", 2)]
    assert kpi(issued, "verify", "--agency", "G18", "--json").stdout == "[]\n"
    assert kpi(issued, "verify", str(tmp_path / "gone")).exit_code == 2
    file_of(issued, 3).write_text("{")
    (tmp_path / "empty").mkdir()
    for arguments in ([], [receipts], [str(tmp_path / "empty")]):
        assert isinstance(kpi(issued, "verify", *arguments).exception, ReceiptError)  # which exits with 2


def test_the_command_tells_whether_a_file_is_the_one_received(issued: IntakeContext, tmp_path: Path) -> None:
    receipts = str(issued.paths.receipts("G15"))
    with Session(issued.engine) as session:
        own = session.scalars(select(Submission.sha256).where(Submission.agency_code == "G15")).all()
    sent = issued.paths.archive / own[0]
    assert kpi(issued, "verify", receipts, "--file", str(sent)).exit_code == 0
    other = tmp_path / "other.csv"
    other.write_bytes(sent.read_bytes() + b" ")
    outcome = kpi(issued, "verify", receipts, "--file", str(sent), "--file", str(other), "--json")
    assert [one["where"] for one in json.loads(outcome.stdout)] == [str(other)]
    assert kpi(issued, "verify", "--file", str(sent)).exit_code == 2


def test_receipts_that_are_gone_are_written_again(issued: IntakeContext) -> None:
    before = {file: file.read_bytes() for file in issued.paths.drop.glob("*/receipts/*/*")}
    shutil.rmtree(issued.paths.receipts("G15"))
    assert kpi(issued, "render", "--agency", "G15").stdout == "4 receipt(s) written.\n"
    assert {file: file.read_bytes() for file in issued.paths.drop.glob("*/receipts/*/*")} == before


def test_the_schema_lies_with_the_agency_and_is_printed(context: IntakeContext, catalogue: Catalogue) -> None:
    prepare_folders(context.paths, catalogue, NOW.date())
    published = context.paths.receipts("G15").with_name("receipt.schema.json").read_text()
    assert published == RECEIPT_SCHEMA_FILE.read_text() == kpi(context, "schema").stdout
