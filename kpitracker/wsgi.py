"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
application = get_wsgi_application()

# Loaded modules stay in memory: the garbage collector need not scan them again and again.
gc.collect()
gc.freeze()
