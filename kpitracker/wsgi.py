"""What the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
application = get_wsgi_application()

from kpitracker.lib.rates import limiter  # noqa: E402 (settings come first)

# Each web process looks for Redis at its start, so that the first requests are counted together.
limiter.watch()
