"""Record many figures at once, by the same rules as single figures, with set-based queries."""
