"""Many figures at once: the same rules as for one, gathered and written set by set."""
