"""The fixed words of the page of one's own work, in both languages."""

from kpitracker.lib.i18n.text import text

WORK_WORDS = {
    "owed": text("Figures to report", "Số liệu cần báo cáo"),
    "owed_short": text("to report", "số liệu cần báo cáo"),
    "upcoming": text("periods that end next", "kỳ sắp kết thúc"),
    "nothing_owed": text("Nothing is owed. Thank you.", "Không còn số liệu nào phải báo cáo."),
    "heads": [
        text("Due", "Hạn"),
        text("Figure", "Số liệu"),
        text("Last figure", "Số liệu gần nhất"),
        text("Value", "Giá trị"),
        text("Unit", "Đơn vị tính"),
    ],
    "late_of": text("late", "quá hạn"),
    "due_in": text("Due in", "Hạn trong"),
    "months": text("Due", "Hạn"),
    "all_months": text("all", "tất cả"),
    "first_rows": text(
        "The 200 with the earliest due days are shown. Choose a month to see the others.",
        "Hiển thị 200 số liệu có hạn sớm nhất. Hãy chọn tháng để xem các số liệu khác.",
    ),
    "value_of": text("Value of", "Giá trị của"),
    "refused": text("Not stored.", "Chưa ghi."),
    "other": text("other…", "khác…"),
    "other_hint": text("with a note, or without a value", "kèm ghi chú, hoặc không có giá trị"),
    "send": text("Store the figures", "Ghi số liệu"),
    "each_alone": text(
        "Each figure is stored by itself; lines left empty stay owed.",
        "Mỗi số liệu được ghi riêng; dòng để trống vẫn còn phải báo cáo.",
    ),
    "files": text("By file", "Bằng tệp"),
    "workbook": text("Download the workbook of what is owed", "Tải phiếu nhập số liệu còn phải báo cáo"),
    "workbook_hint": text(
        "Fill in its yellow cells and send it back below.", "Điền các ô màu vàng rồi gửi lại ở dưới."
    ),
    "upload": text("Send a file", "Gửi tệp số liệu"),
    "too_large": text("The file is too large: split it.", "Tệp quá lớn: hãy chia nhỏ."),
    "see_values": text("See the values first", "Xem trước giá trị"),
    "checked_first": text(
        "The file is only read: you see every value beside the one in force, and nothing is stored before you confirm.",
        "Tệp chỉ được đọc: bạn thấy từng giá trị bên cạnh giá trị đang có hiệu lực, và không ghi gì trước khi bạn xác nhận.",
    ),
    "one_figure": text("Another figure", "Số liệu khác"),
    "approvals": text("Figures that wait for approval", "Số liệu chờ duyệt"),
    "approvals_short": text("to approve", "số liệu chờ duyệt"),
    "approval_heads": [
        text("Figure", "Số liệu"),
        text("From → to", "Từ → thành"),
        text("Posted by", "Người gửi"),
        text("Decision", "Quyết định"),
    ],
    "new": text("new", "mới"),
    "approve": text("approve", "duyệt"),
    "reject": text("reject", "từ chối"),
    "reason": text("Reason of a rejection", "Lý do từ chối"),
    "decide": text("Store the decisions", "Ghi quyết định"),
    "own_post": text(
        "You posted it: another person of the department decides.", "Bạn đã gửi: người khác của đơn vị quyết định."
    ),
    "second_person": text(
        "A person who may report figures of the department decides.",
        "Người được báo cáo số liệu của đơn vị quyết định.",
    ),
    "alerts": text("Open alerts", "Cảnh báo đang mở"),
    "alerts_short": text("open alerts", "cảnh báo đang mở"),
    "answer": text("Answer", "Trả lời"),
    "answer_again": text("Change the answer", "Sửa câu trả lời"),
    "acknowledge": text("Acknowledge", "Tiếp nhận"),
    "answered": text("Answered", "Đã trả lời"),
    "promised": text("promised for", "cam kết ngày"),
    "actions": text("Open actions", "Biện pháp đang thực hiện"),
    "actions_short": text("open actions", "biện pháp đang thực hiện"),
    "due": text("due", "hạn"),
    "progress": text("Report progress or close", "Báo cáo tiến độ hoặc kết thúc"),
    "store_progress": text("Store", "Lưu"),
    "full_alert": text("in the back office", "xem ở phần Quản trị"),
    "none": text("None.", "Chưa có."),
    "summary": text("What waits", "Việc đang chờ"),
}
FILE_WORDS = {
    "values": text("The values as they were read", "Giá trị đọc được từ tệp"),
    "confirm": text("Store these figures", "Ghi các số liệu này"),
    "leave": text("Do not store: let go of the file", "Không ghi: bỏ tệp"),
    "undo": text("Undo…", "Hoàn tác…"),
    "to_import": text("To what was stored", "Xem kết quả đã ghi"),
    "reload": text("Reload to see how far it is", "Tải lại để xem tiến độ"),
    "rejected": text("Rows that are wrong", "Các dòng sai"),
    "counted": text(
        "Rows are counted from 1, without the header and empty rows.",
        "Dòng được đếm từ 1, không kể dòng tiêu đề và dòng trống.",
    ),
    "csv": text("All of them as a CSV file", "Tải tất cả dạng CSV"),
}
