"""What this room tells the one above it, without knowing it."""

from django.dispatch import Signal

# Within the transaction that wrote deliveries: something is to be sent.
deliveries_written = Signal()
