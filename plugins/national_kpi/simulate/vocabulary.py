"""Words that simulated reports are made of."""

FIELDS: dict[str, tuple[str, ...]] = {
    "Hộ tịch": (
        "giấy khai sinh",
        "giấy chứng nhận kết hôn",
        "trích lục khai tử",
        "giấy xác nhận tình trạng hôn nhân",
    ),
    "Chứng thực": ("bản sao từ bản chính", "chữ ký", "hợp đồng, giao dịch", "chữ ký người dịch"),
    "Lý lịch tư pháp": ("phiếu lý lịch tư pháp số 1", "phiếu lý lịch tư pháp số 2"),
    "Đất đai": ("giấy chứng nhận quyền sử dụng đất", "hồ sơ chuyển mục đích sử dụng đất", "hồ sơ thuê đất"),
    "Môi trường": ("giấy phép môi trường", "báo cáo đánh giá tác động môi trường", "giấy phép xả thải"),
    "Tài nguyên nước": ("giấy phép khai thác nước dưới đất", "giấy phép khai thác nước mặt"),
    "Xây dựng": (
        "giấy phép xây dựng",
        "chứng chỉ hành nghề hoạt động xây dựng",
        "chứng chỉ năng lực hoạt động xây dựng",
    ),
    "Quy hoạch": ("giấy phép quy hoạch", "chứng chỉ quy hoạch"),
    "Đường bộ": (
        "giấy phép lái xe",
        "giấy phép kinh doanh vận tải",
        "phù hiệu xe",
        "giấy phép thi công trên đường bộ",
    ),
    "Đường thủy nội địa": (
        "giấy chứng nhận đăng ký phương tiện",
        "bằng thuyền trưởng",
        "giấy phép hoạt động bến thủy",
    ),
    "Đăng kiểm": ("giấy chứng nhận kiểm định xe cơ giới", "giấy chứng nhận kiểm định xe máy chuyên dùng"),
    "Đăng ký doanh nghiệp": (
        "giấy chứng nhận đăng ký doanh nghiệp",
        "giấy xác nhận thay đổi nội dung đăng ký doanh nghiệp",
    ),
    "Hộ kinh doanh": ("giấy chứng nhận đăng ký hộ kinh doanh",),
    "Đầu tư": ("giấy chứng nhận đăng ký đầu tư", "văn bản chấp thuận chủ trương đầu tư"),
    "Đấu thầu": ("chứng chỉ hành nghề đấu thầu",),
    "Thuế": ("hồ sơ miễn, giảm thuế", "giấy xác nhận nghĩa vụ thuế", "hồ sơ hoàn thuế giá trị gia tăng"),
    "Hải quan": ("tờ khai hải quan", "giấy xác nhận đại lý hải quan"),
    "Kế toán, kiểm toán": (
        "giấy chứng nhận đăng ký hành nghề kế toán",
        "giấy chứng nhận đăng ký hành nghề kiểm toán",
    ),
    "Bảo hiểm xã hội": ("sổ bảo hiểm xã hội", "thẻ bảo hiểm y tế", "hồ sơ hưởng chế độ thai sản"),
    "Việc làm": ("giấy phép lao động", "hồ sơ hưởng trợ cấp thất nghiệp", "giấy phép dịch vụ việc làm"),
    "Người có công": ("hồ sơ hưởng trợ cấp một lần", "giấy xác nhận thân nhân người có công"),
    "Bảo trợ xã hội": ("giấy xác nhận khuyết tật", "hồ sơ hưởng trợ cấp xã hội hằng tháng"),
    "Giáo dục trung học": ("bản sao văn bằng", "hồ sơ chuyển trường", "giấy phép hoạt động giáo dục"),
    "Giáo dục nghề nghiệp": ("giấy chứng nhận đăng ký hoạt động giáo dục nghề nghiệp",),
    "Khám bệnh, chữa bệnh": (
        "giấy phép hành nghề khám bệnh, chữa bệnh",
        "giấy phép hoạt động khám bệnh, chữa bệnh",
    ),
    "Dược phẩm": ("chứng chỉ hành nghề dược", "giấy chứng nhận đủ điều kiện kinh doanh dược"),
    "An toàn thực phẩm": ("giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm", "bản công bố sản phẩm"),
    "Trồng trọt": ("giấy chứng nhận kiểm dịch thực vật", "mã số vùng trồng"),
    "Chăn nuôi và thú y": ("giấy chứng nhận kiểm dịch động vật", "giấy chứng nhận đủ điều kiện chăn nuôi"),
    "Thủy sản": ("giấy chứng nhận đăng ký tàu cá", "giấy phép khai thác thủy sản"),
    "Lâm nghiệp": ("hồ sơ thuê rừng", "giấy phép khai thác lâm sản"),
    "Lưu thông hàng hóa": ("giấy phép bán lẻ rượu", "giấy chứng nhận cửa hàng đủ điều kiện bán lẻ xăng dầu"),
    "Xuất nhập khẩu": ("giấy chứng nhận xuất xứ hàng hóa", "giấy phép nhập khẩu"),
    "Điện": ("giấy phép hoạt động điện lực", "thẻ an toàn điện"),
    "Xuất bản, in": ("giấy phép xuất bản tài liệu không kinh doanh", "giấy phép hoạt động in"),
    "Bưu chính, viễn thông": ("giấy phép bưu chính", "giấy phép cung cấp dịch vụ viễn thông"),
    "Tần số vô tuyến điện": ("giấy phép sử dụng tần số vô tuyến điện",),
    "Di sản văn hóa": ("giấy phép khai quật khảo cổ", "chứng chỉ hành nghề tu bổ di tích"),
    "Du lịch": ("giấy phép kinh doanh dịch vụ lữ hành", "thẻ hướng dẫn viên du lịch"),
    "Sở hữu trí tuệ": ("văn bằng bảo hộ nhãn hiệu", "văn bằng bảo hộ sáng chế"),
    "Tổ chức, biên chế": ("hồ sơ thành lập tổ chức hội", "hồ sơ phê duyệt điều lệ hội"),
    "Thi đua, khen thưởng": ("bằng khen", "danh hiệu thi đua"),
}
"""Fields of administrative procedures, with what procedures in them are about."""

ACTS = (
    "Cấp", "Cấp lại", "Cấp đổi", "Gia hạn", "Sửa đổi, bổ sung", "Điều chỉnh", "Thu hồi", "Đăng ký",
    "Thẩm định", "Xác nhận",
)  # fmt: skip
"""What a procedure does with it."""

OBSTACLES = (
    "Kinh phí bố trí còn chậm", "Thiếu nhân lực công nghệ thông tin", "Hệ thống chưa kết nối, liên thông",
    "Văn bản hướng dẫn chưa đầy đủ",
)  # fmt: skip
PROPOSALS = (
    "Đề nghị hướng dẫn kỹ thuật kết nối", "Đề nghị bổ sung kinh phí", "Đề nghị gia hạn thời gian thực hiện",
    "Đề nghị tổ chức tập huấn",
)  # fmt: skip

PORTALS = (
    "Cổng thông tin điện tử {name}",
    "Cổng dịch vụ công {name}",
    "Trang thông tin cải cách hành chính {name}",
)
"""Web portals an agency may have, the first of them always."""

PEOPLE = ("Nguyễn Thị Hòa", "Trần Văn Bình", "Lê Minh Đức", "Phạm Thu Hà", "Hoàng Quốc Việt", "Đỗ Thị Lan")
"""Who signs; invented names."""
