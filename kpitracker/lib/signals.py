"""What this ground notices and an app may act on."""

from django.dispatch import Signal

# A key stood in an address, where proxies and browsers write it down. Argument: `token`.
credential_exposed = Signal()

# The audit is being verified. Whoever keeps digests of its own rows in it returns pairs: the id of the entry, what is
# wrong with it.
audit_verified = Signal()
