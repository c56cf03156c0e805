from indicators.admin import audit, catalogue, figures, keys, people

__all__ = ["audit", "catalogue", "figures", "keys", "people"]
