"""The fixed words of an indicator's page, in both languages."""

from kpitracker.lib.i18n.text import text

INDICATOR_WORDS = {
    "to_board": text("Board", "Bảng theo dõi"),
    "show": text("Show", "Xem"),
    "targets": text("Its targets", "Các chỉ tiêu của chỉ số này"),
    "no_targets": text("No target is set for it.", "Chưa có chỉ tiêu nào."),
    "reported_by": text("Reported by", "Đơn vị báo cáo"),
    "inputs": text("Computed from", "Tính từ"),
    "readers": text("Read by", "Dùng để tính"),
    "figures": text("Figures in the back office", "Số liệu trong phần Quản trị"),
    "properties": text("Properties in the back office", "Khai báo trong phần Quản trị"),
    "values": text("Values and change", "Giá trị và thay đổi"),
    "no_values": text("There are no figures as of this day.", "Chưa có số liệu tính đến ngày này."),
    "since_january": text(
        "The line shows the values since the beginning of the year.", "Đường biểu diễn là số lũy kế từ đầu năm."
    ),
    "change_label": text("change against the year before", "thay đổi so với cùng kỳ năm trước"),
    "value_label": text("value", "giá trị"),
    "numbers": text("All numbers", "Toàn bộ số liệu"),
    "heads": [
        text("Period", "Kỳ"),
        text("Value", "Giá trị"),
        text("Year before", "Cùng kỳ năm trước"),
        text("Change", "Thay đổi"),
        text("Stage", "Giai đoạn"),
        text("Published", "Ngày công bố"),
        text("Revision", "Lần sửa"),
    ],
    "years": text("Years over each other", "So sánh các năm"),
    "until": text("Until", "Đến"),
    "years_numbers": text("Numbers of the years", "Số liệu các năm"),
    "areas": text("By area", "Theo địa bàn"),
    "same_scale": text("All with the same scale, the largest first.", "Cùng một thang đo, lớn nhất trước."),
    "all_areas": text("Show all areas", "Xem tất cả địa bàn"),
    "shown_areas": text("areas shown", "địa bàn được hiển thị"),
    "of": text("of", "trong số"),
    "revisions": text("What was said when", "Số liệu đã công bố qua các lần"),
    "triangle_help": text(
        "A row is a period, a column a day of publication; the last 24 periods.",
        "Mỗi dòng là một kỳ, mỗi cột là một ngày công bố; 24 kỳ gần nhất.",
    ),
    "triangle_period": text("Period", "Kỳ"),
    "files": text("Values as a file:", "Tải số liệu:"),
    "every_area": text("of all areas:", "của mọi địa bàn:"),
}
