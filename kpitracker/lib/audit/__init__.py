"""Who did what to what, from where: one row in the transaction of every write, sealed into a chain of hashes."""
