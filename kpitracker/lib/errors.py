"""Exceptions of the domain. `problems` turns them into responses."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class ProblemItem(NamedTuple):
    """One error of an input: its place (JSON pointer), its kind (slug), and a sentence for users."""

    pointer: str
    slug: str
    detail: str

    def with_prefix(self, prefix: str) -> "ProblemItem":
        return self._replace(pointer=prefix + self.pointer)


class DomainError(Exception):
    """An error that is reported to the caller. `items` lists the single errors; the first one gives the slug."""

    status = 400
    slug = "invalid"
    retry_after: int | None = None  # seconds

    def __init__(
        self,
        slug: str | None = None,
        detail: str | None = None,
        *,
        pointer: str | None = None,
        items: Iterable[ProblemItem] = (),
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.items = tuple(items)
        if pointer is not None and not self.items:
            self.items = (ProblemItem(pointer, slug or self.slug, "" if detail is None else detail),)
        self.slug = slug or (self.items[0].slug if self.items else self.slug)
        # Lazy texts stay lazy: a file of 50,000 wrong rows makes as many errors, and shows the texts of a few.
        self.detail = detail if detail is not None else self.items[0].detail if self.items else None
        self.extra = dict(extra or {})
        super().__init__(self.slug)

    def to_items(self) -> tuple[ProblemItem, ...]:
        """The single errors; without any, this error as one about the whole input."""
        return self.items or (ProblemItem("", self.slug, "" if self.detail is None else self.detail),)

    def __str__(self) -> str:
        return f"{self.slug}: {self.detail}"


class ValidationProblem(DomainError):
    """400: invalid by itself, independent of stored data."""


class TooLarge(ValidationProblem):
    """413: too large. It is reported at once and alone: the rest of the input is not checked."""

    status = 413
    slug = "too-large"


class Unprocessable(DomainError):
    """422: valid, but does not fit the stored data."""

    status = 422
    slug = "unprocessable"


class Conflict(DomainError):
    """409: conflicts with an existing record."""

    status = 409
    slug = "already-exists"


class RequestInProgress(DomainError):
    """409: the same request is in progress; retry later."""

    status = 409
    slug = "idempotency-in-progress"
    retry_after = 2


class Forbidden(DomainError):
    """403: the caller is known but not allowed to do this."""

    status = 403
    slug = "forbidden"


class NotFound(DomainError):
    """404: it does not exist, or the caller may not see it."""

    status = 404
    slug = "not-found"


class PreconditionFailed(DomainError):
    """412: another caller has changed the row since it was read."""

    status = 412
    slug = "precondition-failed"


class PreconditionRequired(DomainError):
    """428: the request must name the version of the row in If-Match."""

    status = 428
    slug = "precondition-required"
