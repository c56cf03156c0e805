"""The fixed words of the pages of departments, in both languages."""

from kpitracker.lib.i18n.text import text

DEPARTMENT_WORDS = {
    "departments": text("Departments", "Các đơn vị"),
    "above": text("Above it", "Đơn vị cấp trên"),
    "below": text("Below it", "Đơn vị trực thuộc"),
    "contacts": text("Contacts", "Đầu mối"),
    "targets_title": text("Targets that it answers for", "Chỉ tiêu chịu trách nhiệm"),
    "targets_count": text("targets", "chỉ tiêu"),
    "plans": text("Plan", "Kế hoạch"),
    "no_targets": text("It answers for no target of a plan.", "Không chịu trách nhiệm chỉ tiêu nào trong kế hoạch."),
    "on_board": text("On the board", "Trên bảng theo dõi"),
    "owed": text("Figures to report", "Số liệu cần báo cáo"),
    "owed_short": text("to report", "cần báo cáo"),
    "upcoming": text("periods that end next", "kỳ sắp kết thúc"),
    "nothing_owed": text("Nothing is owed.", "Không còn số liệu nào phải báo cáo."),
    "late_of": text("late", "quá hạn"),
    "to_work": text("Report them in My work", "Báo cáo ở Việc của tôi"),
    "first_rows": text("The first 20 are shown.", "Hiển thị 20 dòng đầu."),
    "owed_heads": [
        text("Due", "Hạn"),
        text("Figure", "Số liệu"),
        text("Last figure", "Số liệu gần nhất"),
        text("Department", "Đơn vị"),
    ],
    "reports": text("Reports by month of the due day", "Tình hình báo cáo theo tháng đến hạn"),
    "report_heads": [
        text("Month", "Tháng"),
        text("Due", "Phải báo cáo"),
        text("In time", "Đúng hạn"),
        text("Late", "Quá hạn"),
        text("Missing", "Còn thiếu"),
    ],
    "alerts": text("Open alerts", "Cảnh báo đang mở"),
    "actions": text("Open actions", "Biện pháp đang thực hiện"),
    "answered": text("Answered", "Đã trả lời"),
    "not_answered": text("Not answered", "Chưa trả lời"),
    "promised": text("promised for", "cam kết ngày"),
    "due": text("due", "hạn"),
    "none": text("None.", "Chưa có."),
    "list_heads": [
        text("Department", "Đơn vị"),
        text("Figures to report", "Số liệu cần báo cáo"),
        text("Open alerts", "Cảnh báo đang mở"),
        text("Open actions", "Biện pháp đang thực hiện"),
    ],
    "own_counts": text(
        "The numbers of each department are its own, without those below it.",
        "Số của mỗi đơn vị không gồm các đơn vị trực thuộc.",
    ),
}
