"""The fixed words of the pages of a plan, in both languages."""

from kpitracker.lib.i18n.text import text

PLAN_WORDS = {
    "plans": text("Plans", "Kế hoạch"),
    "plan_heads": [
        text("Plan", "Kế hoạch"),
        text("Period", "Thời kỳ"),
        text("Area", "Địa bàn"),
        text("Owner", "Đơn vị chủ trì"),
        text("Targets", "Số chỉ tiêu"),
        text("Drafts", "Dự thảo"),
    ],
    "no_plan": text("There is no plan yet.", "Chưa có kế hoạch nào."),
    "no_targets": text("The plan has no targets yet.", "Kế hoạch chưa có chỉ tiêu nào."),
    "new_plan": text("Add a plan in the back office", "Thêm kế hoạch ở phần Quản trị"),
    "new_target": text("Add a target in the back office", "Thêm chỉ tiêu ở phần Quản trị"),
    "to_plan": text("The plan", "Kế hoạch"),
    "to_board": text("Where it stands: the board", "Tình hình thực hiện: bảng theo dõi"),
    "to_public": text("Its public page", "Trang công khai"),
    "to_report": text("Report for a meeting", "Báo cáo họp"),
    "to_year": text("What the year said", "Diễn biến trong năm"),
    "to_amend": text("Amend, suspend or withdraw targets", "Điều chỉnh, tạm dừng hoặc bãi bỏ chỉ tiêu"),
    "to_copy": text("Copy to the next period", "Sao chép sang kỳ sau"),
    "change": text("Change the plan in the back office", "Sửa kế hoạch ở phần Quản trị"),
    "facts": text("About the plan", "Thông tin về kế hoạch"),
    "targets": text("Targets", "Chỉ tiêu"),
    "drafts": text("Draft targets", "Chỉ tiêu dự thảo"),
    "drafts_intro": text(
        "Drafts ask for no figures and open no alerts. They are adopted together, with their terms as they are.",
        "Dự thảo chưa yêu cầu báo cáo và không phát cảnh báo. Các dự thảo được ban hành cùng lúc, giữ nguyên nội dung.",
    ),
    "adopt": text("Adopt all drafts", "Ban hành tất cả dự thảo"),
    "amend_draft": text("Change", "Sửa"),
    "amend_target": text("Amend", "Điều chỉnh"),
    "target_heads": [
        text("Target", "Chỉ tiêu"),
        text("Promised", "Mức giao"),
        text("Answers for it", "Đơn vị chịu trách nhiệm"),
        text("Status today", "Trạng thái hôm nay"),
    ],
    "no_section": text("Without a section", "Chưa xếp lĩnh vực"),
    "closings": text("Closed scorecards", "Bảng kết quả đã chốt"),
    "no_closings": text("The plan was never closed.", "Kế hoạch chưa được chốt lần nào."),
    "closing_heads": [
        text("No.", "Số"),
        text("As of", "Tính đến ngày"),
        text("Closed on", "Chốt ngày"),
        text("By", "Người chốt"),
        text("Reason", "Lý do"),
    ],
    "close": text("Close the plan", "Chốt bảng kết quả"),
    "close_intro": text(
        "The scorecard is stored for good, as it is known now. From the last day of the plan on, its periods are locked too.",
        "Bảng kết quả được lưu vĩnh viễn như hiện biết. Từ ngày cuối của kế hoạch, các kỳ cũng bị khóa.",
    ),
}
CLOSING_WORDS = {
    "results": text("What was frozen", "Kết quả đã chốt"),
    "result_heads": [
        text("Target", "Chỉ tiêu"),
        text("Result", "Kết quả"),
        text("Actual", "Thực hiện"),
        text("Variance", "Chênh lệch"),
        text("Why", "Căn cứ"),
    ],
    "none": text("None.", "Không có."),
    "since": text("What differs now", "Khác biệt hiện nay"),
    "no_difference": text("Every target stands as it was frozen.", "Mọi chỉ tiêu vẫn như khi chốt."),
    "difference_heads": [text("Target", "Chỉ tiêu"), text("Then", "Khi chốt"), text("Now", "Hiện nay")],
    "later_figures": text("Figures recorded since", "Số liệu ghi nhận từ đó"),
    "figure_heads": [
        text("Indicator", "Chỉ số"),
        text("Period", "Kỳ"),
        text("Value", "Giá trị"),
        text("Published", "Ngày công bố"),
    ],
    "later_amendments": text("Amendments recorded since", "Điều chỉnh ghi nhận từ đó"),
    "amendment_heads": [
        text("Target", "Chỉ tiêu"),
        text("Announced", "Ngày ban hành"),
        text("Act", "Văn bản"),
        text("Reason", "Lý do"),
    ],
}
AMEND_WORDS = {
    "choose_intro": text(
        "Choose the targets that one act is about; at most 25.",
        "Chọn các chỉ tiêu mà cùng một văn bản quyết định; tối đa 25.",
    ),
    "choose": text("Go on with the chosen targets", "Tiếp tục với các chỉ tiêu đã chọn"),
    "too_many": text("At most 25 targets at a time.", "Mỗi lần tối đa 25 chỉ tiêu."),
    "last_version": text("Last version", "Phiên bản gần nhất"),
    "to_target": text("page of the target", "trang của chỉ tiêu"),
    "other_terms": text("Profile, baseline, tolerance, milestones", "Tiến độ, mức đầu kỳ, sai lệch cho phép, các mốc"),
    "in_words": text("In words", "Diễn giải"),
    "versions": text("Versions and acts", "Các phiên bản và văn bản"),
    "doubt": text("Is that meant?", "Có đúng ý không?"),
    "send_again": text(
        "Nothing is stored yet. Read the questions below; if all is right, store it again unchanged.",
        "Chưa lưu gì. Hãy đọc các câu hỏi dưới đây; nếu đúng cả, hãy lưu lần nữa, không sửa gì.",
    ),
    "preview_only": text("Nothing is stored yet: this is the preview.", "Chưa lưu gì: đây là bản xem trước."),
    "preview": text("Preview", "Xem trước"),
    "store": text("Store", "Lưu"),
    "none": text("None.", "Chưa có."),
}
YEAR_WORDS = {
    "show": text("Show", "Xem"),
    "target": text("Target", "Chỉ tiêu"),
    "totals": text("All together", "Tổng hợp"),
    "late": text("late", "quá hạn"),
    "not_begun": text("The plan has not begun yet.", "Kế hoạch chưa bắt đầu."),
    "no_targets": text("The plan has no targets in this year.", "Trong năm này kế hoạch không có chỉ tiêu nào."),
    "not_announced": text("not announced yet", "chưa ban hành"),
    "year_legend": text(
        "Each column says how the targets stood on its last day, by the figures that were published until then; the last one "
        "by all that is known today. Late: a newer figure was due and had not come. An empty cell: not announced yet.",
        "Mỗi cột cho biết trạng thái vào ngày cuối của tháng hoặc quý, theo số liệu đã công bố đến ngày đó; cột cuối theo "
        "mọi số liệu hiện có. Quá hạn: số liệu mới hơn đã đến hạn mà chưa có. Ô trống: chưa ban hành.",
    ),
    "printed": text("Printed on", "In ngày"),
}
COPY_WORDS = {
    "copy_intro": text(
        "The targets become drafts of the new plan, with bands, tolerances and milestones as they are in force today. Days move "
        "with the period. Acts, sources and baselines are not copied.",
        "Các chỉ tiêu thành dự thảo của kế hoạch mới, giữ mức, sai lệch cho phép và các mốc đang có hiệu lực; các ngày chuyển theo kỳ. "
        "Không sao chép văn bản, nguồn và mức đầu kỳ.",
    ),
    "preview": text("Show what will be copied", "Xem những gì sẽ được sao chép"),
    "store": text("Copy", "Sao chép"),
    "will_be": text("What will be copied", "Sẽ được sao chép"),
    "new_plan_is": text("New plan", "Kế hoạch mới"),
    "left_out": text("Left out, and why", "Không sao chép, và lý do"),
    "copy_heads": [
        text("Target", "Chỉ tiêu"),
        text("Promised", "Mức giao"),
        text("Answers for it", "Đơn vị chịu trách nhiệm"),
    ],
    "nothing": text("No target would be copied.", "Không có chỉ tiêu nào được sao chép."),
}
