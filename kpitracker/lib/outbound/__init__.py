"""Speaking to addresses that somebody else has chosen, without being led into one's own house."""
