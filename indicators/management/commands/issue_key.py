"""manage.py issue_key"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError
from django.utils.translation import override

from indicators.models import Department
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, system_actor
from kpitracker.lib.errors import DomainError


class Command(BaseCommand):
    help = "Issue an API key and print only the key. It cannot be shown again: only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--department", metavar="CODE", help="department of the key; default: whole organisation")
        parser.add_argument("--scopes", required=True, metavar="a,b", help=f"of: {', '.join(Scope)}")
        parser.add_argument("--rate", type=int, default=600, metavar="N", help="requests a minute; 0: no limit")
        parser.add_argument("--days", type=int, default=365, metavar="N", help="days until it expires; 365 by default")
        parser.add_argument("--address", action="append", default=[], metavar="NET", help="network of its callers")
        parser.add_argument("--name", default="", help="what it is for")

    def handle(self, *args: object, **options: Any) -> None:
        if options["rate"] < 0:
            raise CommandError("--rate is 0 or more.")
        if not 1 <= options["days"] <= 36_500:
            raise CommandError("--days is 1 or more.")
        try:
            code = options["department"]
            issued_key = api_keys.issue_key(
                scopes=[scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
                by=system_actor("manage.py issue_key"),
                now=clock.now(),
                department=Department.objects.by_code(code, "department") if code else None,
                name=options["name"],
                rate=options["rate"],
                expires_at=clock.now() + timedelta(days=options["days"]),
                addresses=options["address"],
            )
        except DomainError as error:
            with override("en"):
                raise CommandError(str(error.detail)) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"There is no kpitracker database in {settings.DATA_DIR} yet: make run first."
            ) from error
        self.stdout.write(issued_key.secret)
