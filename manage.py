#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from kpitracker.env import StartRefused

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
    try:
        execute_from_command_line(sys.argv)
    except StartRefused as refusal:
        sys.exit(f"{refusal}")
