"""Files neither all right nor all wrong: accepted in part, nil returns, explanations, the period before."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from national_kpi.catalogue import Catalogue
from national_kpi.clock import HANOI
from national_kpi.intake.pipeline import IntakeContext, TakenIn, check_file, take_in
from national_kpi.ledger.models import Finding, Submission
from tests.unit.intake.workbooks import GOOD_ROWS, form_grid, save

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=HANOI)

Send = Callable[..., TakenIn]


@pytest.fixture
def send(context: IntakeContext, catalogue: Catalogue) -> Send:
    """Sends one form after the other, a minute apart, and gives back what becomes of it."""
    sent = 0

    def run(
        form_code: str,
        rows: list[dict[str, Any]],
        period: str = "Tháng 8/2022",
        explains: Sequence[Sequence[str | None]] = (),
    ) -> TakenIn:
        nonlocal sent
        sent += 1
        inbox = context.paths.inbox("G15")
        inbox.mkdir(parents=True, exist_ok=True)
        grid = form_grid(catalogue, form_code, rows, period=f"Kỳ báo cáo: {period}")
        file = save(inbox / f"{sent}.xlsx", grid)
        if explains:
            book = openpyxl.load_workbook(file)
            sheet = book.create_sheet("Giải trình")
            for line in (["Mã quy tắc", "Ô", "Nội dung giải trình"], *explains):
                sheet.append(line)
            book.save(file)
        taken = take_in(context, file, NOW + timedelta(minutes=sent))
        assert taken is not None
        return taken

    return run


def receipt(taken: TakenIn) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((taken.receipt_folder / "receipt.json").read_text(encoding="utf-8"))
    return body


def submission(context: IntakeContext, taken: TakenIn) -> Submission:
    with Session(context.engine) as session:
        return session.get_one(Submission, taken.submission_id)


def service(number: int, **cells: Any) -> dict[str, Any]:
    return GOOD_ROWS["F02"] | {"stt": number, "procedure_code": f"1.{number:06}"} | cells


def resolution(field: str, carried: int, pending: int) -> dict[str, Any]:
    return {
        "field_or_unit": field, "received_total": carried + pending, "received_online": pending,
        "received_direct_postal": 0, "received_carried": carried, "resolved_total": carried,
        "resolved_early": 0, "resolved_on_time": carried, "resolved_late": 0, "pending_total": pending,
        "pending_on_time": pending, "pending_late": 0,
    }  # fmt: skip


# --- partly accepted ----------------------------------------------------------------------------------------


def test_blocked_rows_stay_out_and_the_others_count(context: IntakeContext, send: Send) -> None:
    taken = send("F02", [service(1), service(2, dossiers_online=11), service(3)])
    body, one = receipt(taken), submission(context, taken)
    assert (taken.outcome, taken.revision, one.rows_left_out) == ("partly_accepted", 1, 1)
    assert (body["rows_understood"], body["rows_left_out"]) == (2, 1)
    rows = pq.read_table(context.paths.home / str(one.lake_path))
    assert rows["procedure_code"].to_pylist() == ["1.000001", "1.000003"]
    assert {total["column_name"]: total["total"] for total in body["totals"]}["dossiers_total"] == "20"
    blocked = [finding for finding in body["findings"] if finding["severity"] == "block"]
    assert [(one["rule_id"], one["cell"], one["evidence"]) for one in blocked] == [
        ("F02-004", "H6", "Tổng số hồ sơ tiếp nhận: 10")
    ]


def test_both_rows_of_one_code_stay_out(context: IntakeContext, send: Send) -> None:
    taken = send("F02", [service(1), service(1), service(2)])
    assert (taken.outcome, receipt(taken)["rows_left_out"]) == ("partly_accepted", 2)


def test_what_is_wrong_with_the_file_itself_rejects_it_whole(send: Send) -> None:
    taken = send("F02", [service(1), service(2, dossiers_online=11)], period="tháng tám")
    assert (taken.outcome, taken.revision) == ("rejected", None)


def test_a_file_of_which_no_row_is_left_is_rejected(send: Send) -> None:
    assert send("F02", [service(1, dossiers_online=11)]).outcome == "rejected"


def test_a_form_whose_rows_belong_together_is_accepted_whole_or_not_at_all(send: Send) -> None:
    wrong = resolution("Đất đai", 1, 2) | {"received_total": 9}
    assert send("F03", [resolution("Hộ tịch", 1, 2), wrong], period="Quý III/2022").outcome == "rejected"


# --- nil returns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Không phát sinh", "Trong kỳ không phát sinh hồ sơ", "KHÔNG CÓ SỐ LIỆU"])
def test_nothing_to_report_is_a_report(context: IntakeContext, send: Send, words: str) -> None:
    taken = send("F06", [{"portal": words}])
    one, body = submission(context, taken), receipt(taken)
    assert (taken.outcome, taken.revision, one.is_nil, body["is_nil"]) == ("accepted", 1, True, True)
    assert pq.read_table(context.paths.home / str(one.lake_path)).num_rows == 0
    assert [finding["rule_id"] for finding in body["findings"]] == ["NIL-01"]


def test_nil_is_replaced_by_figures_and_figures_by_nil(context: IntakeContext, send: Send) -> None:
    rows = [{"portal": "Cổng A", "visits": 5}]
    taken = [
        send("F06", rows) for rows in ([{"portal": "Không phát sinh"}], rows, [{"portal": "Không phát sinh"}])
    ]
    assert [one.revision for one in taken] == [1, 2, 3]
    assert [submission(context, one).is_nil for one in taken] == [True, False, True]


def test_a_form_that_is_never_empty_takes_no_nil(send: Send) -> None:
    taken = send("F01", [{"element_code": "Không phát sinh"}])
    assert taken.outcome == "rejected"
    assert "FORM-06" in {finding["rule_id"] for finding in receipt(taken)["findings"]}


def test_a_remark_in_a_row_of_figures_is_no_nil(send: Send) -> None:
    taken = send("F06", [{"portal": "Cổng A", "visits": 0, "note": "Không phát sinh"}])
    assert receipt(taken)["is_nil"] is False


# --- explanations -------------------------------------------------------------------------------------------


def doubt(**cells: Any) -> dict[str, Any]:
    """A service about which there is one doubt: level 4 without online payment."""
    return service(1, service_level="mức 4", online_payment="không", **cells)


def explained(context: IntakeContext, taken: TakenIn, rule_id: str) -> tuple[str | None, str | None]:
    with Session(context.engine) as session:
        one = session.scalars(
            select(Finding).where(Finding.submission_id == taken.submission_id, Finding.rule_id == rule_id)
        ).one()
        return one.explanation, one.explained_in


RULE = "F02-010"


def test_a_doubt_is_explained_in_its_row(context: IntakeContext, send: Send) -> None:
    assert send("F02", [doubt()]).outcome == "accepted_with_warnings"
    taken = send("F02", [doubt(explanation="Thủ tục không thu phí.")])
    assert taken.outcome == "accepted"
    assert explained(context, taken, RULE) == ("Thủ tục không thu phí.", taken.submission_id)


def test_a_doubt_is_explained_in_the_sheet(context: IntakeContext, send: Send) -> None:
    taken = send("F02", [doubt()], explains=[[RULE, None, "Thủ tục không thu phí."]])
    assert taken.outcome == "accepted"
    assert explained(context, taken, RULE) == ("Thủ tục không thu phí.", taken.submission_id)


def test_an_explanation_stays_good_while_the_figures_stay(context: IntakeContext, send: Send) -> None:
    first = send("F02", [doubt(explanation="Thủ tục không thu phí.")])
    moved = send(
        "F02", [service(2, service_level="mức 3"), doubt(dossiers_total=20)]
    )  # another row, another figure
    assert moved.outcome == "accepted"
    assert explained(context, moved, RULE) == ("Thủ tục không thu phí.", first.submission_id)
    rejected = send("F02", [doubt()], period="tháng tám")
    assert rejected.outcome == "rejected"
    again = send("F02", [doubt(dossiers_total=30)])
    assert explained(context, again, RULE) == ("Thủ tục không thu phí.", first.submission_id)


def test_an_explanation_ends_when_what_it_explains_changes(context: IntakeContext, send: Send) -> None:
    before = resolution("Hộ tịch", 1, 2)
    send("F03", [before], period="Quý II/2022")
    explains = [["F03-018", None, "Rà soát lại số hồ sơ tồn."]]
    first = send("F03", [resolution("Hộ tịch", 5, 2)], period="Quý III/2022", explains=explains)
    same = send("F03", [resolution("Hộ tịch", 5, 3)], period="Quý III/2022")
    other = send("F03", [resolution("Hộ tịch", 6, 3)], period="Quý III/2022")
    outcomes = [one.outcome for one in (first, same, other)]
    assert outcomes == ["accepted", "accepted", "accepted_with_warnings"]


def test_what_must_be_mended_cannot_be_explained(send: Send) -> None:
    row = service(1, dossiers_online=11, explanation="Số liệu đúng.")
    assert send("F02", [row]).outcome == "rejected"


# --- against the period before ------------------------------------------------------------------------------


def test_what_was_pending_is_what_is_carried(context: IntakeContext, send: Send) -> None:
    before = send("F03", [resolution("Hộ tịch", 1, 2), resolution("Đất đai", 1, 7)], period="Quý II/2022")
    taken = send("F03", [resolution("Đất đai", 7, 3), resolution("Hộ tịch", 5, 3)], period="Quý III/2022")
    body = receipt(taken)
    assert (body["compared_with"], taken.outcome) == (before.submission_id, "accepted_with_warnings")
    (finding,) = [one for one in body["findings"] if one["rule_id"] == "F03-018"]
    assert (finding["cell"], finding["found"]) == ("F6", "5")
    assert finding["evidence"] == "Số lượng hồ sơ đang giải quyết > Tổng số (kỳ trước): 2"


def test_the_first_report_is_compared_with_nothing(send: Send) -> None:
    taken = send("F03", [resolution("Hộ tịch", 5, 2)], period="Quý III/2022")
    assert (receipt(taken)["compared_with"], receipt(taken)["rules_not_evaluated"]) == (None, [])


def test_offline_the_rules_that_need_the_history_are_named(catalogue: Catalogue, tmp_path: Path) -> None:
    file = save(tmp_path / "x.xlsx", form_grid(catalogue, "F03", period="Kỳ báo cáo: Quý III/2022"))
    body = check_file(catalogue, file, "G15", NOW).body
    assert body["rules_not_evaluated"] == [rule.rule_id for rule in catalogue.rules_of("F03", "history")]
    assert body["rules_not_evaluated"]
