from indicators.admin import approvals, audit, catalogue, contacts, figures, holidays, imports, keys, people

__all__ = ["approvals", "audit", "catalogue", "contacts", "figures", "holidays", "imports", "keys", "people"]
