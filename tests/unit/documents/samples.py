"""A document with every part there is, for tests."""

from datetime import date
from decimal import Decimal

from national_kpi.documents import (
    Annex,
    Bar,
    BarChart,
    BulletList,
    Cell,
    Column,
    Heading,
    Letterhead,
    NewPage,
    OfficialDocument,
    Paragraph,
    Signature,
    Table,
    Title,
    bold,
)

LETTERHEAD = Letterhead(
    superior="Thủ tướng Chính phủ",
    issuer="Tổ công tác của Thủ tướng",
    number="Số:        /BC-TCT",
    place="Hà Nội",
    day=date(2022, 9, 8),
)
CHART = BarChart(
    bars=(
        Bar("Bộ Công Thương", Decimal("99.99"), "99,99 %", "met"),
        Bar("Bộ Lao động - Thương binh và Xã hội", Decimal("23.33"), "23,33 %", "missed"),
        Bar("Bộ Y tế", None, "chưa có số liệu", "muted"),
    ),
    caption="Biểu đồ 1. Tỷ lệ hồ sơ xử lý trực tuyến",
    description="Bộ Công Thương 99,99 %; Bộ Lao động - Thương binh và Xã hội 23,33 %.",
    axis="Tỷ lệ hồ sơ xử lý trực tuyến (%)",
    target=Decimal(50),
    target_text="Chỉ tiêu ≥ 50 %",
)
TABLE = Table(
    columns=(Column("Cơ quan", 3), Column("Tỷ lệ", 1, "right"), Column("Trạng thái", 2, "center")),
    rows=(
        ("Bộ Công Thương", "99,99 %", Cell("Đạt", "met")),
        (Cell("Bộ Y tế", is_bold=True), "", Cell("Chưa có số liệu", "muted")),
    ),
    caption="Bảng 1. Kết quả của các bộ",
    note="Ghi chú: số liệu đến ngày 22/8/2022.",
)


def whole_document(stamp: str = "", rows: int = 0) -> OfficialDocument:
    """A report with every kind of block, and an annex that lies.

    Args:
        stamp: its issue stamp.
        rows: how many rows the annex's table has.
    """
    sources = Table(
        columns=(Column("TT", 1, "center"), Column("Tệp", 6)),
        rows=tuple((str(number), f"bao_cao_{number}.xlsx") for number in range(1, rows + 1)),
        is_small=True,
    )
    return OfficialDocument(
        name="Báo cáo thử nghiệm",
        letterhead=LETTERHEAD,
        title=Title("Báo cáo", "Tình hình thực hiện các chỉ tiêu Chính phủ điện tử"),
        addressees=("Thủ tướng Chính phủ",),
        body=(
            Heading("I. KẾT QUẢ"),
            Paragraph.of("Tỷ lệ đạt ", bold("40 %"), ", còn thiếu 4.120 hồ sơ."),
            Heading("1. Các bộ", 2),
            BulletList.of("Bộ Công Thương đạt chỉ tiêu;", "Bộ Y tế chưa có số liệu."),
            TABLE,
            CHART,
        ),
        signature=Signature(("KT. Tổ trưởng", "Tổ phó"), "Nguyễn Văn A"),
        recipients=("Như trên", "Lưu: VT, TCT"),
        annexes=(
            NewPage(is_landscape=True),
            Annex("Phụ lục I", "Nguồn số liệu", "(Kèm theo Báo cáo của Tổ công tác của Thủ tướng)"),
            sources,
        ),
        stamp=stamp,
    )
