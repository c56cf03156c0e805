"""Every problem the API can answer with: slug → title. docs/problems.md is made from this table."""

from kpitracker.lib.texts import text

TITLES: dict[str, str] = {
    "malformed-json": text("The body is not well-formed JSON", "Nội dung không phải JSON đúng cú pháp"),
    "invalid": text("The input is not valid", "Dữ liệu không hợp lệ"),
    "unknown-field": text("There is no such field", "Không có trường này"),
    "unknown-parameter": text("There is no such query parameter", "Không có tham số này"),
    "invalid-parameter": text("A query parameter is not valid", "Tham số không hợp lệ"),
    "required": text("A field is missing", "Thiếu trường bắt buộc"),
    "immutable": text("This field cannot be changed", "Trường này không thể thay đổi"),
    "invalid-number": text("Not a number this service takes", "Số không hợp lệ"),
    "invalid-period": text("Not a period", "Kỳ không hợp lệ"),
    "invalid-date": text("Not a day", "Ngày không hợp lệ"),
    "invalid-code": text("Not a code", "Mã không hợp lệ"),
    "invalid-text": text("Not a text this service takes", "Văn bản không hợp lệ"),
    "invalid-choice": text("Not one of the choices", "Giá trị không nằm trong danh sách"),
    "invalid-type": text("A value of another type is expected", "Sai kiểu dữ liệu"),
    "invalid-formula": text("The formula cannot be read", "Công thức không hợp lệ"),
    "invalid-band": text("The band is not valid", "Khoảng chỉ tiêu không hợp lệ"),
    "invalid-milestone": text("A milestone is not valid", "Các mốc không hợp lệ"),
    "invalid-profile": text("The profile does not fit", "Phương thức tiến độ không phù hợp"),
    "invalid-email": text("Not an e-mail address", "Địa chỉ thư điện tử không hợp lệ"),
    "length-required": text("The length of the body is missing", "Thiếu độ dài nội dung"),
    "too-large": text("Too large", "Quá lớn"),
    "incomplete-body": text("The body ended early", "Nội dung bị cắt ngắn"),
    "unsupported-encoding": text("Compressed bodies are not taken", "Không nhận nội dung nén"),
    "unsupported-media-type": text("This kind of body is not taken here", "Không nhận kiểu nội dung này"),
    "not-acceptable": text("This kind of answer is not given here", "Không có kiểu trả lời này"),
    "invalid-credential": text("No valid key", "Khóa không hợp lệ"),
    "insufficient-scope": text("The key lacks the scope", "Khóa không đủ quyền"),
    "forbidden": text("Not allowed", "Không được phép"),
    "not-your-indicator": text("Another department reports this", "Chỉ tiêu do đơn vị khác báo cáo"),
    "not-your-plan": text("Another department's plan", "Kế hoạch của đơn vị khác"),
    "not-found": text("Not found", "Không tìm thấy"),
    "not-announced": text("Not announced by that day", "Chưa ban hành đến ngày đó"),
    "method-not-allowed": text("This method is not served here", "Phương thức không được hỗ trợ"),
    "already-exists": text("It exists already", "Đã tồn tại"),
    "in-use": text("It is in use", "Đang được sử dụng"),
    "idempotency-key-reused": text(
        "The Idempotency-Key was used for another request", "Idempotency-Key đã dùng cho yêu cầu khác"
    ),
    "idempotency-in-progress": text("The same request is being worked on", "Yêu cầu này đang được xử lý"),
    "invalid-idempotency-key": text("Not an Idempotency-Key", "Idempotency-Key không hợp lệ"),
    "period-locked": text("The period is closed", "Kỳ đã khóa"),
    "address-not-allowed": text("The key may not be used from here", "Khóa không được dùng từ địa chỉ này"),
    "precondition-failed": text("Changed by somebody else meanwhile", "Đã bị người khác thay đổi"),
    "precondition-required": text("If-Match is needed", "Cần có If-Match"),
    "unprocessable": text("Does not fit what is stored", "Không phù hợp với dữ liệu hiện có"),
    "unknown-indicator": text("There is no such indicator", "Không có chỉ tiêu này"),
    "unknown-area": text("There is no such area", "Không có địa bàn này"),
    "unknown-department": text("There is no such department", "Không có đơn vị này"),
    "unknown-plan": text("There is no such plan", "Không có kế hoạch này"),
    "computed-indicator": text("A computed indicator takes no figures", "Chỉ tiêu tính toán không nhận số liệu"),
    "stage-regression": text("A lower stage than the one known", "Giai đoạn thấp hơn số liệu hiện có"),
    "formula-cycle": text("The formula runs in a circle", "Công thức lặp vòng"),
    "tree-cycle": text("The tree would run in a circle", "Cây phân cấp lặp vòng"),
    "rate-limited": text("Too many requests", "Quá nhiều yêu cầu"),
    "storage-unavailable": text("The storage does not answer", "Kho dữ liệu không phản hồi"),
    "internal-error": text("Something went wrong here", "Lỗi hệ thống"),
}

# What is stored and flagged, never refused.
WARNINGS: dict[str, str] = {
    "repeats-earlier-revision": text("Repeats a revision that was replaced", "Trùng với số liệu cũ đã thay"),
    "period-not-begun": text("The period has not begun", "Kỳ chưa bắt đầu"),
    "ends-after-target": text("Ends after the period of a target", "Kết thúc sau kỳ của chỉ tiêu"),
    "start-not-reported": text(
        "No figure of the indicator can begin with the target", "Không có kỳ số liệu bắt đầu cùng chỉ tiêu"
    ),
    "flat-while-growing": text("The whole is asked for from the first day", "Toàn bộ bị đòi hỏi ngay từ ngày đầu"),
}
