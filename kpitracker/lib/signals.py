"""Signals that kpitracker.lib sends and the apps may receive."""

from django.dispatch import Signal

# A URL contained an API key; proxies and browsers log URLs. Argument: `token`.
credential_exposed = Signal()

# The audit is being verified. A receiver that stores digests of its own rows in the audit returns pairs: the id of the
# entry, the problem.
audit_verified = Signal()
