"""Signals of this app to the apps that depend on it: it cannot import them."""

from django.dispatch import Signal

# Sent within the transaction of the write: `SeriesChange` rows were inserted.
series_marked = Signal()

# Sent before figures are written. Arguments: changes (indicator, area id, period, value), surroundings (of the only figure,
# or None). Receivers return warnings: lists of problem items by position.
figure_warnings_requested = Signal()

# Sent before figures are created or changed. Arguments: changes, by, now, surroundings. Receivers return the refused
# changes: one problem item by position.
figures_changing = Signal()

# Sent within the transaction: the meaning of an indicator's figures may have changed. Arguments: indicator, now,
# changed (names of columns). A receiver raises an error to refuse the change.
indicator_changed = Signal()

# Sent within the transaction: areas have other parts than before, therefore sums over areas changed.
areas_changed = Signal()

# Sent within the transaction: an area exists on other days than before, or merges into another area. Arguments:
# areas (ids of the area and of its former and its present successor), now.
area_extents_changed = Signal()

# Sent within the transaction: working days changed. Arguments: first, last (the changed days), now.
calendar_changed = Signal()

# Sent within the transaction that wrote e-mails to users: they must be sent.
account_emails_queued = Signal()

# Sent within the transaction that queued an import: a worker must process it.
import_queued = Signal()
