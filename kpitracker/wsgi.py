"""What the web server serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
application = get_wsgi_application()

from kpitracker.lib.rates import limiter  # noqa: E402 (settings come first)

# Each web process looks for Redis at its start, so that the first requests are counted together.
limiter.watch()

# What was loaded stays: the collector of cycles need not look through all of it again and again.
gc.collect()
gc.freeze()
