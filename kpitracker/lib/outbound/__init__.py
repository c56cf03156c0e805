"""Outgoing requests to addresses that users choose, protected against requests to the private network (SSRF)."""
