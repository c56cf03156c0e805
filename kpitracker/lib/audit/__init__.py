"""The audit log: one entry in the transaction of every write, sealed into a hash chain."""
