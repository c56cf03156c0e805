from indicators.admin import approvals, audit, catalogue, figures, holidays, keys, people

__all__ = ["approvals", "audit", "catalogue", "figures", "holidays", "keys", "people"]
