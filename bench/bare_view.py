"""The smallest Django view there is, on the same web server: what one request costs at least."""

from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b"0123456789"


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY)


if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="bench", ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
urlpatterns = [path("bare", bare)]
application: Any = get_wsgi_application()
