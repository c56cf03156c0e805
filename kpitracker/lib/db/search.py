"""Search for words in any column: without regard to case, diacritics, or how a letter with marks is composed.

`việc làm` and `viec lam` find each other, typed as composed (NFC) or decomposed (NFD) letters. Columns named
`search_text` hold normalized text; the database normalizes the others when it searches.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import CharField, Q, QuerySet, TextField, Transform
from django.db.models.sql.compiler import SQLCompiler

from kpitracker.lib.text_validation import normalize_for_search

SQLITE_FUNCTION = "normalize_for_search"
MAX_LENGTH = 200  # characters of a search
# The marks that `normalize_for_search` drops. Those of Vietnamese are in the first range.
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"


@CharField.register_lookup
@TextField.register_lookup
class Normalized(Transform):
    """`name__normalized__contains`: the column as `normalize_for_search` would return it."""

    lookup_name = "normalized"
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **extra_context: Any) -> Any:
        return super().as_sql(compiler, connection, function=SQLITE_FUNCTION, **extra_context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **extra_context: Any) -> Any:
        # `lower` after the marks are gone: in the locale C it changes ASCII letters only.
        template = f"lower(translate(regexp_replace(normalize(%(expressions)s, NFD), '{_MARKS}', '', 'g'), 'Đđ', 'dd'))"
        return super().as_sql(compiler, connection, template=template, **extra_context)


def register_function(connection: Any) -> None:
    """Give a new SQLite connection the function that the transform calls."""
    connection.create_function(SQLITE_FUNCTION, 1, _normalize, deterministic=True)


def _normalize(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text.lower() if text.isascii() else normalize_for_search(text)


def split_words(term: str) -> list[str]:
    """The words to look for, normalized, each once; those of the first 200 characters."""
    return list(dict.fromkeys(normalize_for_search(term[:MAX_LENGTH]).split()))


def search_rows(
    rows: QuerySet[Any], words: Iterable[str], paths: Sequence[str], match_more: Callable[[str], Q] | None = None
) -> QuerySet[Any]:
    """The rows that have each of the words (of `split_words`) in one of these columns, or match by `match_more`."""
    for word in words:
        matches = match_more(word) if match_more else Q()
        for path in paths:
            is_stored = path.endswith("search_text")
            matches |= Q(**{f"{path}__contains" if is_stored else f"{path}__normalized__contains": word})
        rows = rows.filter(matches)
    return rows
