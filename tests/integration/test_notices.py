"""What a publication changes of certified values is told once, in full, and with its reason."""

import pytest
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Session

from national_kpi.cycle.certification import reopen
from national_kpi.cycle.notice_document import notice_document, render_notices
from national_kpi.cycle.notices import issue_notices
from national_kpi.documents import as_data, write_pdf
from national_kpi.ledger.cycle import RestatementNotice
from tests.integration.building import kpi, select
from tests.integration.certified_home import PERIOD, RATE, SON_LA, Home, at


@pytest.fixture
def home(certified_home: Home) -> Home:
    return certified_home


def issue(home: Home, day: str) -> list[RestatementNotice]:
    return issue_notices(home.context.paths, home.context.engine, at(day))


def notices(home: Home) -> list[RestatementNotice]:
    with Session(home.context.engine) as session:
        return list(session.scalars(sql_select(RestatementNotice).order_by(RestatementNotice.notice_id)))


def test_a_notice_lists_every_certified_value_that_changed_with_its_reason(home: Home) -> None:
    (notice,) = issue(home, "2026-10-02")
    assert (notice.period_code, notice.publication_id) == (PERIOD, home.published[-1].publication_id)
    restated = select(home.published[-1].snapshot, "from fct_certified_value where is_restated")
    told = {(one["agency_id"], one["kpi_code"], one["basis"]) for one in notice.body["changes"]}
    assert told == {(row["agency_id"], row["kpi_code"], row["basis"]) for row in restated}
    assert notice.changes_count == len(restated) > 5
    (change,) = (
        one
        for one in notice.body["changes"]
        if (one["agency_id"], one["kpi_code"], one["basis"]) == (SON_LA, RATE, "reported")
    )
    assert (change["before"]["value"], change["after"]["value"]) == ("12.5", "87.5")
    assert (change["before"]["rank"], change["after"]["rank"]) == (2, 1)
    assert "Do tệp “son-la-2.xlsx” của UBND tỉnh Sơn La, nhận ngày 02/10/2026." in change["causes_vi"]
    assert change["submission_ids"] == ["da-nang", "son-la-2"] or change["submission_ids"] == ["son-la-2"]
    (audited,) = home.audited("restate")
    assert audited.details["notice_id"] == notice.notice_id


def test_nothing_is_told_twice_and_what_changes_again_is_told_from_there(home: Home) -> None:
    issue(home, "2026-10-02")
    assert issue(home, "2026-10-02") == []
    home.publish("2026-10-03")
    assert issue(home, "2026-10-03") == [], "nothing changed since"
    home.report("2026-10-04", "son-la-3", SON_LA, 100, revision=3)
    home.publish("2026-10-04")
    (again,) = issue(home, "2026-10-04")
    (change,) = (
        one
        for one in again.body["changes"]
        if (one["agency_id"], one["kpi_code"], one["basis"]) == (SON_LA, RATE, "reported")
    )
    assert (change["before"]["value"], change["after"]["value"]) == ("87.5", "12.5"), (
        "back to the certified one"
    )
    assert change["certified"]["value"] == "12.5"
    assert again.body["number"] == 2


@pytest.mark.proof_only
def test_a_new_certification_is_what_later_notices_count_from(home: Home) -> None:
    issue(home, "2026-10-02")
    reopen(home.context.engine, PERIOD, author="B", reason="Sơn La báo cáo lại.", now=at("2026-10-03"))
    home.certify("2026-10-03", "Chứng nhận lại.")
    assert issue(home, "2026-10-03") == [], "the snapshot does not know the new certification yet"
    home.publish("2026-10-04")
    assert issue(home, "2026-10-04") == [], "nothing differs from it"
    assert len(notices(home)) == 1


def test_a_crash_before_the_files_are_written_leaves_no_notice_without_them(home: Home) -> None:
    paths, engine = home.context.paths, home.context.engine
    (notice,) = issue(home, "2026-10-02")
    files = render_notices(paths, engine)
    assert [file.suffix for file in files] == [".docx", ".pdf"]
    assert {file.parent for file in files} == {paths.home / "notices" / PERIOD}
    content = {file: file.read_bytes() for file in files}
    assert render_notices(paths, engine) == []
    files[1].unlink()
    assert render_notices(paths, engine) == [files[1]]
    assert {file: file.read_bytes() for file in files} == content
    assert content[files[1]].startswith(b"%PDF") and content[files[1]] == write_pdf(
        notice_document(notice.body)
    )


def test_a_notice_reads_as_an_official_would_write_it(home: Home) -> None:
    (notice,) = issue(home, "2026-10-02")
    text = str(as_data(notice_document(notice.body)))
    assert "Đính chính số liệu tháng 8/2026 đã chứng nhận" in text
    assert "12,50\\xa0% (100/800); thứ 2" in text
    assert "+75,00 điểm %; lên 1 bậc" in text


def test_notices_are_issued_and_listed_by_command(home: Home) -> None:
    done = kpi(home.context.paths.home, "period", "notices")
    assert done.returncode == 0, done.stderr
    assert PERIOD in done.stdout and home.published[-1].publication_id in done.stdout
    assert list((home.context.paths.home / "notices" / PERIOD).glob("001-*.pdf"))
