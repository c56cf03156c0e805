"""The fixed words of the pages, in both languages."""

from kpitracker.lib.i18n.text import text

FRAME_WORDS = {
    "skip": text("Skip to the content", "Đến phần nội dung"),
    "menu": text("Main menu", "Trình đơn chính"),
    "board": text("Board", "Bảng theo dõi"),
    "plans_menu": text("Plans", "Kế hoạch"),
    "plan_page": text("Page of the plan", "Trang của kế hoạch"),
    "amend": text("Amend, suspend or withdraw it", "Điều chỉnh, tạm dừng hoặc bãi bỏ"),
    "departments": text("Departments", "Các đơn vị"),
    "work": text("My work", "Việc của tôi"),
    "back_office": text("Back office", "Quản trị"),
    "log_out": text("Log out", "Đăng xuất"),
    "exchange_failed": text(
        "There was no answer from the service, and nothing is certain to be stored. Reload the page and look.",
        "Không nhận được trả lời của hệ thống, chưa chắc đã ghi được. Hãy tải lại trang để kiểm tra.",
    ),
    "exchange_refused": text(
        "You may not do this. Nothing was stored.", "Bạn không có quyền thực hiện việc này. Không có gì được lưu."
    ),
}
BOARD_WORDS = {
    "no_plan": text(
        "There is no plan yet. Plans are added in the back office.",
        "Chưa có kế hoạch nào. Thêm kế hoạch ở phần Quản trị.",
    ),
    "choices": text("Plan, days and filters", "Kế hoạch, ngày và bộ lọc"),
    "show": text("Show", "Xem"),
    "as_of": text("As of", "Tính đến ngày"),
    "compared_with": text("compared with", "so với ngày"),
    "counts": text("Targets by status", "Số chỉ tiêu theo trạng thái"),
    "targets": text("targets", "chỉ tiêu"),
    "score": text("points of 100", "điểm trên 100"),
    "nothing": text("No target has this status.", "Không có chỉ tiêu nào ở trạng thái này."),
    "all_statuses": text("Show all", "Xem tất cả"),
    "legend": text(
        "Chart: the light band is the target, the bar or diamond the actual, the upright line what is due by now, "
        "the triangle with its line the outlook and its range.",
        "Biểu đồ: dải nhạt là chỉ tiêu, thanh hoặc hình thoi là thực hiện, vạch đứng là mức cần đạt đến nay, "
        "tam giác và đường ngang là dự kiến cuối kỳ cùng khoảng của nó.",
    ),
    "publications": text("Day of publication", "Ngày công bố"),
    "publication_before": text("the publication before", "lần công bố trước"),
    "publication_after": text("the publication after", "lần công bố sau"),
    "what_moved": text("What moved, by which figure", "Thay đổi gì, do số liệu nào"),
    "moved": text("Moved since", "Thay đổi so với ngày"),
    "nothing_moved": text("Nothing moved.", "Không có thay đổi."),
    "moved_heads": [
        text("Target", "Chỉ tiêu"),
        text("Then", "Khi đó"),
        text("Now", "Nay"),
        text("By which figure", "Do số liệu nào"),
    ],
    "files": text("What is shown as a file:", "Tải những gì đang xem:"),
    "overdue": text("late", "quá hạn"),
    "late": text("late", "quá hạn"),
    "alerts": text("alerts", "cảnh báo"),
    "actions": text("actions", "biện pháp"),
    "printed": text("Printed on", "In ngày"),
}
