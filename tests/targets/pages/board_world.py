"""The board's small world, and what its page says as text."""

import re
from html import unescape
from typing import Any

from django.test import Client

from tests import factories
from tests.admin_support import client_of, person

PAST = "/?plan=plan&as_of=2024-07-15"


def reader_of_two_targets() -> Client:
    """A viewer of the whole organisation, with a plan of which one target is behind and one is on track."""
    factories.world()
    for code, lower, values in (
        ("roads", 60, {"section": "Hạ tầng", "section_en": "Infrastructure"}),
        ("trees", 90, {}),
    ):
        factories.indicator(code, unit="km" if code == "roads" else "")
        factories.target(code, lower=lower, **values)
    for month in range(1, 7):
        factories.figure("roads", f"2024-{month:02}", 2, published=f"2024-{month + 1:02}-10")
        factories.figure("trees", f"2024-{month:02}", 8, published=f"2024-{month + 1:02}-10")
    return client_of(person("lan"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def names(answer: Any) -> list[str]:
    """The names of the targets in the table, in order."""
    return re.findall(r'class="name"><a href="[^"]*">([^<]*)<', answer.content.decode())


def row_of(answer: Any, name: str) -> str:
    """The first row of a target as text, without its note."""
    rows = re.findall(r"<tr[^>]*><th scope=\"row\".*?(?=<tr|</tbody>)", answer.content.decode(), re.DOTALL)
    row = next(row for row in rows if f">{name}<" in row)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", row)).split())
