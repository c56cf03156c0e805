"""The Celery app. A message only wakes a worker: all due work is stored as rows, which the sweep finds by itself."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")

app = Celery(
    "kpitracker", include=["tasks.assessment", "tasks.delivery", "tasks.imports", "tasks.account_emails", "tasks.sweep"]
)
# The default app of every thread: the wakeup notifier sends its messages from its own thread.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
