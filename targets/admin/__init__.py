from targets.admin import plans, results

__all__ = ["plans", "results"]
