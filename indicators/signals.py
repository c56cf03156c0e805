"""What this room tells those above it, without knowing them."""

from django.dispatch import Signal

# Within the transaction of the write: there are series to be looked at.
series_marked = Signal()

# Before figures are written. Argument: changes (indicator, area id, period, value). Receivers return warnings:
# lists of `Item` by position.
figures_checked = Signal()

# Before figures are changed or made. Arguments: changes, by, now. Receivers return what they refuse: `Item` by position.
figures_changing = Signal()

# Within the transaction: what the figures of an indicator mean may have changed. Arguments: indicator,
# now, changed (names of its columns). Receivers may refuse.
indicator_changed = Signal()

# Within the transaction: parts of areas are others than before, and their sums with them.
areas_changed = Signal()

# Within the transaction: other days are worked. Arguments: first, last (of the days that changed), now.
calendar_changed = Signal()

# Within the transaction that wrote letters to people: something is to be sent.
letters_written = Signal()

# Within the transaction that took note of a long batch: somebody is to work on it.
import_queued = Signal()
