"""Size limits of bodies sent to pages: checked against Content-Length before the body is read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_PAGE_TEMPLATE = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><title>{status}</title>
<h1>{title_vi}</h1>
<p>{detail_vi}</p>
<div lang="en"><h1>{title}</h1>
<p>{detail}</p></div>
</html>
"""


def reject_oversized(request: HttpRequest) -> HttpResponse | None:
    """The 413 page for a body that is too large. Django limits form fields, not files: a client could fill the disk."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = settings.PAGE_LIMITS.get(request.path_info, settings.BODY_LIMIT)
    if length.isascii() and length.isdigit() and int(length) <= limit + settings.FORM_AROUND_FILE:
        return None
    return _error_page(
        413,
        ("Tệp quá lớn", f"Tối đa {limit >> 20} MB. Không có gì được lưu. Hãy quay lại và chia nhỏ tệp."),
        ("The file is too large", f"At most {limit >> 20} MB. Nothing was stored. Go back, and split the file."),
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
    response = HttpResponse(page, status=status)
    # Django's middleware for it runs further inside; without it the server answers in chunks.
    response.headers["Content-Length"] = str(len(response.content))
    return response
