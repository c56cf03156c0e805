"""Who is told: contacts of departments, or a department's own address; of leaders; of those who asked for everything."""

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

_NOBODY = 0  # the id of no department: from it all that is restricted is hidden
_SEVERITIES = [severity.value for severity in ContactSeverity]


class Recipient(NamedTuple):
    """`name`: whose address it is, for the others who are told; `contact` None: a department's own address."""

    channel: str
    address: str
    name: str
    contact: Contact | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.channel, self.address.lower()


class Directory:
    """Contacts and departments, read when the first question comes: most rounds tell nobody anything.

    `targets`: of whose cooperating departments somebody may ask.
    """

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._targets = targets
        self._lineages: dict[int, list[Department]] = {}
        self._hidden: dict[int, set[int]] = {}

    def concerned(self, target: Target, audience: Collection[str], severity: str) -> list[Recipient]:
        """Who is told first, each place once."""
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
        """Who answers for it (level 0), or stands so many addresses further up; the last stands for all above him.

        Where nobody wants to be told of so little, the next one above is.
        """
        return distinct(self._station(target.answerable, target.indicator_id, level, severity))

    def responsible(self, department: Department | None, indicator: int) -> list[Recipient]:
        """Whoever is reminded of what a department has to do."""
        return distinct(self._station(department, indicator, 0, _SEVERITIES[-1]))

    def may_see(self, department: int | None, indicator: int) -> bool:
        """Whether an indicator (by id) may be spoken of to somebody of a department; None: of the whole organisation."""
        if department is None:
            return True
        if department not in self._hidden:
            self._hidden[department] = Indicator.objects.hidden_from(Actor("", department))
        return indicator not in self._hidden[department]

    def place_may_see(self, channel: str, address: str, indicator: int) -> bool:
        """Whether an indicator may be spoken of at a place: of a restricted one only where somebody is who may see it."""
        if self.may_see(_NOBODY, indicator):
            return True
        return (channel, address.lower()) in {each.place for each in self._everybody(indicator)}

    def still_told(self, told: Sequence[tuple[str, str]], indicator: int) -> list[Recipient]:
        """Of these places (channel, address) those whose people may see an indicator (by id) now: it may have become
        restricted since they were told.
        """
        known = {each.place: each for each in self._everybody(indicator)}
        found = [known.get((channel, address.lower())) for channel, address in told]
        return distinct([each for each in found if each is not None])

    def _station(self, department: Department | None, indicator: int, level: int, severity: str) -> list[Recipient]:
        stations, known = list[list[Recipient]](), set[tuple[str, str]]()
        for found in self._upwards(department, indicator, severity):
            # Only as far up as is asked: most messages go to the first.
            if len(stations) > level:
                break
            # Who stands there twice is no station of his own.
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
        # A contact knows when it wants to be told: it stands for the department whose address it shares.
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
        """By id of a target."""
        links = Target.cooperating.through.objects.filter(target__among=[each.pk for each in self._targets])
        found = defaultdict(list)
        for link in links.select_related("department").order_by("department__code"):
            found[link.target_id].append(link.department)
        return found


def _recipient(contact: Contact) -> Recipient:
    return Recipient(contact.channel, contact.address, contact.name, contact)


def _wanted(contacts: Iterable[Contact], severity: str) -> list[Recipient]:
    """Without those who want to be told of graver things only."""
    place = _SEVERITIES.index(severity)
    return [_recipient(each) for each in contacts if _SEVERITIES.index(each.least_severity) <= place]


def distinct(found: Iterable[Recipient]) -> list[Recipient]:
    """Each place once, as it is named first."""
    kept = dict[tuple[str, str], Recipient]()
    for each in found:
        kept.setdefault(each.place, each)
    return list(kept.values())
