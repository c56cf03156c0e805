"""What a page says when a service refuses."""

from kpitracker.lib.errors import DomainError
from kpitracker.lib.problem_types import TITLES


def describe_refusal(error: DomainError) -> str:
    """The sentences of an error; its title where it has none."""
    details = [str(item.detail) for item in error.to_items() if item.detail]
    return " ".join(details) or f"{TITLES.get(error.slug, error.slug)}."
