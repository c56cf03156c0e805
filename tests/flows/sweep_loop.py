"""`python -m tests.flows.sweep_loop PAUSE`: one sweep after another, as cron would start them, seconds apart."""

import os
import sys
import time


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kpitracker.settings"
    django.setup()
    from django.core.management import call_command

    while True:
        call_command("sweep")
        time.sleep(float(sys.argv[1]))


if __name__ == "__main__":
    main()
