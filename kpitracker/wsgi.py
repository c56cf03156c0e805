"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
application = get_wsgi_application()

from kpitracker.lib.rest.rate_limit import limiter  # noqa: E402 (settings come first)

# Each web process connects to Redis at its start, so that the first requests are counted across processes.
limiter.watch()

# Loaded modules stay in memory: the garbage collector need not scan them again and again.
gc.collect()
gc.freeze()
