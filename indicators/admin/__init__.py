from indicators.admin import catalogue, figures, people

__all__ = ["catalogue", "figures", "people"]
