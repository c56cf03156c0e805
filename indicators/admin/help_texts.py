"""What to write in the boxes of the catalogue's forms, with examples. Fields with a rule have theirs in the model."""

from typing import Final

from kpitracker.lib.i18n.text import text

CODE: Final = text(
    "Small letters, digits and hyphens; it stays for ever. Example: grdp-growth.",
    "Chữ thường, chữ số và gạch nối; không đổi về sau. Ví dụ: grdp-growth.",
)
NAME: Final = text("As official documents write it, in Vietnamese.", "Như văn bản chính thức ghi, bằng tiếng Việt.")
NAME_EN: Final = text(
    "Shown on English pages. Example: Retail sales.", "Hiển thị ở trang tiếng Anh. Ví dụ: Retail sales."
)
NOTE: Final = text(
    "For readers; no rule reads it. Example: revised after the census of 2024.",
    "Dành cho người đọc; hệ thống không dùng. Ví dụ: điều chỉnh sau tổng điều tra 2024.",
)
SOURCE: Final = text(
    "Where the value stands. Example: Report 123/BC-CTK, table 2.", "Nơi có giá trị. Ví dụ: Báo cáo 123/BC-CTK, bảng 2."
)
_VALID_FROM: Final = text(
    "First day. Empty: since ever. Example: 01/07/2025.", "Ngày đầu. Để trống: từ trước đến nay. Ví dụ: 01/07/2025."
)
_VALID_TO: Final = text(
    "Last day. Empty: still valid. Example: 30/06/2025.", "Ngày cuối. Để trống: còn hiệu lực. Ví dụ: 30/06/2025."
)
_TREE: Final = {
    "code": CODE,
    "name": NAME,
    "name_en": NAME_EN,
    "note": NOTE,
    "valid_from": _VALID_FROM,
    "valid_to": _VALID_TO,
}

AREA: Final = {
    **_TREE,
    "parent": text("The area around it. Example: the city of a ward.", "Địa bàn chứa nó. Ví dụ: thành phố của phường."),
    "successor": text("The area that it became part of. Needs a last day.", "Địa bàn mà nó nhập vào. Cần có ngày cuối."),
    "kind": text("Its level in the administration. Example: ward.", "Cấp hành chính. Ví dụ: phường."),
    "remove_geometry": text("Its shape is no more drawn on maps.", "Bản đồ không còn vẽ hình của địa bàn này."),
}  # fmt: skip
DEPARTMENT: Final = {
    **_TREE,
    "parent": text(
        "The department above it, to which alerts without a response go.", "Đơn vị cấp trên, nơi nhận cảnh báo khi không có phản hồi."
    ),
    "successor": text("Who takes over its duties after the last day.", "Đơn vị tiếp nhận công việc sau ngày cuối."),
}  # fmt: skip
INDICATOR: Final = {
    "code": CODE, "name": NAME, "name_en": NAME_EN, "note": NOTE,
    "unit": text("In Vietnamese. Example: tỷ đồng, %, người.", "Bằng tiếng Việt. Ví dụ: tỷ đồng, %, người."),
    "unit_en": text("In English. Example: billion VND, persons.", "Bằng tiếng Anh. Ví dụ: billion VND, persons."),
    "kind": text(
        "What the numbers are. Example: a growth in percent is a rate.", "Bản chất của số liệu. Ví dụ: tốc độ tăng là tỷ lệ."
    ),
    "decimals": text("How many places figures have. Example: 2 for 7.17.", "Số chữ số thập phân. Ví dụ: 2 với 7,17."),
    "frequency": text("How often figures are due. Example: every month.", "Bao lâu có số liệu một lần. Ví dụ: hằng tháng."),
    "department": text(
        "Reports it where no reporting duty names another.", "Báo cáo chỉ số này nếu không có phân công báo cáo khác."
    ),
    "source": text("Who publishes it. Example: General Statistics Office.", "Nơi công bố. Ví dụ: Cục Thống kê."),
}  # fmt: skip
DUTY: Final = {
    "indicator": text("Which indicator is reported; one without a formula.", "Chỉ số phải báo cáo; không có công thức."),
    "area": text("For which area. Example: the whole city.", "Cho địa bàn nào. Ví dụ: toàn thành phố."),
    "department": text("Who owes the figures.", "Đơn vị phải báo cáo số liệu."),
    "valid_from": _VALID_FROM, "valid_to": _VALID_TO,
}  # fmt: skip
FIGURE: Final = {
    "indicator": text("Type a part of its name or code.", "Gõ một phần tên hoặc mã."),
    "area": text("What the figure is about. Example: the whole city.", "Số liệu của địa bàn nào. Ví dụ: toàn thành phố."),
    "missing_reason": text("Only if there is no value.", "Chỉ khi không có giá trị."),
    "qualifier": text("How the value was obtained. Example: estimated.", "Giá trị có được bằng cách nào. Ví dụ: ước tính."),
    "stage": text(
        "How final it is; a later one never goes back to an earlier stage.", "Mức độ chính thức; số sau không lùi về mức trước."
    ),
    "source": SOURCE, "note": NOTE,
}  # fmt: skip
CONTACT: Final = {
    "name": text("Shown to the other recipients. Example: Office of statistics.", "Hiển thị cho người nhận khác. Ví dụ: Phòng Thống kê."),
    "role": text("Which alerts arrive.", "Nhận những cảnh báo nào."),
    "channel": text("By mail, or into a chat that the operator has named.", "Qua thư, hoặc vào nhóm mà người vận hành đã khai."),
    "language": text("Of its messages. Both: one message in two languages.", "Ngôn ngữ của tin. Cả hai: một tin hai ngôn ngữ."),
    "min_severity": text("Milder alerts are not sent here.", "Không gửi cảnh báo nhẹ hơn."),
    "quiet_from": text("Nothing is sent from then on. Example: 21:00.", "Từ giờ này không gửi. Ví dụ: 21:00."),
    "quiet_until": text("What waited is sent then. Example: 06:30.", "Đến giờ này gửi tin đang chờ. Ví dụ: 06:30."),
    "active": text("Without the tick nothing is sent.", "Bỏ dấu thì không gửi nữa."),
}  # fmt: skip
USER: Final = {
    "first_name": text("Example: Thị Lan.", "Ví dụ: Thị Lan."),
    "last_name": text("Example: Nguyễn.", "Ví dụ: Nguyễn."),
    "email": text("The invitation goes there. Example: lan@example.gov.vn.", "Thư mời gửi đến đây. Ví dụ: lan@example.gov.vn."),
    "role": text("What the person may do; see docs/people.md.", "Người này được làm gì; xem docs/people.md."),
}  # fmt: skip
HOLIDAY: Final = {
    "day": text("One day. Example: 02/09/2026.", "Một ngày. Ví dụ: 02/09/2026."),
    "name": text("In Vietnamese. Example: Quốc khánh.", "Bằng tiếng Việt. Ví dụ: Quốc khánh."),
    "name_en": text("Example: National Day.", "Ví dụ: National Day."),
}  # fmt: skip
KEY: Final = {
    "name": text("Which program uses it. Example: statistics portal.", "Phần mềm nào dùng. Ví dụ: cổng thống kê."),
    "scopes": text("Only what the program needs.", "Chỉ những quyền phần mềm cần."),
    "expires_at": text("Empty: never. A year is a good habit.", "Để trống: không hết hạn. Nên đặt một năm."),
}  # fmt: skip
