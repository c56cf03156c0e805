"""What this ground notices and an app may act on."""

from django.dispatch import Signal

# A key stood in an address, where proxies and browsers write it down. Argument: `token`.
credential_exposed = Signal()
