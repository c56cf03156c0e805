"""The Celery app. A message is a doorbell: every piece of due work is a row that the sweep finds by itself."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")

app = Celery(
    "kpitracker", include=["tasks.assessment", "tasks.delivery", "tasks.imports", "tasks.letters", "tasks.sweep"]
)
# Current in every thread: the doorbell rings from one of its own.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
