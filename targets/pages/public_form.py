"""The choices of public pages, all of them in the address, and the language in which they are shown."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from targets.models import Plan, Target
from targets.pages.board_form import BoardForm

LANGUAGE = "lang"
BOARD_CHOICES = ("as_of", "status", "section", "area", "group", "sort")


class PublicBoardForm(BoardForm):
    """Of the choices of the board those that say nothing of who is reading."""

    def __init__(self, request: HttpRequest, plan: Plan, targets: Sequence[Target], today: date) -> None:
        super().__init__(request.GET, plan, [plan], targets, {}, today)
        for name in set(self.fields) - set(BOARD_CHOICES):
            del self.fields[name]


def choose_language(request: HttpRequest) -> str:
    """That of the address, else the first one of the browser, else that of the service.

    Not that of a cookie: a cache keeps one page for all readers of an address and a language.
    """
    languages = [code for code, _ in settings.LANGUAGES]
    if (chosen := request.GET.get(LANGUAGE)) in languages:
        return str(chosen)
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code.partition("-")[0] in languages:
            return code.partition("-")[0]
    return settings.LANGUAGE_CODE
