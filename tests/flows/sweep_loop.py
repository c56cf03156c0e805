"""`python -m tests.flows.sweep_loop`: one sweep after another, as cron would start them."""

import os


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kpitracker.settings"
    django.setup()
    from django.core.management import call_command

    while True:
        call_command("sweep")


if __name__ == "__main__":
    main()
