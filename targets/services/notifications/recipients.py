"""Recipients of messages: contacts or addresses of departments, leaders, contacts who get every message, webhooks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from indicators.domain.choices import ContactRole, ContactSeverity
from indicators.models import Contact, Department, Indicator
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from targets.domain.alerting import AlertEvent
from targets.domain.audience import Audience
from targets.domain.rules import REPORTING_KINDS, RuleKind
from targets.models import AlertRule, Target, Webhook
from targets.services.notifications.owed_figures import load_owing_departments

_NO_DEPARTMENT = 0  # not the id of a department, so every restricted indicator is hidden from it
_SEVERITIES = [severity.value for severity in ContactSeverity]


class Recipient(NamedTuple):
    """A destination of messages. `name`: shown to the other recipients. `contact`: None for a department's address."""

    channel: str
    address: str
    name: str
    contact: Contact | None = None
    name_en: str = ""

    @property
    def destination(self) -> tuple[str, str]:
        return self.channel, self.address.lower()


class RecipientResolver:
    """Finds recipients. Contacts and departments are read when first needed: most runs write no deliveries.

    `targets`: those whose cooperating and owing departments may be needed, read together. `day`: the day of the messages.
    """

    def __init__(self, targets: Iterable[Target] = (), day: date | None = None) -> None:
        self._targets, self._day, fallback = list(targets), day or clock.today(), settings.ALERT_EMAIL
        self._fallback = [Recipient("email", fallback, fallback)] if fallback else []
        self._ancestors_by_department: dict[int, list[Department]] = {}
        self._hidden_indicators: dict[int, set[int]] = {}

    def for_event(
        self, event: AlertEvent, target: Target, rule: AlertRule, level: int, severity: str
    ) -> list[Recipient]:
        """Return the recipients of an event at an escalation level. Not for "resolved": it goes to earlier recipients."""
        if event in (AlertEvent.REMINDER, AlertEvent.ESCALATION) and level:
            return self.at_level(target, level, severity, rule)
        indicator, owner_id = target.indicator_id, target.plan.department_id
        addressed = self.addressed_departments(target, rule)
        recipients = list[Recipient]()
        if Audience.LEAD in rule.audience:
            for department in addressed:
                recipients += self._recipients_at_level(department, indicator, 0, severity)
        if Audience.COOPERATING in rule.audience:
            for department in self.cooperating.get(target.pk, []):
                recipients += self._of_department(department, indicator, severity)
        if Audience.OWNER in rule.audience and owner_id is not None:
            recipients += self._of_department(self._ancestors_of(owner_id)[0], indicator, severity)
        if Audience.LEADERS in rule.audience:
            recipients += self._of_role(ContactRole.LEADERS, indicator, severity)
        recipients += self._of_role(ContactRole.EVERYTHING, indicator, severity)
        if level:
            recipients += self._recipients_at_level(addressed[0], indicator, level, severity)
        return deduplicate_recipients(recipients)

    def addressed_departments(self, target: Target, rule: AlertRule) -> list[Department | None]:
        """Return the departments that a rule is about, at least one: who answers for the target (None: no lead is named).

        Of rules about reports: first who owes the figures, then who answers for the target, as a copy.
        """
        if RuleKind(rule.kind) not in REPORTING_KINDS:
            return [target.answers_for]
        owing = self.owing_departments(target)
        copies = [target.answers_for] if target.answers_for or not owing else []
        return [*owing, *(department for department in copies if department not in owing)]

    def owing_departments(self, target: Target) -> list[Department]:
        """Return the departments that owe the figures of a target, by code."""
        if target.pk not in self._owing_by_target:
            self._owing_by_target |= load_owing_departments([target], self._day)
        return self._owing_by_target[target.pk]

    @cached_property
    def _owing_by_target(self) -> dict[int, list[Department]]:
        return load_owing_departments(self._targets, self._day)

    def webhooks(self, target: Target, event: AlertEvent, rule: AlertRule) -> list[Webhook]:
        """Return the active webhooks for an event of a target.

        The rule must be about the department of a webhook or one below it, or it must cooperate; and it may see the indicator.
        """
        matches, department_ids = list[Webhook](), set[int]()
        for webhook, subtree in self._webhooks:
            if webhook.events and event not in webhook.events:
                continue
            if subtree is not None:
                department_ids = department_ids or {
                    *(row.pk for row in self.addressed_departments(target, rule) if row is not None),
                    *(department.pk for department in self.cooperating.get(target.pk, [])),
                }
                if subtree.isdisjoint(department_ids) or not self.may_see(webhook.department_id, target.indicator_id):
                    continue
            matches.append(webhook)
        return matches

    @cached_property
    def _webhooks(self) -> list[tuple[Webhook, set[int] | None]]:
        """The active webhooks, each with the ids of its department and of those below it (None: no department)."""
        active = Webhook.objects.filter(active=True).order_by("pk")
        lock_for_reference(active)
        return [
            (webhook, Department.objects.subtree_ids(webhook.department_id) if webhook.department_id else None)
            for webhook in active
        ]

    def at_level(self, target: Target, level: int, severity: str, rule: AlertRule) -> list[Recipient]:
        """Return the recipients at an escalation level: 0 is the department that the rule is about, higher ones are above it.

        Levels above the last one give the last one. A department whose contacts do not want this severity is skipped.
        """
        return deduplicate_recipients(
            self._recipients_at_level(self.addressed_departments(target, rule)[0], target.indicator_id, level, severity)
        )

    def for_department(self, department: Department | None, indicator: int) -> list[Recipient]:
        """Return the recipients of reminders about the duties of a department."""
        return deduplicate_recipients(self._recipients_at_level(department, indicator, 0, _SEVERITIES[-1]))

    def may_see(self, department: int | None, indicator: int) -> bool:
        """Whether a department (id) may see an indicator (id). None stands for the whole organisation."""
        if department is None:
            return True
        if department not in self._hidden_indicators:
            self._hidden_indicators[department] = Indicator.objects.hidden_from(Actor("", department))
        return indicator not in self._hidden_indicators[department]

    def address_may_see(self, channel: str, address: str, indicator: int) -> bool:
        """Whether an indicator (id) may be mentioned to an address.

        A restricted indicator may be mentioned only to addresses of recipients who may see it.
        """
        if self.may_see(_NO_DEPARTMENT, indicator):
            return True
        return (channel, address.lower()) in {recipient.destination for recipient in self._all_recipients(indicator)}

    def visible_recipients(self, destinations: Sequence[tuple[str, str]], indicator: int) -> list[Recipient]:
        """Return the recipients at these (channel, address) pairs who may see an indicator (id) now.

        The indicator may have become restricted after they were notified.
        """
        by_destination = {recipient.destination: recipient for recipient in self._all_recipients(indicator)}
        matches = [by_destination.get((channel, address.lower())) for channel, address in destinations]
        return deduplicate_recipients([recipient for recipient in matches if recipient is not None])

    def _recipients_at_level(
        self, department: Department | None, indicator: int, level: int, severity: str
    ) -> list[Recipient]:
        levels, destinations = list[list[Recipient]](), set[tuple[str, str]]()
        for recipients in self._escalation_chain(department, indicator, severity):
            # Go up only as far as needed: most messages go to the first level.
            if len(levels) > level:
                break
            # Recipients who all appeared at a lower level are no level of their own.
            if not destinations.issuperset(recipient.destination for recipient in recipients):
                destinations.update(recipient.destination for recipient in recipients)
                levels.append(recipients)
        return levels[min(level, len(levels) - 1)] if levels else []

    def _escalation_chain(
        self, department: Department | None, indicator: int, severity: str
    ) -> Iterator[list[Recipient]]:
        for ancestor in self._ancestors_of(department.pk) if department else []:
            yield self._of_department(ancestor, indicator, severity)
        yield self._of_role(ContactRole.LEADERS, indicator, severity)
        yield self._fallback

    def _of_department(self, department: Department, indicator: int, severity: str) -> list[Recipient]:
        if not self.may_see(department.pk, indicator):
            return []
        if contacts := self._contacts_by_department.get(department.pk):
            return _filter_by_severity(contacts, severity)
        return [_to_address(department)] if department.email else []

    def _of_role(self, role: ContactRole, indicator: int, severity: str) -> list[Recipient]:
        contacts = [
            contact
            for contact in self._contacts
            if contact.role == role and self.may_see(contact.department_id, indicator)
        ]
        return _filter_by_severity(contacts, severity)

    def _all_recipients(self, indicator: int) -> list[Recipient]:
        contact_recipients = [
            _to_recipient(contact) for contact in self._contacts if self.may_see(contact.department_id, indicator)
        ]
        department_recipients = [
            _to_address(department)
            for department in self._departments_with_email
            if self.may_see(department.pk, indicator)
        ]
        # Contacts come last: a contact has delivery hours, so it replaces a department with the same address.
        return [*self._fallback, *department_recipients, *contact_recipients]

    def _ancestors_of(self, department_id: int) -> list[Department]:
        if department_id not in self._ancestors_by_department:
            self._ancestors_by_department[department_id] = Department.objects.self_and_ancestors(department_id)
        return self._ancestors_by_department[department_id]

    @cached_property
    def _contacts(self) -> list[Contact]:
        return list(Contact.objects.active())

    @cached_property
    def _contacts_by_department(self) -> dict[int, list[Contact]]:
        by_department = defaultdict(list)
        for contact in self._contacts:
            if contact.role == ContactRole.DEPARTMENT and contact.department_id is not None:
                by_department[contact.department_id].append(contact)
        return by_department

    @cached_property
    def _departments_with_email(self) -> list[Department]:
        return list(Department.objects.exclude(email=""))

    @cached_property
    def cooperating(self) -> dict[int, list[Department]]:
        """The cooperating departments by target id."""
        links = Target.cooperating.through.objects.filter(target__among=[target.pk for target in self._targets])
        by_target = defaultdict(list)
        for link in links.select_related("department").order_by("department__code"):
            by_target[link.target_id].append(link.department)
        return by_target


def _to_address(department: Department) -> Recipient:
    return Recipient("email", department.email, department.name, name_en=department.name_en)


def _to_recipient(contact: Contact) -> Recipient:
    return Recipient(contact.channel, contact.address, contact.name, contact)


def _filter_by_severity(contacts: Iterable[Contact], severity: str) -> list[Recipient]:
    """Return the contacts whose least severity is met."""
    rank = _SEVERITIES.index(severity)
    return [_to_recipient(contact) for contact in contacts if _SEVERITIES.index(contact.min_severity) <= rank]


def deduplicate_recipients(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Remove duplicate addresses; the first recipient of each address stays."""
    by_destination = dict[tuple[str, str], Recipient]()
    for recipient in recipients:
        by_destination.setdefault(recipient.destination, recipient)
    return list(by_destination.values())
