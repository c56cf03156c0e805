"""The response to a form whose CSRF token is missing or expired."""

from django.http import HttpRequest, HttpResponse

from kpitracker.lib.rest.problems import problem_response

FAILURE_PAGE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><title>403</title>
<h1>Biểu mẫu đã cũ hoặc không hợp lệ</h1>
<p>Không có gì được lưu. Hãy mở lại trang, kiểm tra rằng trình duyệt nhận cookie, rồi gửi lại.</p>
<div lang="en"><h1>The form is too old or not ours</h1>
<p>Nothing was stored. Open the page again, check that the browser takes cookies, and send it once more.</p></div>
</html>
"""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return a page to clients that accept text/html, a problem to all others."""
    if "text/html" in request.headers.get("Accept", ""):
        return HttpResponse(FAILURE_PAGE, status=403)
    return problem_response(request, "csrf-failed", status=403)
