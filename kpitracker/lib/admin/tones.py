"""Colours of good and bad words. The word stays: a colour alone says nothing to those who do not see it."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.utils.html import format_html


class Tone(StrEnum):
    """How a word is meant; the values are the types of labels of django-unfold, and classes of admin.css."""

    GOOD = "success"
    WARNING = "warning"
    BAD = "danger"
    NEUTRAL = "info"


def colour_text(content: object, tone: Tone | None) -> str:
    """A text in the colour of its tone; None: in the colour of the page."""
    return str(content) if tone is None else format_html('<span class="tone-{}">{}</span>', tone.value, content)


def coloured(
    find_tone: Callable[[Any], Tone | None],
) -> Callable[[Callable[[Any, Any], str]], Callable[[Any, Any], str]]:
    """Decorates a column or field of an admin page: its text has the tone of its row."""

    def decorate(show: Callable[[Any, Any], str]) -> Callable[[Any, Any], str]:
        @wraps(show)
        def show_coloured(page: Any, row: Any) -> str:
            return colour_text(show(page, row), find_tone(row))

        return show_coloured

    return decorate
