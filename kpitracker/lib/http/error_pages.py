"""Error pages that are built without templates and database, and the CSRF failure view."""

from django.http import HttpRequest, HttpResponse

from kpitracker.lib.rest.problems import problem_response

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


def _error_page(status: int, vietnamese: tuple[str, str], english: tuple[str, str]) -> HttpResponse:
    (title_vi, detail_vi), (title, detail) = vietnamese, english
    page = _PAGE_TEMPLATE.format(status=status, title=title, detail=detail, title_vi=title_vi, detail_vi=detail_vi)
    return set_content_length(HttpResponse(page, status=status))


def set_content_length(response: HttpResponse) -> HttpResponse:
    """Set Content-Length. Django's middleware for it runs further inside; without it the server sends chunks."""
    response.headers["Content-Length"] = str(len(response.content))
    return response
