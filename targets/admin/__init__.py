from targets.admin import (
    actions,
    alerts,
    assessments,
    comments,
    deliveries,
    locks,
    plans,
    silences,
    targets,
    webhooks,
)

__all__ = [
    "actions",
    "alerts",
    "assessments",
    "comments",
    "deliveries",
    "locks",
    "plans",
    "silences",
    "targets",
    "webhooks",
]
