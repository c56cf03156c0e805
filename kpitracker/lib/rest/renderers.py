"""Response bodies: JSON encoded by msgspec. Decimals of figures are texts already."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, overload

import msgspec
from django.utils import timezone
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text


def _encode_unknown(value: object) -> Any:
    """Encode types that msgspec does not know, such as lazy texts."""
    return str(value)


@overload
def iso_timestamp(moment: datetime) -> str: ...
@overload
def iso_timestamp(moment: None) -> None: ...
@overload
def iso_timestamp(moment: datetime | None) -> str | None: ...
def iso_timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, in the time zone of the instance."""
    return None if moment is None else timezone.localtime(moment, timezone.get_default_timezone()).isoformat()


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: Mapping[str, object] | None = None
    ) -> bytes:
        if data is None:
            return b""
        return msgspec.json.encode(data, enc_hook=_encode_unknown)


class Negotiation(DefaultContentNegotiation):
    """`?format=` takes precedence over `Accept`. DRF would answer 404 for an unknown format."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        requested = request.query_params.get("format")
        if requested is None:
            return super().select_renderer(request, renderers, format_suffix)  # type: ignore[no-any-return]
        for renderer in renderers:
            if renderer.format == requested:
                return renderer, renderer.media_type
        formats = ", ".join(str(renderer.format) for renderer in renderers)
        raise ValidationProblem(
            "invalid-parameter",
            text(f"format is one of: {formats}.", f"format là một trong: {formats}."),
            pointer="?format",
        )
