"""Pure rules about figures: periods, tilings and formulas. Uses only the standard library and reads no clock."""
