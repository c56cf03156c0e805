"""Error pages that are built without templates and database, and the CSRF failure view."""

import sys
from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.views import defaults

from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import problems
from kpitracker.lib.rest.problems import problem_response
from kpitracker.lib.text_validation import ascii_preview

_PAGE_TEMPLATE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><title>{status}</title>
<h1>{title_vi}</h1>
<p>{detail_vi}</p>
<div lang="en"><h1>{title}</h1>
<p>{detail}</p></div>
</html>
"""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return a page to clients that accept text/html, a problem to all others."""
    if "text/html" not in request.headers.get("Accept", ""):
        return problem_response(request, "csrf-failed", status=403)
    return _error_page(
        403,
        (
            "Biểu mẫu đã cũ hoặc không hợp lệ",
            "Không có gì được lưu. Hãy mở lại trang, kiểm tra rằng trình duyệt nhận cookie, rồi gửi lại.",
        ),
        (
            "The form is too old or not ours",
            "Nothing was stored. Open the page again, check that the browser takes cookies, and send it once more.",
        ),
    )


def too_large_page(megabytes: int) -> HttpResponse:
    return _error_page(
        413,
        ("Tệp quá lớn", f"Tối đa {megabytes} MB. Không có gì được lưu. Hãy quay lại và chia nhỏ tệp."),
        ("The file is too large", f"At most {megabytes} MB. Nothing was stored. Go back, and split the file."),
    )


def forbidden_response() -> HttpResponse:
    """The 403 page for a known user. Django's own page would read the body to look for the CSRF token."""
    return _error_page(
        403,
        ("Không được phép", "Tài khoản của bạn không được gửi tệp số liệu. Không có gì được lưu."),
        ("Not allowed", "Your account may not send files of figures. Nothing was stored."),
    )


def unknown_parameter(request: HttpRequest, name: str, accepted: Collection[str]) -> HttpResponse:
    """400 for a query parameter that a list does not have: a page to browsers, a problem to all others."""
    preview, names = ascii_preview(name), ", ".join(sorted(accepted)) or "–"
    if "text/html" not in request.headers.get("Accept", ""):
        detail = text(
            f"{preview} is not a parameter here. There are: {names}.", f"Không có tham số {preview}. Có: {names}."
        )
        return problem_response(request, "unknown-parameter", detail)
    return _error_page(
        400,
        ("Không có bộ lọc này", escape(f"Danh sách này không có tham số {preview}. Các bộ lọc: {names}.")),
        ("There is no such filter", escape(f"{preview} is not a parameter of this list. Its filters: {names}.")),
    )


def unreadable_parameter(request: HttpRequest) -> HttpResponse:
    """400 for control characters in a query parameter."""
    if "text/html" not in request.headers.get("Accept", ""):
        return problem_response(request, "invalid-parameter")
    return _error_page(
        400,
        ("Tham số không đọc được", "Địa chỉ trang có ký tự không hợp lệ."),
        ("The address cannot be read", "It has characters that are not allowed."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The response to an exception that no view has handled: 503 when the database or the disk failed, else 500."""
    error = sys.exception()
    is_storage_error = error is not None and problems.is_storage_error(error)
    if error is not None and is_storage_error:
        problems.record_storage_error(error)
    if not problems.is_html(request):
        slug, status = ("storage-unavailable", 503) if is_storage_error else ("internal-error", 500)
        response = problem_response(request, slug, status=status)
    elif is_storage_error:
        response = storage_page()
    else:
        response = defaults.server_error(request)
    if is_storage_error:
        response.headers["Retry-After"] = problems.RETRY_SECONDS
    return response


def storage_page() -> HttpResponse:
    return _error_page(
        503,
        (
            "Hiện chưa lưu được",
            "Cơ sở dữ liệu hoặc ổ đĩa đang bận, đã đầy hoặc gặp sự cố. Không có gì được lưu. Hãy thử lại sau ít phút; "
            "nếu vẫn lỗi, hãy báo người quản trị.",
        ),
        (
            "Nothing can be stored now",
            "The database or the disk is busy, full or failing. Nothing was stored. Try again in a few minutes; "
            "inform the operator if it continues.",
        ),
    )


def busy_page() -> HttpResponse:
    return _error_page(
        503,
        (
            "Máy chủ đang bận",
            "Máy chủ đang nhận nhiều tệp dài hoặc chậm. Không có gì được lưu. Hãy thử lại sau ít giây.",
        ),
        ("Busy", "Others are sending long or slow files. Nothing was stored. Try again in a few seconds."),
    )


def _error_page(status: int, vietnamese: tuple[str, str], english: tuple[str, str]) -> HttpResponse:
    (title_vi, detail_vi), (title, detail) = vietnamese, english
    page = _PAGE_TEMPLATE.format(status=status, title=title, detail=detail, title_vi=title_vi, detail_vi=detail_vi)
    return set_content_length(HttpResponse(page, status=status))


def set_content_length(response: HttpResponse) -> HttpResponse:
    """Set Content-Length. Django's middleware for it runs further inside; without it the server sends chunks."""
    response.headers["Content-Length"] = str(len(response.content))
    return response
