"""Signals of the targets app, received by apps above it."""

from django.dispatch import Signal

# Sent inside the transaction that wrote deliveries, or resumed sending them.
deliveries_ready = Signal()
