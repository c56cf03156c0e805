"""The one way to declare a job."""

from collections.abc import Callable
from typing import Any

from kpitracker.celery import app


def job(function: Callable[..., Any]) -> Any:
    """A Celery task that may run twice, late or never: it takes no work with it, it goes and looks.

    Acknowledged when done; nothing is retried by the broker: what is left undone is a row that the sweep finds.
    """
    return app.task(function, acks_late=True, ignore_result=True, name=f"{function.__module__}.{function.__name__}")
