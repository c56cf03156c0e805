"""What can be wrong with the terms of a target."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class TermsProblemSlug(StrEnum):
    """Stable names of problems: with the first four the terms are refused, the others are warnings."""

    REQUIRED = "required"
    INVALID_BAND = "invalid-band"
    INVALID_PROFILE = "invalid-profile"
    INVALID_MILESTONE = "invalid-milestone"
    START_NOT_REPORTED = "start-not-reported"
    FLAT_WHILE_GROWING = "flat-while-growing"
    WORSE_RANK_PROMISED = "worse-rank-promised"


class TermsProblem(NamedTuple):
    """A reason to refuse terms, or to warn about them. `pointer` is the JSON pointer of the field.

    `message` is an English text with named placeholders for `params`, so that it can be translated.
    """

    pointer: str
    slug: TermsProblemSlug
    message: str
    params: Mapping[str, str] = MappingProxyType({})

    @property
    def detail(self) -> str:
        return self.message % self.params
