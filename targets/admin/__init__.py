from targets.admin import actions, comments, deliveries, locks, plans, results, targets

__all__ = ["actions", "comments", "deliveries", "locks", "plans", "results", "targets"]
