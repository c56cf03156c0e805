"""What can be wrong, in the words of the domain. `problems` turns these into answers."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Item(NamedTuple):
    """One thing wrong with an input: where (JSON pointer), what (slug), and a sentence for people."""

    pointer: str
    slug: str
    detail: str

    def under(self, prefix: str) -> "Item":
        return self._replace(pointer=prefix + self.pointer)


class DomainError(Exception):
    """Something the caller can be told about. `items` says what was wrong where; the first one names the problem."""

    status = 400
    slug = "invalid"
    retry_after: int | None = None  # seconds

    def __init__(
        self,
        slug: str | None = None,
        detail: str | None = None,
        *,
        pointer: str | None = None,
        items: Iterable[Item] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.items = tuple(items)
        if pointer is not None and not self.items:
            self.items = (Item(pointer, slug or self.slug, detail or ""),)
        self.slug = slug or (self.items[0].slug if self.items else self.slug)
        self.detail = detail or (self.items[0].detail if self.items else None)
        self.extra = dict(extra or {})
        super().__init__(self.slug, str(self.detail))


class Invalid(DomainError):
    """400: wrong by itself, whatever is stored."""


class TooLarge(Invalid):
    """413: more than is taken. Told alone, at once: what comes with it is not looked at further."""

    status = 413
    slug = "too-large"


class Unfit(DomainError):
    """422: does not fit what is stored."""

    status = 422
    slug = "unprocessable"


class Conflict(DomainError):
    """409: somebody else's record stands in the way."""

    status = 409
    slug = "already-exists"


class Running(DomainError):
    """409: the same request is being worked on; come back."""

    status = 409
    slug = "idempotency-in-progress"
    retry_after = 2


class NotPermitted(DomainError):
    """403: known, but not allowed."""

    status = 403
    slug = "forbidden"


class Missing(DomainError):
    """404."""

    status = 404
    slug = "not-found"


class PreconditionFailed(DomainError):
    """412: changed by somebody else since it was read."""

    status = 412
    slug = "precondition-failed"


class PreconditionRequired(DomainError):
    """428: say which version you mean."""

    status = 428
    slug = "precondition-required"
