"""Texts in both languages of the service, side by side in the code."""

from django.utils.functional import lazy
from django.utils.translation import get_language, override


def is_vietnamese() -> bool:
    """Whether the active language is Vietnamese, not English."""
    # With translations deactivated, as in makemigrations, the language is None: English gives stable migrations.
    return (get_language() or "en").startswith("vi")


def translate(english: str, vietnamese: str) -> str:
    """The text in the active language, now."""
    return vietnamese if is_vietnamese() else english


def translate_name(name: str, name_en: str) -> str:
    """A name that is stored in both languages, in the active one; in the other where it is missing."""
    return translate(name_en or name, name or name_en)


_lazy = lazy(translate, str)


def text(english: str, vietnamese: str) -> str:
    """A lazy text: in the language of the request that shows it."""
    return _lazy(english, vietnamese)


def in_both_languages(message: object) -> dict[str, str]:
    """The text in each language, for texts that are stored now and shown later."""
    texts = {}
    for language in ("en", "vi"):
        with override(language):
            texts[language] = str(message)
    return texts
