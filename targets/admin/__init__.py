from targets.admin import actions, deliveries, locks, plans, results, targets

__all__ = ["actions", "deliveries", "locks", "plans", "results", "targets"]
