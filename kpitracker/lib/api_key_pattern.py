"""The pattern of an API key, wherever it occurs."""

import re

TOKEN = re.compile(r"kpi_[A-Za-z0-9]{8}_[A-Za-z0-9]+", re.ASCII)
