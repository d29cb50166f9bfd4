"""What can become of a file, and what its sender is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from national_kpi.catalogue.tables import Severity
from national_kpi.intake.problems import Problem

Outcome = Literal[
    "accepted", "accepted_with_warnings", "partly_accepted", "rejected", "quarantined", "duplicate"
]  # fmt: skip

ACCEPTED: tuple[Outcome, ...] = ("accepted", "accepted_with_warnings", "partly_accepted")


@dataclass(frozen=True)
class OutcomeText:
    """How a receipt words an outcome."""

    name_vi: str
    next_step_vi: str


OUTCOMES: dict[Outcome, OutcomeText] = {
    "accepted": OutcomeText(
        "Đã tiếp nhận",
        "Số liệu sẽ có mặt trong lần tổng hợp và công bố gần nhất. Nếu phát hiện sai sót, gửi lại tệp đã sửa;"
        " lần nộp sau cùng được tiếp nhận sẽ thay thế lần nộp trước.",
    ),
    "accepted_with_warnings": OutcomeText(
        "Đã tiếp nhận, có điểm cần kiểm tra",
        "Số liệu sẽ có mặt trong lần tổng hợp và công bố gần nhất. Đề nghị kiểm tra các điểm nêu dưới đây;"
        " nếu có sai sót, gửi lại tệp đã sửa.",
    ),
    "partly_accepted": OutcomeText(
        "Đã tiếp nhận một phần",
        "Các dòng không có lỗi sẽ có mặt trong lần tổng hợp và công bố gần nhất; các dòng nêu ở mục bắt buộc"
        " sửa chưa được tính. Đề nghị sửa các dòng đó rồi gửi lại cả tệp.",
    ),
    "rejected": OutcomeText(
        "Chưa được tiếp nhận",
        "Đề nghị sửa các điểm bắt buộc nêu dưới đây rồi gửi lại tệp vào cùng thư mục. Số liệu đã được"
        " tiếp nhận trước đó (nếu có) vẫn giữ nguyên giá trị.",
    ),
    "quarantined": OutcomeText(
        "Không xử lý được",
        "Tệp được lưu giữ nguyên vẹn nhưng không đưa vào tổng hợp. Đề nghị thực hiện theo hướng dẫn"
        " dưới đây.",
    ),
    "duplicate": OutcomeText(
        "Trùng với lần nộp trước",
        "Tệp giống hệt lần nộp đang có hiệu lực nên không làm thay đổi số liệu. Cơ quan không phải làm gì"
        " thêm.",
    ),
}

FINDINGS_SHEET = "Kết quả kiểm tra"
"""The sheet that lists the findings in a marked workbook."""

SEVERITIES_VI: dict[Severity, str] = {"block": "Bắt buộc sửa", "warn": "Cần kiểm tra", "info": "Thông tin"}


def outcome_of(problems: Iterable[Problem], *, is_readable: bool, keeps_part: bool) -> Outcome:
    """What a file deserves by itself, before it is compared with earlier ones.

    Args:
        problems: what is wrong with it.
        is_readable: whether it could be opened.
        keeps_part: whether some rows count although others are blocked.
    """
    if not is_readable:
        return "quarantined"
    severities = {one.severity for one in problems if not one.is_explained}
    if "block" in severities:
        return "partly_accepted" if keeps_part else "rejected"
    return "accepted_with_warnings" if "warn" in severities else "accepted"
