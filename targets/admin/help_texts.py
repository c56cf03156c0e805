"""What to write in the boxes of the forms of plans, with examples. Fields with a rule have theirs in the model."""

from typing import Final

from kpitracker.lib.i18n.text import text

_CODE: Final = text(
    "Small letters, digits and hyphens; it stays for ever. Example: city-2026.",
    "Chữ thường, chữ số và gạch nối; không đổi về sau. Ví dụ: city-2026.",
)
_NAME: Final = text("As official documents write it, in Vietnamese.", "Như văn bản chính thức ghi, bằng tiếng Việt.")
_NAME_EN: Final = text("Shown on English pages.", "Hiển thị ở trang tiếng Anh.")
_NOTE: Final = text("For readers; no rule reads it.", "Dành cho người đọc; hệ thống không dùng.")
_SOURCE: Final = text(
    "Where it stands. Example: Resolution 12, annex 1.", "Văn bản nào. Ví dụ: Nghị quyết 12, phụ lục 1."
)
_START: Final = text("First day. Example: 01/01/2026.", "Ngày đầu. Ví dụ: 01/01/2026.")
_END: Final = text("Last day. Example: 31/12/2026.", "Ngày cuối. Ví dụ: 31/12/2026.")
_ONLY: Final = text("Only for this one. Empty: for all.", "Chỉ áp dụng cho mục này. Để trống: tất cả.")

PLAN: Final = {
    "code": _CODE, "name": _NAME, "name_en": _NAME_EN, "note": _NOTE, "source": _SOURCE,
    "area": text("What the plan is about. Example: the city.", "Kế hoạch của địa bàn nào. Ví dụ: thành phố."),
    "period_start": _START, "period_end": _END,
    "issuer": text("Who adopted it. Example: People's Council.", "Nơi ban hành. Ví dụ: Hội đồng nhân dân."),
    "act": text("Number and day. Example: Resolution 12/NQ-HĐND.", "Số và ngày. Ví dụ: Nghị quyết 12/NQ-HĐND."),
    "department": text(
        "Owns the plan: amends its targets and answers where no lead is named.",
        "Chủ trì kế hoạch: điều chỉnh chỉ tiêu và chịu trách nhiệm khi chưa có đơn vị chủ trì.",
    ),
}  # fmt: skip
TARGET: Final = {
    "plan": text("Type a part of its name or code.", "Gõ một phần tên hoặc mã."),
    "indicator": text("What is measured. Type a part of its name or code.", "Chỉ số được đo. Gõ một phần tên hoặc mã."),
    "area": text("Where. Example: the whole city.", "Ở đâu. Ví dụ: toàn thành phố."),
    "period_start": _START, "period_end": _END,
    "goal": text(
        "On which side of its band the figure should be. Example: growth at least, inflation at most.",
        "Số liệu nên nằm phía nào của mức đề ra. Ví dụ: tăng trưởng ít nhất, lạm phát nhiều nhất.",
    ),
    "baseline_date": text("The day of the baseline. Example: 31/12/2025.", "Ngày của mức đầu kỳ. Ví dụ: 31/12/2025."),
    "announced": text("From this day on the target counts. Example: 08/12/2025.", "Chỉ tiêu được tính từ ngày này. Ví dụ: 08/12/2025."),
    "state": text("A draft is not judged and owes nothing.", "Dự thảo chưa được đánh giá và chưa phải báo cáo."),
    "section": text("Groups targets. Example: Kinh tế.", "Dùng để nhóm chỉ tiêu. Ví dụ: Kinh tế."),
    "section_en": text("The same in English. Example: Economy.", "Tên tiếng Anh. Ví dụ: Economy."),
    "department": text("The lead. Empty: the owner of the plan answers.", "Đơn vị chủ trì. Để trống: đơn vị chủ trì kế hoạch chịu trách nhiệm."),
    "cooperating": text("Departments that support the lead.", "Các đơn vị phối hợp."),
    "weight": text("In the score of the plan. Example: 2 counts twice.", "Trong điểm của kế hoạch. Ví dụ: 2 tính gấp đôi."),
    "source": _SOURCE, "note": _NOTE,
}  # fmt: skip
ACTION: Final = {
    "target": text("Type a part of its name or code.", "Gõ một phần tên hoặc mã."),
    "text": text("One thing to do. Example: open two more lanes.", "Một việc phải làm. Ví dụ: mở thêm hai làn đường."),
    "person": text("Who does it. Example: Nguyễn Thị Lan.", "Người thực hiện. Ví dụ: Nguyễn Thị Lan."),
    "due_day": text("A reminder goes out before. Example: 30/09/2026.", "Trước ngày này có tin nhắc. Ví dụ: 30/09/2026."),
}  # fmt: skip
RULE: Final = {
    "code": _CODE, "name": _NAME, "name_en": _NAME_EN,
    "kind": text("What opens an alert.", "Điều gì mở cảnh báo."),
    "statuses": text("For rules about statuses: which of them.", "Với quy tắc về trạng thái: những trạng thái nào."),
    "in_percent": text("The amount is in percent, not in the unit.", "Mức tính bằng phần trăm, không theo đơn vị tính."),
    "plan": _ONLY, "section": _ONLY, "department": _ONLY, "indicator": _ONLY, "area": _ONLY,
    "active": text("Without the tick the rule opens nothing.", "Bỏ dấu thì quy tắc không mở cảnh báo."),
}  # fmt: skip
SILENCE: Final = {
    **dict.fromkeys(("rule", "target", "plan", "section", "department", "indicator", "area"), _ONLY),
    "ends_at": text("Reminders go on then. Example: 30/09/2026, 17:00.", "Sau đó nhắc lại. Ví dụ: 30/09/2026, 17:00."),
    "reason": text("Others read it. Example: the source is being revised.", "Người khác sẽ đọc. Ví dụ: nguồn đang rà soát."),
}  # fmt: skip
WEBHOOK: Final = {
    "name": text("Which program. Example: city dashboard.", "Phần mềm nào. Ví dụ: bảng điều hành."),
    "url": text("Where events are posted. Example: https://example.gov.vn/hook.", "Nơi nhận sự kiện. Ví dụ: https://example.gov.vn/hook."),
    "active": text("Without the tick nothing is sent.", "Bỏ dấu thì không gửi nữa."),
}  # fmt: skip
EXCEPTION: Final = {
    "plan": text("Whose closed periods are opened.", "Mở khóa kỳ của kế hoạch nào."),
    "reason": text("Stays in the audit. Example: error in report 12.", "Lưu trong nhật ký. Ví dụ: sai sót ở báo cáo 12."),
    "until": text("The lock is back then. Example: tomorrow, 17:00.", "Sau đó khóa lại. Ví dụ: 17:00 ngày mai."),
}  # fmt: skip
COMMENT: Final = {"text": text("All who see the row read it.", "Mọi người xem mục này đều đọc được.")}
