"""Taking in files with a real ledger: receipts, revisions, duplicates, and files nothing can be done with."""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import national_kpi.intake
from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.digests import canonical_sha256
from national_kpi.errors import LedgerError
from national_kpi.intake.claims import claims_folder
from national_kpi.intake.drop import prepare_folders
from national_kpi.intake.examine import Examiner
from national_kpi.intake.pipeline import (
    IntakeContext,
    InterruptedIntakeError,
    TakenIn,
    check_file,
    sweep,
    take_in,
    take_in_batch,
)
from national_kpi.intake.receipts import render
from national_kpi.ledger.models import Finding, Pull, Receipt, Submission
from national_kpi.paths import SAMPLES_DIR, Paths
from national_kpi.settings import Settings
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)
SCHEMA = json.loads(Path(national_kpi.intake.__path__[0], "receipt.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


@pytest.fixture
def ctx(settings: Settings, catalogue: Catalogue, examiner: Examiner, ledger: Engine) -> IntakeContext:
    """Intake on SQLite and on PostgreSQL in turn."""
    context = IntakeContext(settings, Paths.of(settings), catalogue, ledger)
    vars(context)["examiner"] = examiner
    prepare_folders(context.paths, catalogue, NOW.date())
    return context


Drop = Callable[..., Path]


@pytest.fixture
def drop(ctx: IntakeContext) -> Drop:
    """Puts a file into an inbox, complete and settled."""

    def put(content: bytes | Path, name: str, code: str = "G15") -> Path:
        inbox = ctx.paths.inbox(code)
        inbox.mkdir(parents=True, exist_ok=True)
        file = inbox / name
        file.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        long_ago = (NOW - timedelta(minutes=5)).timestamp()
        os.utime(file, (long_ago, long_ago))
        return file

    return put


@pytest.fixture
def visits(catalogue: Catalogue, tmp_path: Path) -> Callable[[Any], bytes]:
    """The bytes of a form F06 with that many visits."""

    def make(count: Any) -> bytes:
        grid = form_grid(catalogue, "F06", [{"portal": "Cổng A", "visits": count}])
        return save(tmp_path / "f06.csv", grid).read_bytes()

    return make


def taken(ctx: IntakeContext, file: Path, now: datetime = NOW) -> TakenIn:
    result = take_in(ctx, file, now)
    assert result is not None
    assert not file.exists()
    return result


def receipt_of(result: TakenIn) -> dict[str, Any]:
    """The rendered receipt, valid by its schema and sealed."""
    receipt: dict[str, Any] = json.loads((result.receipt_folder / "receipt.json").read_text(encoding="utf-8"))
    VALIDATOR.validate(receipt)
    assert receipt["sha256"] == canonical_sha256(
        {key: value for key, value in receipt.items() if key != "sha256"}
    )
    return receipt


def html_of(result: TakenIn) -> str:
    return (result.receipt_folder / "bien-nhan.html").read_text(encoding="utf-8")


def nothing_left(ctx: IntakeContext) -> bool:
    claims = claims_folder(ctx.paths)
    return not (claims.is_dir() and list(claims.iterdir())) and not list(ctx.paths.drop.rglob("*.part"))


def test_an_accepted_file_leaves_bytes_rows_ledger_and_receipt(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    content = visits("13.042.570")
    result = taken(ctx, drop(content, "Lượt truy cập tháng 8.csv"))
    digest = hashlib.sha256(content).hexdigest()
    assert (ctx.paths.archive / digest).read_bytes() == content
    receipt = receipt_of(result)
    assert (receipt["outcome"], receipt["revision"], receipt["number"]) == ("accepted", 1, 1)
    assert receipt["totals"] == [{"column_name": "visits", "header": "Số lượt truy cập", "total": "13042570"}]
    assert result.receipt_folder == ctx.paths.receipts("G15") / "000001-Lượt-truy-cập-tháng-8"
    assert "13.042.570" in html_of(result)
    with Session(ctx.engine) as session:
        row = session.scalars(select(Submission)).one()
        assert (row.state, row.outcome, row.origin, row.revision) == ("decided", "accepted", "drop", 1)
        assert (row.agency_id, row.reported_by) == ("G15@0001-01-01", "G15@0001-01-01")
        assert (row.form_code, row.period_code, row.known_from) == ("F06", "2022-M08", date(2026, 11, 22))
        assert (row.received_at, row.decided_at, row.decision_number) == (NOW, NOW, 1)
        assert (row.sha256, row.size_bytes, row.rule_pack) == (digest, len(content), ctx.catalogue.sha256)
        lake = ctx.paths.home / str(row.lake_path)
    assert lake.relative_to(ctx.paths.home) == Path("lake", "F06", f"{result.submission_id}.parquet")
    assert duckdb.sql(f"select submission_id, visits from '{lake}'").fetchall() == [
        (result.submission_id, 13_042_570)
    ]
    assert nothing_left(ctx)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "rong.xlsx": (b"", "không có dữ liệu"),
    "van-ban.xlsx": ("chỉ là văn bản".encode(), "không đúng với đuôi tên tệp"),
    "macro.xlsm": (b"PK", "có chứa macro"),
    "rac.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0\xff" * 600, "bị hỏng"),
    "anh.pdf": (b"%PDF-1.7", "không được tiếp nhận"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAD_FILES))
def test_an_unreadable_file_is_kept_and_answered(ctx: IntakeContext, drop: Drop, name: str) -> None:
    content, said = BAD_FILES[name]
    result = taken(ctx, drop(content, name))
    receipt = receipt_of(result)
    assert receipt["outcome"] == "quarantined"
    assert said in receipt["findings"][0]["message"]
    assert said in html_of(result)
    assert (ctx.paths.archive / hashlib.sha256(content).hexdigest()).read_bytes() == content
    assert not ctx.paths.lake.exists()


def test_a_truncated_workbook_is_kept_and_answered(ctx: IntakeContext, drop: Drop) -> None:
    whole = (SAMPLES_DIR / "G11" / "F05-bo-quoc-phong.xlsx").read_bytes()
    result = taken(ctx, drop(whole[: len(whole) // 2], "cut.xlsx", "G11"))
    assert receipt_of(result)["findings"][0]["rule_id"] == "READ-01"


def test_an_unknown_form_the_wrong_agency_and_zero_rows_are_rejected(
    ctx: IntakeContext, drop: Drop, catalogue: Catalogue, tmp_path: Path
) -> None:
    grids = {
        "FORM-01": [["Họ và tên", "Ngày sinh"], ["An", "1990"]],
        "AGENCY-02": form_grid(catalogue, "F06", lines=["Cơ quan báo cáo: Bộ Y tế"]),
        "FORM-06": form_grid(catalogue, "F06", []),
    }
    for rule_id, grid in grids.items():
        result = taken(ctx, drop(save(tmp_path / "x.xlsx", grid), f"{rule_id}.xlsx"))
        receipt = receipt_of(result)
        assert (receipt["outcome"], receipt["findings"][0]["rule_id"]) == ("rejected", rule_id)
        assert receipt["findings"][0]["mend"] in html_of(result)
    assert not ctx.paths.lake.exists()


def test_a_file_in_a_folder_that_is_nobodys_is_answered_there(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    result = taken(ctx, drop(visits(1), "f06.csv", "G14"))
    receipt = receipt_of(result)
    assert (receipt["outcome"], receipt["agency_id"]) == ("quarantined", None)
    assert "Nộp vào thư mục G06 (Bộ Khoa học và Công nghệ)" in receipt["findings"][0]["mend"]
    assert result.receipt_folder.parent == ctx.paths.receipts("G14")
    with Session(ctx.engine) as session:
        assert session.scalars(select(Submission)).one().agency_id is None


def test_a_corrected_file_is_a_revision_and_the_same_file_a_duplicate(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    outcomes = []
    for count in (1, 1, 2, 1, "mười"):
        receipt = receipt_of(taken(ctx, drop(visits(count), "f06.csv")))
        outcomes.append(
            (receipt["outcome"], receipt["revision"], receipt["replaces"], receipt["duplicate_of"])
        )
    with Session(ctx.engine) as session:
        first, _, second, third, _ = session.scalars(
            select(Submission.submission_id).order_by(Submission.decision_number)
        )
    assert outcomes == [
        ("accepted", 1, None, None),
        ("duplicate", None, None, first),
        ("accepted", 2, first, None),
        ("accepted", 3, second, None),  # A, B, A: a revert, not a duplicate
        ("rejected", None, None, None),  # and a rejected file displaces nothing
    ]
    lake = sorted(file.stem for file in ctx.paths.lake.rglob("*.parquet"))
    assert lake == sorted([first, second, third])


def test_the_same_bytes_under_new_rules_are_no_duplicate(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    from dataclasses import replace

    taken(ctx, drop(visits(1), "f06.csv"))
    later = replace(ctx, catalogue=replace(ctx.catalogue, sha256="f" * 64))
    assert taken(later, drop(visits(1), "f06.csv")).revision == 2


def test_receipts_of_a_folder_form_a_chain(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    receipts = [
        receipt_of(taken(ctx, drop(content, "f06.csv", code)))
        for content, code in [(visits(1), "G15"), (b"", "G18"), (b"", "G15"), (visits(2), "G15")]
    ]
    assert [(r["agency_code"], r["number"]) for r in receipts] == [
        ("G15", 1), ("G18", 1), ("G15", 2), ("G15", 3),
    ]  # fmt: skip
    own = [r for r in receipts if r["agency_code"] == "G15"]
    assert [r["previous_receipt_sha256"] for r in own] == [None, own[0]["sha256"], own[1]["sha256"]]


def test_findings_are_kept_with_their_places(
    ctx: IntakeContext, drop: Drop, catalogue: Catalogue, tmp_path: Path
) -> None:
    grid = form_grid(catalogue, "F04", [GOOD_ROWS["F04"] | {"documents_signed": 1001}])
    taken(ctx, drop(save(tmp_path / "x.xlsx", grid), "x.xlsx"))
    with Session(ctx.engine) as session:
        findings = session.scalars(select(Finding).where(Finding.severity == "block")).all()
    (finding,) = findings
    assert (finding.cell, finding.row_number, finding.found) == ("E5", 5, "1001")
    assert (finding.sheet, finding.column_name) == ("Trang 1", "documents_signed")


def test_a_pulled_file_remembers_its_source(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    digest = hashlib.sha256(visits(1)).hexdigest()
    with Session(ctx.engine) as session, session.begin():
        session.add(Pull(source_id="portal", pulled_at=NOW, sha256=digest, file_name="f06.csv"))
    assert receipt_of(taken(ctx, drop(visits(1), "f06.csv")))["origin"] == "source:portal"


def test_receipts_show_text_of_strangers_as_text(
    ctx: IntakeContext, drop: Drop, catalogue: Catalogue, tmp_path: Path
) -> None:
    attack = "<script>alert(1)</script>"
    grid = form_grid(catalogue, "F06", [{"portal": "A", "visits": attack}])
    result = taken(ctx, drop(save(tmp_path / "x.xlsx", grid), "a<b>&'\".xlsx"))
    assert receipt_of(result)["findings"][0]["found"] == attack
    assert attack not in html_of(result)
    assert "&lt;script&gt;" in html_of(result)


def test_receipts_can_be_rendered_again(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    result = taken(ctx, drop(visits(1), "f06.csv"))
    before = {file.name: file.read_bytes() for file in result.receipt_folder.iterdir()}
    (result.receipt_folder / "receipt.json").unlink()
    with Session(ctx.engine) as session:
        render(ctx.paths, session.scalars(select(Receipt)).one())
    assert {file.name: file.read_bytes() for file in result.receipt_folder.iterdir()} == before
    shutil.rmtree(result.receipt_folder)
    with Session(ctx.engine) as session:
        render(ctx.paths, session.scalars(select(Receipt)).one())
    assert {file.name: file.read_bytes() for file in result.receipt_folder.iterdir()} == before


def test_a_sweep_takes_in_everything_once(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    drop(visits(1), "f06.csv")
    drop(b"", "rong.xlsx", "G18")
    drop(b"x", "dang-tai.xlsx.part")
    first = sweep(ctx, NOW)
    assert (first.accepted, len(first.receipts), first.waiting) == (1, 2, [])
    assert sweep(ctx, NOW).receipts == []
    assert (ctx.paths.inbox("G15") / "dang-tai.xlsx.part").exists()
    assert all(one.submission_id in caplog.text for one in first.receipts)


def test_a_bad_file_does_not_stop_the_others(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    files = [drop(b"", "a.xlsx"), ctx.paths.inbox("G15") / "gone.xlsx", drop(visits(1), "b.csv")]
    result = take_in_batch(ctx, files, NOW)
    assert [one.outcome for one in result.receipts] == ["quarantined", "accepted"]


def test_a_disk_that_refuses_one_file_loses_nothing_and_stops_no_other(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    ctx.paths.lake.mkdir(parents=True)
    (ctx.paths.lake / "F06").write_text("in the way of the folder")
    files = [drop(visits(1), "a.csv"), drop(b"", "b.xlsx")]
    with pytest.raises(InterruptedIntakeError, match=r"a\.csv") as caught:
        take_in_batch(ctx, files, NOW)
    assert [one.file_name for one in caught.value.result.receipts] == ["b.xlsx"]
    (ctx.paths.lake / "F06").unlink()
    assert [one.file_name for one in sweep(ctx, NOW).receipts] == ["a.csv"]
    assert nothing_left(ctx)


def test_without_a_ledger_no_file_is_touched(
    settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    from national_kpi.ledger.session import open_ledger

    (tmp_path / "broken.db").write_text("no database " * 100)
    broken = open_ledger(f"sqlite:///{tmp_path / 'broken.db'}")
    ctx = IntakeContext(settings, Paths.of(settings), catalogue, broken)
    file = ctx.paths.inbox("G15") / "a.xlsx"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    for act in (lambda: take_in_batch(ctx, [file], NOW), lambda: sweep(ctx, NOW)):
        with pytest.raises(LedgerError):
            act()
    assert file.exists()


def test_the_same_name_with_other_bytes_is_another_submission(
    ctx: IntakeContext, drop: Drop, visits: Callable[[Any], bytes]
) -> None:
    one = taken(ctx, drop(visits(1), "f06.csv"))
    two = taken(ctx, drop(visits(2), "f06.csv"))
    assert one.submission_id != two.submission_id
    assert len([file for file in ctx.paths.archive.iterdir() if file.is_file()]) == 2


def _sample_files() -> list[Path]:
    return sorted(file for file in SAMPLES_DIR.glob("*/F*") if file.suffix in (".xlsx", ".xls", ".csv"))


@pytest.mark.parametrize("file", _sample_files(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_sample_would_be_accepted(catalogue: Catalogue, file: Path) -> None:
    result = check_file(catalogue, file, file.parent.name, NOW)
    assert result.outcome in ("accepted", "accepted_with_warnings"), result.body["findings"]


def test_all_rows_of_the_samples_reach_the_lake(ctx: IntakeContext, drop: Drop) -> None:
    for file in _sample_files():
        drop(file, file.name, file.parent.name)
    assert sweep(ctx, NOW).accepted == len(_sample_files())
    rows = duckdb.sql(f"select agency_id, value_as_printed from '{ctx.paths.lake}/F07/*.parquet'").fetchall()
    assert len(rows) == 71
    assert ("H52@0001-01-01", "0,31%") in rows
    assert ("G19@0001-01-01", "124/436 văn bản, đạt 28.5%") in rows
