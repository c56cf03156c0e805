from targets.admin import actions, alerts, comments, deliveries, locks, plans, results, silences, targets, webhooks

__all__ = [
    "actions",
    "alerts",
    "comments",
    "deliveries",
    "locks",
    "plans",
    "results",
    "silences",
    "targets",
    "webhooks",
]
