from indicators.admin import approvals, audit, catalogue, figures, keys, people

__all__ = ["approvals", "audit", "catalogue", "figures", "keys", "people"]
