"""What this room tells those above it, without knowing them."""

from django.dispatch import Signal

# Within the transaction of the write. Arguments: pairs (indicator id, area id), quiet.
measurements_recorded = Signal()

# Before a figure is written. Arguments: indicator, area, period. Receivers return a list of `Item`: warnings.
measurement_checked = Signal()
