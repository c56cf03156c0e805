"""manage.py replay"""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from kpitracker.lib import clock
from targets.models import AlertRule, Plan
from targets.services.alerting.replay import REASON_NAMES, ReplayedMessage, replay
from targets.services.text import alert_messages, formatting


class Command(BaseCommand):
    help = "Print the alert messages of a plan's year, day by day, as if no alert had been acknowledged. Sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", required=True, help="code of a plan")
        parser.add_argument("--rule", action="append", help="code of a rule; left out: all that are switched on")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="left out: the plan's first day")
        parser.add_argument("--until", dest="last", type=date.fromisoformat, help="left out: half a year after its end")
        parser.add_argument("--language", choices=["vi", "en"], default="vi")

    def handle(self, *args: object, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(f"There is no plan {options['plan']}.")
        rules = AlertRule.objects.order_by("code")
        requested_codes = options["rule"]
        selected_rules = list(rules.filter(code__in=requested_codes) if requested_codes else rules.filter(active=True))
        if missing := set(requested_codes or ()) - {rule.code for rule in selected_rules}:
            raise CommandError(f"There is no rule {min(missing)}.")
        today = clock.today()
        last = min(options["last"] or date(plan.period_end.year + 1, 6, 30), today)
        notifications = replay(
            plan=plan, rules=selected_rules, first=options["first"] or plan.period_start, last=last, today=today
        )
        with override(options["language"]):
            for notification in notifications:
                self.stdout.write(format_notification(notification, options["language"]))


def format_notification(notification: ReplayedMessage, language: str) -> str:
    """Day, reason, rule and recipient, then the text of the message."""
    name = (language == "en" and notification.rule.name_en) or notification.rule.name
    head = f"{formatting.format_day(notification.day.isoformat())}  {REASON_NAMES[notification.reason]}  [{name}]  → {notification.addresses or '–'}"
    return f"{head}\n    {alert_messages.summary_line(notification.snapshot)}"
