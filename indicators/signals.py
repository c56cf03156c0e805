"""What this room tells those above it, without knowing them."""

from django.dispatch import Signal

# Within the transaction of the write: there are series to be looked at.
series_marked = Signal()

# Before a figure is written. Arguments: indicator, area, period. Receivers return a list of `Item`: warnings.
measurement_checked = Signal()

# Before a figure is changed or made. Arguments: indicator, area, period, by, now. Receivers may refuse.
figure_changing = Signal()

# Within the transaction: what the figures of an indicator mean may have changed. Arguments: indicator,
# now, changed (names of its columns). Receivers may refuse.
indicator_changed = Signal()

# Within the transaction: other days are worked. Arguments: first, last (of the days that changed), now.
calendar_changed = Signal()

# Within the transaction that wrote letters to people: something is to be sent.
letters_written = Signal()
