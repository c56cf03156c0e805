from targets.admin import plans, results, targets

__all__ = ["plans", "results", "targets"]
