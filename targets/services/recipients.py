"""Recipients of messages: contacts or addresses of departments, leaders, and contacts who get every message."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from indicators.domain.vocabulary import ContactRole, ContactSeverity
from indicators.models import Contact, Department, Indicator
from kpitracker.lib.actor import Actor
from targets.domain.audience import Audience
from targets.models import Target

_NOBODY = 0  # not the id of a department, so every restricted indicator is hidden from it
_SEVERITIES = [severity.value for severity in ContactSeverity]


class Recipient(NamedTuple):
    """A destination of messages. `name`: shown to the other recipients. `contact`: None for a department's address."""

    channel: str
    address: str
    name: str
    contact: Contact | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.channel, self.address.lower()


class Directory:
    """Finds recipients. Contacts and departments are read when first needed: most runs write no deliveries.

    `targets`: those whose cooperating departments may be needed, read in one query.
    """

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._targets = targets
        self._lineages: dict[int, list[Department]] = {}
        self._hidden: dict[int, set[int]] = {}

    def concerned(self, target: Target, audience: Collection[str], severity: str) -> list[Recipient]:
        """Return the recipients of the first notification, without duplicate addresses."""
        indicator = target.indicator_id
        found = list[Recipient]()
        if Audience.LEAD in audience:
            found += self._station(target.answerable, indicator, 0, severity)
        if Audience.COOPERATING in audience:
            for department in self.cooperating.get(target.pk, []):
                found += self._at(department, indicator, severity)
        if Audience.OWNER in audience and target.plan.department_id is not None:
            found += self._at(self._lineage(target.plan.department_id)[0], indicator, severity)
        if Audience.LEADERS in audience:
            found += self._of_role(ContactRole.LEADERS, indicator, severity)
        return distinct([*found, *self._of_role(ContactRole.EVERYTHING, indicator, severity)])

    def above(self, target: Target, level: int, severity: str) -> list[Recipient]:
        """Return the recipients at an escalation level: 0 is the answerable department, higher levels are above it.

        Levels above the last one give the last one. A department whose contacts do not want this severity is skipped.
        """
        return distinct(self._station(target.answerable, target.indicator_id, level, severity))

    def responsible(self, department: Department | None, indicator: int) -> list[Recipient]:
        """Return the recipients of reminders about the duties of a department."""
        return distinct(self._station(department, indicator, 0, _SEVERITIES[-1]))

    def may_see(self, department: int | None, indicator: int) -> bool:
        """Whether a department (id) may see an indicator (id). None stands for the whole organisation."""
        if department is None:
            return True
        if department not in self._hidden:
            self._hidden[department] = Indicator.objects.hidden_from(Actor("", department))
        return indicator not in self._hidden[department]

    def place_may_see(self, channel: str, address: str, indicator: int) -> bool:
        """Whether an indicator (id) may be mentioned to an address.

        A restricted indicator may be mentioned only to addresses of recipients who may see it.
        """
        if self.may_see(_NOBODY, indicator):
            return True
        return (channel, address.lower()) in {each.place for each in self._everybody(indicator)}

    def still_told(self, told: Sequence[tuple[str, str]], indicator: int) -> list[Recipient]:
        """Return the recipients at these (channel, address) pairs who may see an indicator (id) now.

        The indicator may have become restricted after they were notified.
        """
        known = {each.place: each for each in self._everybody(indicator)}
        found = [known.get((channel, address.lower())) for channel, address in told]
        return distinct([each for each in found if each is not None])

    def _station(self, department: Department | None, indicator: int, level: int, severity: str) -> list[Recipient]:
        stations, known = list[list[Recipient]](), set[tuple[str, str]]()
        for found in self._upwards(department, indicator, severity):
            # Go up only as far as needed: most messages go to the first level.
            if len(stations) > level:
                break
            # Recipients who all appeared at a lower level are no level of their own.
            if not known.issuperset(each.place for each in found):
                known.update(each.place for each in found)
                stations.append(found)
        return stations[min(level, len(stations) - 1)] if stations else []

    def _upwards(self, department: Department | None, indicator: int, severity: str) -> Iterator[list[Recipient]]:
        for each in self._lineage(department.pk) if department else []:
            yield self._at(each, indicator, severity)
        yield self._of_role(ContactRole.LEADERS, indicator, severity)
        yield self._last_resort()

    def _at(self, department: Department, indicator: int, severity: str) -> list[Recipient]:
        if not self.may_see(department.pk, indicator):
            return []
        if contacts := self._by_department.get(department.pk):
            return _wanted(contacts, severity)
        return [Recipient("email", department.email, department.name)] if department.email else []

    def _of_role(self, role: ContactRole, indicator: int, severity: str) -> list[Recipient]:
        allowed = [each for each in self._contacts if each.role == role and self.may_see(each.department_id, indicator)]
        return _wanted(allowed, severity)

    def _last_resort(self) -> list[Recipient]:
        return [Recipient("email", settings.ALERT_EMAIL, settings.ALERT_EMAIL)] if settings.ALERT_EMAIL else []

    def _everybody(self, indicator: int) -> list[Recipient]:
        allowed = [_recipient(each) for each in self._contacts if self.may_see(each.department_id, indicator)]
        own = [
            Recipient("email", each.email, each.name) for each in self._addressed if self.may_see(each.pk, indicator)
        ]
        # Contacts come last: a contact has delivery hours, so it replaces a department with the same address.
        return [*self._last_resort(), *own, *allowed]

    def _lineage(self, pk: int) -> list[Department]:
        if pk not in self._lineages:
            self._lineages[pk] = Department.objects.lineage(pk)
        return self._lineages[pk]

    @cached_property
    def _contacts(self) -> list[Contact]:
        return list(Contact.objects.active())

    @cached_property
    def _by_department(self) -> dict[int, list[Contact]]:
        found = defaultdict(list)
        for each in self._contacts:
            if each.role == ContactRole.DEPARTMENT and each.department_id is not None:
                found[each.department_id].append(each)
        return found

    @cached_property
    def _addressed(self) -> list[Department]:
        return list(Department.objects.exclude(email=""))

    @cached_property
    def cooperating(self) -> dict[int, list[Department]]:
        """The cooperating departments by target id."""
        links = Target.cooperating.through.objects.filter(target__among=[each.pk for each in self._targets])
        found = defaultdict(list)
        for link in links.select_related("department").order_by("department__code"):
            found[link.target_id].append(link.department)
        return found


def _recipient(contact: Contact) -> Recipient:
    return Recipient(contact.channel, contact.address, contact.name, contact)


def _wanted(contacts: Iterable[Contact], severity: str) -> list[Recipient]:
    """Return the contacts whose least severity is met."""
    place = _SEVERITIES.index(severity)
    return [_recipient(each) for each in contacts if _SEVERITIES.index(each.least_severity) <= place]


def distinct(found: Iterable[Recipient]) -> list[Recipient]:
    """Remove duplicate addresses; the first recipient of each address stays."""
    kept = dict[tuple[str, str], Recipient]()
    for each in found:
        kept.setdefault(each.place, each)
    return list(kept.values())
