"""The fixed words of public pages, in both languages."""

from kpitracker.lib.i18n.text import text

PUBLIC_WORDS = {
    "public_plans": text("Public plans", "Kế hoạch công khai"),
    "as_of": text("As of", "Tính đến ngày"),
    "public_note": text(
        "For everyone. Restricted indicators are not counted; alerts, actions and comments are not shown.",
        "Dành cho mọi người. Không tính các chỉ số hạn chế; không hiển thị cảnh báo, biện pháp và ý kiến.",
    ),
    "not_announced": text("It was not announced by that day.", "Đến ngày đó chưa ban hành."),
    "answers_for": text("Answers for it", "Đơn vị chịu trách nhiệm"),
    "to_board": text("Board", "Bảng theo dõi"),
}
