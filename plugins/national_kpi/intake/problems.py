"""What can be wrong with a file besides its figures: the structural rules, their words, and one result."""

from dataclasses import dataclass
from typing import Any

from national_kpi.catalogue.tables import Severity
from national_kpi.intake.text import shorten


@dataclass(frozen=True)
class Problem:
    """One result of one rule on one place: what the ledger keeps as a finding.

    `row_number` counts from 1; `cell` is the address as Excel shows it (`D7`).
    """

    rule_id: str
    severity: Severity
    message_vi: str
    mend_vi: str
    sheet: str | None = None
    row_number: int | None = None
    column_name: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None
    agency_id: str | None = None
    kpi_code: str | None = None
    period_code: str | None = None


@dataclass(frozen=True)
class StructuralRule:
    """A rule that no form can be read without. `{words}` are filled in for each place."""

    severity: Severity
    message_vi: str
    mend_vi: str


STRUCTURAL_RULES = {
    "READ-01": StructuralRule("block", "{what}", "{remedy}"),
    "READ-02": StructuralRule(
        "block",
        "Hệ thống gặp lỗi khi đọc tệp; tệp đã được lưu giữ nguyên vẹn.",
        "Cơ quan chưa phải làm gì. Cán bộ quản trị hệ thống sẽ xử lý và thông báo lại.",
    ),
    "FOLDER-01": StructuralRule(
        "block",
        "Thư mục “{code}” không phải là thư mục nộp báo cáo của một cơ quan hiện hành.",
        "{remedy}",
    ),
    "FORM-01": StructuralRule(
        "block",
        "Không nhận ra biểu mẫu trong tệp.",
        "Dùng đúng biểu mẫu được giao, giữ nguyên hàng tiêu đề cột và ghi mã biểu phía trên bảng, ví dụ"
        " “Biểu mẫu: F01”.",
    ),
    "FORM-02": StructuralRule(
        "block",
        "Thiếu cột bắt buộc “{header}” của biểu {form}.",
        "Bổ sung cột “{header}” theo đúng biểu mẫu.",
    ),
    "FORM-03": StructuralRule(
        "block",
        "Có hai cột cùng được hiểu là “{header}”.",
        "Giữ lại một cột “{header}”, đổi tên hoặc xóa cột còn lại.",
    ),
    "FORM-04": StructuralRule(
        "warn",
        "Trang tính này giống biểu {form}, không cùng biểu mẫu với phần còn lại của tệp nên chưa được đọc.",
        "Gửi mỗi biểu mẫu bằng một tệp riêng.",
    ),
    "FORM-05": StructuralRule(
        "info",
        "Cột không có trong biểu mẫu nên không được đọc.",
        "Không phải làm gì nếu cột này chỉ dùng trong nội bộ cơ quan.",
    ),
    "FORM-07": StructuralRule(
        "warn",
        "Trang tính ẩn có biểu {form}; hệ thống không đọc trang tính ẩn.",
        "Nếu số liệu ở trang tính ẩn cần được tính, bỏ ẩn rồi gửi lại.",
    ),
    "FORM-08": StructuralRule(
        "block",
        "Các trang tính của tệp ghi {what} khác nhau.",
        "Gửi mỗi cơ quan, mỗi kỳ báo cáo bằng một tệp riêng.",
    ),
    "FORM-06": StructuralRule(
        "block", "Biểu {form} không có dòng số liệu nào.", "Điền số liệu vào các dòng dưới hàng tiêu đề cột."
    ),
    "CELL-01": StructuralRule(
        "block", "Giá trị của cột “{header}” không đọc được.", "Sửa lại ô theo đúng yêu cầu."
    ),
    "CELL-02": StructuralRule("block", "Ô bắt buộc của cột “{header}” để trống.", "Điền giá trị vào ô."),
    "CELL-03": StructuralRule(
        "block",
        "Ô của cột “{header}” chứa công thức lỗi hoặc chưa có kết quả.",
        "Mở tệp bằng Excel để tính lại, sửa công thức lỗi, lưu rồi gửi lại; hoặc ghi thẳng giá trị vào ô.",
    ),
    "CELL-04": StructuralRule(
        "block",
        "Excel đã tự đổi giá trị của cột “{header}” thành ngày tháng.",
        "Định dạng ô là Văn bản (Text) rồi nhập lại đúng như nguồn, ví dụ 4/6.",
    ),
    "CODE-01": StructuralRule(
        "block",
        "Mã “{found}” không có trong danh mục.",
        "Ghi đúng mã trong danh mục kèm theo hướng dẫn báo cáo.",
    ),
    "ROW-01": StructuralRule(
        "warn",
        "Dòng chỉ có tên, không có số liệu; được coi là dòng tiêu đề nhóm và không tính.",
        "Nếu đây là dòng số liệu, điền đủ các ô; nếu là tiêu đề nhóm thì không phải làm gì.",
    ),
    "TOTAL-01": StructuralRule(
        "warn",
        "Dòng tổng của cột “{header}” khác tổng các dòng đã đọc.",
        "Kiểm tra lại các dòng và công thức của dòng tổng. Hệ thống chỉ dùng các dòng chi tiết.",
    ),
    "AGENCY-01": StructuralRule(
        "block",
        "Không xác định được cơ quan báo cáo “{found}”.",
        "Ghi tên đầy đủ của cơ quan ở dòng “Cơ quan báo cáo”.{suggestion}",
    ),
    "AGENCY-02": StructuralRule(
        "block",
        "Tệp ghi cơ quan báo cáo là {reporter}, không thuộc thẩm quyền của thư mục {folder}.",
        "Gửi tệp vào thư mục của {reporter}, hoặc sửa dòng “Cơ quan báo cáo”.",
    ),
    "AGENCY-03": StructuralRule(
        "block", "Không xác định được cơ quan “{found}”.", "Ghi tên đầy đủ hoặc mã của cơ quan.{suggestion}"
    ),
    "AGENCY-04": StructuralRule(
        "block",
        "Dòng này nói về {agency}, không thuộc thẩm quyền báo cáo của {reporter}.",
        "Chỉ báo cáo số liệu của cơ quan mình và các đơn vị trực thuộc.",
    ),
    "AGENCY-05": StructuralRule(
        "info",
        "Đơn vị “{found}” chưa có trong danh mục; số liệu vẫn được tính cho cơ quan báo cáo.",
        "Kiểm tra lại tên đơn vị; nếu tên đúng, đề nghị bổ sung đơn vị vào danh mục.{suggestion}",
    ),
    "AGENCY-06": StructuralRule(
        "block",
        "{reporter} không thuộc danh sách cơ quan được công bố số liệu bằng biểu {form}.",
        "Dùng biểu mẫu báo cáo số liệu của chính cơ quan (F01 đến F06, F08).",
    ),
    "PERIOD-01": StructuralRule(
        "block",
        "Không thấy kỳ báo cáo trong tệp.",
        "Ghi dòng “Kỳ báo cáo: Tháng 8/2022” hoặc “Từ ngày 01/01/2022 đến ngày 22/08/2022” phía trên bảng.",
    ),
    "PERIOD-02": StructuralRule(
        "block",
        "Không đọc được kỳ báo cáo.",
        "Ghi theo một trong các mẫu: “Kỳ báo cáo: Tháng 8/2022”, “Kỳ báo cáo: Quý III/2022”, “Từ ngày"
        " 01/01/2022 đến ngày 22/08/2022”.",
    ),
    "PERIOD-03": StructuralRule(
        "block", "Kỳ báo cáo chưa bắt đầu vào ngày tiếp nhận.", "Kiểm tra lại tháng, năm của kỳ báo cáo."
    ),
    "PERIOD-04": StructuralRule(
        "warn",
        "Kỳ báo cáo ghi trong tệp khác kỳ ghi ở tên tệp; hệ thống dùng kỳ ghi trong tệp.",
        "Kiểm tra lại kỳ báo cáo; nếu kỳ trong tệp sai, sửa rồi gửi lại.",
    ),
    "PERIOD-05": StructuralRule(
        "warn",
        "Kỳ báo cáo kết thúc sau ngày tiếp nhận: số liệu có thể chưa đầy đủ.",
        "Nếu số liệu chưa trọn kỳ, gửi lại sau khi kỳ báo cáo kết thúc.",
    ),
    "PERIOD-06": StructuralRule(
        "block", "Ngày công bố sau ngày tiếp nhận.", "Kiểm tra lại ngày, tháng, năm công bố."
    ),
    "PERIOD-07": StructuralRule(
        "block",
        "Kỳ số liệu của dòng không đầy đủ: có “Từ ngày” nhưng không có “Đến ngày”.",
        "Ghi cả “Từ ngày” và “Đến ngày”, hoặc để trống cả hai.",
    ),
    "MORE-01": StructuralRule(
        "info",
        "Còn {count} chỗ khác mắc cùng lỗi {rule_id}, không liệt kê hết.",
        "Sửa tất cả các chỗ cùng loại trong cột.",
    ),
}
"""The rules intake itself applies; every other rule is a row of the catalogue."""


def problem(rule_id: str, words: dict[str, Any] | None = None, **place: Any) -> Problem:
    """A structural rule's result.

    Args:
        rule_id: one of `STRUCTURAL_RULES`.
        words: fills the `{words}` of message and remedy.
        place: fields of `Problem`: where it is, what was found and expected.
    """
    rule = STRUCTURAL_RULES[rule_id]
    given = words or {}
    if place.get("found") is not None:
        place["found"] = shorten(place["found"])
    return Problem(
        rule_id, rule.severity, rule.message_vi.format(**given), rule.mend_vi.format(**given), **place
    )
