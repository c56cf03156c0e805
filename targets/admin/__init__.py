from targets.admin import locks, plans, results, targets

__all__ = ["locks", "plans", "results", "targets"]
