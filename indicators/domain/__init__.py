"""What figures mean: periods, tilings and formulas. Standard library only, no clock."""
