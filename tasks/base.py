"""The one way to declare a job."""

from collections.abc import Callable
from typing import Any

from celery import shared_task


def job(function: Callable[..., Any], **options: Any) -> Any:
    """A Celery task that may run twice, late or never: it takes no work with it, it goes and looks.

    Acknowledged when done; nothing is retried by the broker: what is left undone is a row that the sweep finds.
    """
    name = f"{function.__module__}.{function.__name__}"
    return shared_task(name=name, acks_late=True, ignore_result=True, **options)(function)  # type: ignore[no-untyped-call]
