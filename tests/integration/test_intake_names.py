"""What lies in an inbox under odd names, and what lies there and is no file."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from national_kpi.catalogue import Catalogue
from national_kpi.intake.claims import claims_folder
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import IntakeContext, sweep, take_in_batch
from national_kpi.paths import Paths
from national_kpi.settings import Settings
from tests.integration.dying import NOW, drop
from tests.unit.intake.workbooks import form_grid, save


@pytest.fixture
def ctx(settings: Settings, catalogue: Catalogue, examiner: Examiner, ledger: Engine) -> IntakeContext:
    """Intake on SQLite and on PostgreSQL in turn."""
    context = IntakeContext(settings, Paths.of(settings), catalogue, ledger)
    vars(context)["examiner"] = examiner
    return context


FILE_NAMES = {
    "báo cáo.csv": "accepted",
    "x" * 251 + ".csv": "accepted",
    "..csv": "accepted",
    "-rf.csv": "accepted",
    "%2e%2e%2fx.csv": "accepted",
    "$(touch x) `x`; x'\".csv": "accepted",
    "a\nb.csv": "quarantined",
    "\x1b[2Jx.csv": "quarantined",
    "bao-cao\u202excod.csv": "quarantined",
    os.fsdecode(b"b\xe1o.csv"): "quarantined",
}


@pytest.mark.parametrize("name", list(FILE_NAMES), ids=ascii)
def test_a_file_of_any_name_is_answered_in_its_folder_and_refused_where_the_name_misleads(
    ctx: IntakeContext, catalogue: Catalogue, tmp_path: Path, name: str
) -> None:
    content = save(tmp_path / "x.csv", form_grid(catalogue, "F06")).read_bytes()
    (result,) = take_in_batch(ctx, [drop(ctx.paths, content, name)], NOW).receipts
    receipt = json.loads((result.receipt_folder / "receipt.json").read_text(encoding="utf-8"))
    assert receipt["outcome"] == FILE_NAMES[name]
    assert [finding["rule_id"] for finding in receipt["findings"]] == (
        [] if receipt["outcome"] == "accepted" else ["READ-13"]
    )
    assert result.receipt_folder.parent == ctx.paths.receipts("G15")
    assert len(result.receipt_folder.name) < 80
    assert [file.read_bytes() for file in ctx.paths.archive.iterdir() if file.is_file()] == [content]


def test_what_is_no_file_is_left_where_it_is(ctx: IntakeContext, tmp_path: Path) -> None:
    inbox = ctx.paths.inbox("G15")
    inbox.mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a;b")
    (inbox / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "folder.csv").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(inbox / "socket.csv"))
    if os.geteuid() == 0:
        os.mknod(inbox / "device.csv", 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # zeros without end
    there = sorted(inbox.iterdir())
    assert sweep(ctx, NOW).receipts == []
    assert take_in_batch(ctx, there, NOW).receipts == []  # as if they had been exchanged for files just now
    assert sorted(inbox.iterdir()) == there
    assert not ctx.paths.archive.exists()
    assert list(claims_folder(ctx.paths).iterdir()) == []
