"""The decorator that declares jobs."""

from collections.abc import Callable
from typing import Any

from celery import shared_task


def job(function: Callable[..., Any], **options: Any) -> Any:
    """Declare a Celery task that may run twice, late or never: it has no arguments and reads its work from tables.

    It is acknowledged when done. The broker retries nothing: unfinished work stays in a row that the sweep finds.
    """
    name = f"{function.__module__}.{function.__name__}"
    return shared_task(name=name, acks_late=True, ignore_result=True, **options)(function)  # type: ignore[no-untyped-call]
