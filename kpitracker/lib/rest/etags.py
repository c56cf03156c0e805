"""Row versions as strong ETags: a writer must have read the version that the write replaces."""

import hashlib
import json
import re

from django.http import HttpRequest

from kpitracker.lib.errors import PreconditionFailed, PreconditionRequired
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel

_TAG_PATTERN = re.compile(r'(?:W/)?"([^"]*)"')


def etag_for(row: VersionedModel, variant: str = "") -> str:
    """The ETag of a row. It holds the code: a serial number would reveal how many hidden rows exist.

    `variant` distinguishes representations of the same row version on different days; If-Match ignores it.
    """
    suffix = f".{variant}" if variant else ""
    name = next(filter(None, (getattr(row, field, None) for field in ("code", "identifier", "uid"))), row.pk)
    return f'"{type(row).__name__.lower()}-{name}-{row.row_version}{suffix}"'


def content_digest(content: object) -> str:
    """A short hash of the content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def check_if_match(request: HttpRequest, row: VersionedModel) -> None:
    """Raises `PreconditionRequired` without If-Match, `PreconditionFailed` when the row has another version.

    A compressing proxy marks tags as weak (`W/`) or appends `-gzip`; both are ignored.
    """
    header = request.headers.get("If-Match")
    current = etag_for(row)
    if header is None:
        raise PreconditionRequired(
            detail=text(
                "Read it first and send its ETag as If-Match.", "Hãy đọc trước rồi gửi ETag của nó trong If-Match."
            )
        )
    tags = {tag.removesuffix("-gzip").removesuffix(";gzip").partition(".")[0] for tag in _TAG_PATTERN.findall(header)}
    if header.strip() != "*" and current.strip('"') not in tags:
        raise PreconditionFailed(
            detail=text(f"The tag is now {current}.", f"Thẻ hiện tại là {current}."), extra={"current": current}
        )
