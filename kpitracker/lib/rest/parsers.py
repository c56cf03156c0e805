"""The parser of request bodies: strict JSON only."""

from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import BaseParser

from kpitracker.lib.rest import strict_json


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return strict_json.parse_json(stream.read())
