"""Problems and warnings about the terms of a target."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class FindingSlug(StrEnum):
    """Stable names of findings; the first four are refusals, the rest warnings."""

    REQUIRED = "required"
    INVALID_BAND = "invalid-band"
    INVALID_PROFILE = "invalid-profile"
    INVALID_MILESTONE = "invalid-milestone"
    START_NOT_REPORTED = "start-not-reported"
    FLAT_WHILE_GROWING = "flat-while-growing"


class TermsFinding(NamedTuple):
    """`pointer` is the JSON pointer of the field.

    `message` is an English text with named placeholders for `params`, so that it can be translated.
    """

    pointer: str
    slug: FindingSlug
    message: str
    params: Mapping[str, str] = MappingProxyType({})

    @property
    def detail(self) -> str:
        return self.message % self.params
