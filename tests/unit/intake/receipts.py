"""Receipts for tests: one with everything a receipt can say."""

from typing import Any

HOSTILE = "<script>alert(1)</script>\"'&\u202egpj.xlsx\x07"
LONG = "Văn-bản-điện-tử-" * 20


def placed(severity: str, cell: str | None = "E7", **more: Any) -> dict[str, Any]:
    """A finding as a receipt holds it."""
    row = int("".join(filter(str.isdigit, cell))) if cell else None
    return {
        "rule_id": "CELL-01", "severity": severity, "severity_text": "Bắt buộc sửa", "sheet": "Biểu F04",
        "row_number": row, "column_name": "documents_signed", "column_header": "Văn bản ký số", "cell": cell,
        "found": "mười hai", "expected": "số nguyên không âm", "message": "Giá trị không đọc được.",
        "mend": "Sửa lại ô theo đúng yêu cầu.", "evidence": None, "explanation": None, "explained_in": None,
        **more,
    }  # fmt: skip


def whole_receipt(**more: Any) -> dict[str, Any]:
    """A sealed receipt of a partly accepted file, with all kinds of findings."""
    deadline = {
        "state": "late", "state_text": "Nộp quá hạn", "cutoff_on": "2022-08-31", "due_on": "2022-09-16",
        "closes_on": "2022-09-30",
    }  # fmt: skip
    findings = [
        placed("block"),
        placed("block", "E9"),
        placed("block", "F3", rule_id="CELL-02", message="Ô bắt buộc để trống.", found=None),
        placed(
            "warn", "F11", rule_id="F04-03", message="Số ký số lớn hơn số gửi.", evidence="văn bản đi: 900"
        ),
        placed("warn", "F12", rule_id="F04-09", explanation="Đơn vị sự nghiệp báo cáo riêng."),
        placed(
            "info", None, rule_id="FORM-09", sheet=None, found=None, expected=None, message="Tệp dùng TCVN3."
        ),
    ]
    return {
        "$schema": "urn:national-kpi:receipt:1", "number": 12, "submission_id": "20261122T080000-abcdef12",
        "issued_at": "2026-11-22T08:00:00+07:00", "agency_code": "G15", "agency_id": "G15@0001-01-01",
        "agency_name": "Bộ Tư pháp", "file_name": "bao-cao.xlsx", "sha256_of_file": "a" * 64,
        "size_bytes": 123456, "received_at": "2026-11-22T07:59:58+07:00", "origin": "drop",
        "origin_name": None, "revision": 2,
        "replaces": "x", "duplicate_of": None, "known_from": "2026-11-22", "rule_pack": "b" * 64,
        "previous_receipt_sha256": "c" * 64, "outcome": "partly_accepted",
        "outcome_text": "Đã tiếp nhận một phần", "next_step": "Đề nghị sửa các dòng đó rồi gửi lại.",
        "form_code": "F04", "form_name": "Văn bản điện tử", "reported_by": "G15@0001-01-01",
        "reported_by_name": "Bộ Tư pháp", "period_code": "2022-M08", "period_name": "Tháng 8/2022",
        "deadline": deadline, "rows_understood": 1234, "rows_left_out": 3, "is_nil": False,
        "totals": [{"column_name": "documents_sent", "header": "Văn bản đi", "total": "1234567.50"}],
        "findings": findings, "marked_workbook": "bao cáo-danh-dau.xlsx", "sha256": "d" * 64, **more,
    }  # fmt: skip
