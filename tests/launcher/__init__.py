"""The servers that the tests need, and the runs on each database: what `make test` does."""
