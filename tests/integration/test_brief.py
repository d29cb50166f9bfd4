"""The brief for 1/1–22/8/2022 as known on 8/9/2022, against the lists that were published that day."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.brief.extremes import highest_and_lowest
from national_kpi.brief.facts import GROUPS, Facts, read_facts, usual_period
from national_kpi.brief.issue import BriefRequest, IssuedBrief, issue_brief
from national_kpi.brief.report import compose_report
from national_kpi.clock import HANOI
from national_kpi.documents import Table, write_pdf
from national_kpi.errors import BriefError
from national_kpi.intake.context import IntakeContext
from national_kpi.ledger.cycle import AuditEvent, BriefIssue
from national_kpi.ledger.session import migrate, open_ledger
from national_kpi.warehouse.asked import database_for
from tests.integration.building import kpi, new_platform, take_in_samples

NOW = datetime(2026, 11, 22, 9, tzinfo=HANOI)
PUBLISHED_ON = date(2022, 9, 8)
PERIOD = "2022-01-01..2022-08-22"
REQUEST = BriefRequest("on_demand", PUBLISHED_ON, PERIOD)

PUBLISHED_LISTS = {
    ("KPI_PORTAL_VISITS", "ministry"): (
        ["Bộ Y tế", "Bộ Thông tin và Truyền thông", "Bộ Giáo dục và Đào tạo"],
        [
            "Bộ Nông nghiệp và Phát triển nông thôn",
            "Bộ Lao động - Thương binh và Xã hội",
            "Bộ Tài nguyên và Môi trường",
        ],
    ),
    ("KPI_PORTAL_VISITS", "province"): (
        ["Bắc Giang", "Thừa Thiên Huế", "Đắk Lắk", "Cà Mau", "Quảng Bình"],
        ["Hà Tĩnh", "Hậu Giang", "Ninh Thuận"],
    ),
    ("KPI_OPS_WITH_ONLINE_DOSSIER_RATE", "ministry"): (
        ["Bộ Công Thương", "Bộ Giáo dục và Đào tạo", "Bộ Thông tin và Truyền thông"],
        ["Bộ Tài nguyên và Môi trường", "Bộ Tư pháp", "Bộ Lao động - Thương binh và Xã hội"],
    ),
    ("KPI_OPS_WITH_ONLINE_DOSSIER_RATE", "province"): (
        ["Long An", "Hải Dương", "Tiền Giang", "Hòa Bình", "Bắc Giang"],
        ["Điện Biên", "Cà Mau", "Bắc Kạn", "Bạc Liêu"],
    ),
    ("KPI_DOSSIER_ONLINE_RATE", "ministry"): (
        ["Bộ Công Thương", "Bộ Giáo dục và Đào tạo", "Bộ Tài chính"],
        ["Bộ Y tế", "Bộ Nông nghiệp và Phát triển nông thôn", "Bộ Xây dựng"],
    ),
    ("KPI_DOSSIER_ONLINE_RATE", "province"): (
        ["Hòa Bình", "Quảng Ninh", "Ninh Bình", "Hà Nam", "Thanh Hóa"],
        ["Gia Lai", "Quảng Ngãi", "Lâm Đồng", "Bắc Kạn", "Sơn La"],
    ),
}
"""As the press printed them on 8 September 2022, each list from better to worse; equal visits by code."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeContext]:
    context = new_platform(tmp_path_factory.mktemp("brief") / "home")
    take_in_samples(context, NOW)
    yield context
    context.engine.dispose()


@pytest.fixture(scope="module")
def database(platform: IntakeContext) -> Path:
    return database_for(platform.paths, platform.engine, as_of=PUBLISHED_ON, period_code=PERIOD, now=NOW)


@pytest.fixture(scope="module")
def facts(database: Path) -> Facts:
    return read_facts(database, as_of=PUBLISHED_ON, period_code=PERIOD, since=None)


def issue(platform: IntakeContext, database: Path, folder: Path, now: datetime = NOW) -> IssuedBrief:

    return issue_brief(platform.engine, database, REQUEST, folder=folder, actor="platform", now=now)


@pytest.mark.parametrize(("kpi_code", "group"), sorted(PUBLISHED_LISTS))
def test_the_highest_and_the_lowest_are_those_that_were_published(
    facts: Facts, kpi_code: str, group: str
) -> None:
    sides = highest_and_lowest(facts.ranked(kpi_code, group), group)
    names = tuple([_own_name(row["agency_name_vi"]) for row in side] for side in sides)
    assert names == PUBLISHED_LISTS[kpi_code, group]


def _own_name(name: str) -> str:
    for word in ("UBND ", "tỉnh ", "thành phố "):
        name = name.removeprefix(word)
    return name


@pytest.mark.parametrize(("kpi_code", "group"), sorted(PUBLISHED_LISTS))
def test_the_document_prints_each_list_in_that_order(facts: Facts, kpi_code: str, group: str) -> None:
    document = compose_report(facts, None)
    name = facts.kpis[kpi_code]["kpi_name_vi"]
    tables = [block for block in (*document.body, *document.annexes) if isinstance(block, Table)]
    own = [table for table in tables if table.caption.endswith(f"{name}: cao nhất và thấp nhất")]
    others = [row for table in tables if table.columns[-1].title == "Thấp nhất" for row in table.cells()]
    rows = own[0].cells() if own else [row for row in others if row[0].text == name]
    printed = " | ".join(cell.text for row in rows for cell in row)
    printed = printed[printed.index(GROUPS[group]) :]
    highest, lowest = PUBLISHED_LISTS[kpi_code, group]
    places = [printed.index(name) for name in (*highest, *lowest)]
    assert places == sorted(places)


def test_the_usual_period_is_the_latest_with_headline_figures(database: Path) -> None:
    assert usual_period(database, PUBLISHED_ON) == PERIOD
    with pytest.raises(BriefError, match="no period has figures"):
        usual_period(database, date(2018, 1, 1))


def test_issued_on_another_day_it_is_the_same_but_for_the_stamp(
    platform: IntakeContext, database: Path, tmp_path: Path
) -> None:
    first = issue(platform, database, tmp_path / "first")
    ledger = tmp_path / "other.db"
    other = open_ledger(f"sqlite:///{ledger}")
    migrate(other)
    later = issue_brief(
        other, database, REQUEST, folder=tmp_path / "later", actor="platform", now=NOW + timedelta(days=400)
    )
    other.dispose()
    assert later.content_sha256 == first.content_sha256
    for before, after in zip(first.files, later.files, strict=True):
        assert before.read_bytes() != after.read_bytes()
    texts = [_text(brief.files[1]) for brief in (first, later)]
    differing = [pair for pair in zip(*map(str.splitlines, texts), strict=True) if pair[0] != pair[1]]
    assert [line[:13] for line, _ in differing] == ["Bản phát hành"]


def test_asked_for_again_nothing_is_issued_twice(
    platform: IntakeContext, database: Path, tmp_path: Path
) -> None:
    first = issue(platform, database, tmp_path)
    bytes_before = [file.read_bytes() for file in first.files]
    first.files[0].unlink()
    again = issue(platform, database, tmp_path, now=NOW + timedelta(days=3))
    assert (again.issue_id, again.is_new) == (first.issue_id, False)
    assert [file.read_bytes() for file in again.files] == bytes_before
    with Session(platform.engine) as session:
        issues = session.scalars(select(BriefIssue).where(BriefIssue.as_of == PUBLISHED_ON)).all()
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "issue_brief")).all()
    assert [row.issue_id for row in issues] == [first.issue_id]
    assert [event.subject for event in events if event.subject == first.issue_id] == [first.issue_id]


def test_the_next_brief_tells_what_has_changed(
    platform: IntakeContext, database: Path, tmp_path: Path
) -> None:
    first = issue(platform, database, tmp_path)
    next_day = replace(REQUEST, as_of=PUBLISHED_ON + timedelta(days=1))
    later = database_for(platform.paths, platform.engine, as_of=next_day.as_of, period_code=PERIOD, now=NOW)
    issued = issue_brief(platform.engine, later, next_day, folder=tmp_path, actor="platform", now=NOW)
    with Session(platform.engine) as session:
        assert session.get_one(BriefIssue, issued.issue_id).previous_issue_id == first.issue_id
    text = _text(issued.files[1])
    assert "So với báo cáo trước, tính đến ngày 08/9/2022" in text
    assert "báo cáo đầu tiên" in _text(first.files[1])


def test_every_number_has_its_source(facts: Facts) -> None:
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(compose_report(facts, None)))).pages
    )
    assert "Quyết định số 27/QĐ-UBQGCĐS" in text
    assert "F07-dich-vu-cong-truc-tuyen.xlsx" in text.replace("\u200b", "").replace("\n", "")
    assert "Chưa có số liệu" in text
    assert "None" not in text and "null" not in text


def test_a_dossier_takes_two_pages_an_agency(platform: IntakeContext, database: Path, tmp_path: Path) -> None:
    request = replace(REQUEST, agency_codes=("G04", "G13", "G16"))
    issued = issue_brief(platform.engine, database, request, folder=tmp_path, actor="platform", now=NOW)
    pages = [page.extract_text() for page in PdfReader(issued.files[1]).pages]
    assert len(pages) == 1 + 2 * 3
    for place, name in enumerate(("BỘ GIAO THÔNG VẬN TẢI", "BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG")):
        assert name in pages[1 + 2 * place]
        assert name in pages[2 + 2 * place]
    headings = [
        row.text for row in Document(str(issued.files[0])).paragraphs if row.style.name == "Heading 2"
    ]
    assert headings.count("2. Nhiệm vụ, khó khăn, vướng mắc và kiến nghị") == 3


def test_an_agency_of_which_nothing_is_known_is_refused(
    platform: IntakeContext, database: Path, tmp_path: Path
) -> None:
    request = replace(REQUEST, agency_codes=("ZZ",))
    with pytest.raises(BriefError, match="nothing is known of the agency ZZ"):
        issue_brief(platform.engine, database, request, folder=tmp_path, actor="platform", now=NOW)


def test_the_command_writes_both_files(platform: IntakeContext, database: Path, tmp_path: Path) -> None:
    done = kpi(
        platform.paths.home,
        "brief",
        "--as-of",
        "2022-09-08",
        "--period",
        PERIOD,
        "-o",
        str(tmp_path),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert {file.suffix for file in tmp_path.rglob("bao-cao.*")} == {".docx", ".pdf"}
    unknown = kpi(
        platform.paths.home, "brief", "--as-of", "2022-09-08", "--agencies", "G99", "-o", str(tmp_path)
    )
    assert unknown.returncode == 2
    assert "no agency" in unknown.stderr


def _text(file: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)
