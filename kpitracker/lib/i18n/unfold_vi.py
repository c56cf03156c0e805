"""What the look of the admin says of itself, in Vietnamese: it brings English only, and Django's catalogue lacks it."""

from gettext import NullTranslations

from django.utils.translation import trans_real

_VIETNAMESE = {
    "All applications": "Tất cả các mục",
    "Apply Filters": "Áp dụng bộ lọc",
    "Cancel": "Hủy",
    "Choose file to upload": "Chọn tệp",
    "Click to cancel": "Bấm để hủy",
    "Click to download": "Bấm để tải về",
    "Dark": "Tối",
    "Date from": "Từ ngày",
    "Date to": "Đến ngày",
    "Expand row": "Mở rộng dòng",
    "Filter navigation items": "Lọc các mục",
    "Filters": "Bộ lọc",
    "From": "Từ",
    "General": "Chung",
    "Hide counts": "Ẩn số lượng",
    "Light": "Sáng",
    "Loading more results...": "Đang tải thêm…",
    "More actions": "Thao tác khác",
    "Next": "Tiếp",
    "No data": "Không có dữ liệu",
    "No recent searches": "Chưa tìm gì gần đây",
    "No results found": "Không có kết quả",
    "No results matching your query": "Không có kết quả phù hợp",
    "Previous": "Trước",
    "Recent searches": "Tìm gần đây",
    "Reset filters": "Bỏ bộ lọc",
    "Return to site": "Về trang chính",
    "Run": "Thực hiện",
    "Search apps and models...": "Tìm mục…",
    "Select action": "Chọn thao tác",
    "Select action to run": "Chọn thao tác",
    "Select all rows": "Chọn tất cả các dòng",
    "Select record": "Chọn dòng",
    "Select value": "Chọn giá trị",
    "Show counts": "Hiện số lượng",
    "Submit": "Gửi",
    "System": "Theo hệ thống",
    "This item will be deleted.": "Dòng này sẽ bị xóa.",
    "This page yielded into no results. Create a new item or reset your filters.": (
        "Chưa có gì ở đây. Hãy thêm mới hoặc bỏ bộ lọc."
    ),
    "To": "Đến",
    "Toggle password visibility": "Hiện hoặc ẩn mật khẩu",
    "Type to search": "Nhập để tìm",
    "Value": "Giá trị",
    "You have been successfully logged out from the administration": "Bạn đã đăng xuất",
}


class _Texts(NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        self._catalog = _VIETNAMESE

    @staticmethod
    def plural(_: int) -> int:
        return 0


def speak_vietnamese() -> None:
    trans_real.translation("vi").merge(_Texts())
