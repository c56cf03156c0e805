from targets.admin import actions, comments, deliveries, locks, plans, results, targets, webhooks

__all__ = ["actions", "comments", "deliveries", "locks", "plans", "results", "targets", "webhooks"]
