from indicators.admin import approvals, audit, catalogue, figures, holidays, imports, keys, people

__all__ = ["approvals", "audit", "catalogue", "figures", "holidays", "imports", "keys", "people"]
