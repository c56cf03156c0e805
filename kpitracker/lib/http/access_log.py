"""One line in the log for each request, where ACCESS_LOG asks for it.

`GET /api/v1/targets/ 200 5120 B 27 ms name='' key='a1b2c3d4' address=203.0.113.5`
"""

import logging
import time

from django.http import HttpRequest, HttpResponse

from kpitracker.lib.http import refusals

log = logging.getLogger("kpitracker.access")


def log_request(request: HttpRequest, response: HttpResponse, address: str, started: float) -> None:
    """`started`: the monotonic time in seconds at which the request arrived."""
    log.info(
        "%s %s %d %s B %.0f ms name=%r key=%r address=%s",
        request.method,
        refusals.shown_path(request),
        response.status_code,
        response.headers.get("Content-Length", "-"),
        (time.monotonic() - started) * 1000,
        refusals.user_name(request),
        refusals.key_prefix(request),
        address,
    )
