"""The querysets of the app `targets`. Its models import this module, so it imports no model."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When

from indicators.querysets import CodeLookupMixin, SeriesKey, filter_by_series
from indicators.visibility import (
    OwnPartQuerySet,
    PublicMixin,
    RestrictedByAnyIndicatorMixin,
    RestrictedByIndicatorMixin,
)
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.db.prefetch import prefetch_foreign_key, prefetch_reverse
from targets.domain.actions import OPEN_STATES
from targets.domain.choices import VersionState

if TYPE_CHECKING:
    from targets.models import (  # noqa: F401 (in the quoted bases)
        AlertRule,
        Closing,
        Comment,
        Delivery,
        LockException,
        Plan,
        RemovedTarget,
        Silence,
        Target,
        Webhook,
    )


class PlanQuerySet(PublicMixin, CodeLookupMixin, QuerySet["Plan"]):
    noun, noun_vi = "plan", "kế hoạch"


class ClosingQuerySet(PublicMixin, QuerySet["Closing"]):
    pass


class LockExceptionQuerySet(QuerySet["LockException"]):
    def visible_to(self, by: Actor) -> Self:
        """Exclude exceptions for indicators that are hidden from the actor."""
        hidden = apps.get_model("indicators", "Indicator").objects.hidden_from(by)
        return self.exclude(indicator__isnull=False, indicator__in=hidden) if hidden else self.all()


class AnsweringDepartmentMixin:
    """Targets, or rows with a foreign key to a target (`target_prefix`)."""

    target_prefix = ""

    def answered_for_by(self, department_ids: Collection[int]) -> Self:
        """Return the rows whose target one of these departments answers for (`Target.answers_for`)."""
        lead, default = f"{self.target_prefix}department", f"{self.target_prefix}plan__department"
        by_default = Q(**{lead: None, f"{default}__in": department_ids})
        return self.filter(Q(**{f"{lead}__in": department_ids}) | by_default)  # type: ignore[attr-defined, no-any-return]


class TargetQuerySet(RestrictedByIndicatorMixin, AnsweringDepartmentMixin, QuerySet["Target"]):
    def of_series(self, pairs: Collection[SeriesKey]) -> Self:
        """Return the targets of one of these (indicator, area) pairs."""
        pairs = set(pairs)
        rows = filter_by_series(self, pairs, "targets_target")
        ids = [pk for pk, *pair in rows.values_list("pk", "indicator_id", "area_id") if tuple(pair) in pairs]
        return self.filter(pk__among=ids)

    def periods_by_series(self, pairs: Collection[SeriesKey]) -> dict[SeriesKey, list[tuple[str, date, date]]]:
        """Return, by (indicator, area) pair, the identifier, first and last day of each target of these series."""
        periods: dict[SeriesKey, list[tuple[str, date, date]]] = {}
        if not pairs:
            return periods
        rows = self.filter(
            indicator__in={indicator_id for indicator_id, _ in pairs}, area__in={area_id for _, area_id in pairs}
        ).order_by("identifier")
        for indicator, area, identifier, start, end in rows.values_list(
            "indicator_id", "area_id", "identifier", "period_start", "period_end"
        ):
            periods.setdefault((indicator, area), []).append((identifier, start, end))
        return periods

    def cooperating_codes(self, ids: Collection[int]) -> dict[int, list[str]]:
        """Return, by target id, the codes of the cooperating departments in alphabetical order."""
        codes_by_target: dict[int, list[str]] = {}
        links = self.model.cooperating.through.objects.filter(target__among=ids).order_by("department__code")
        for target, code in links.values_list("target", "department__code"):
            codes_by_target.setdefault(target, []).append(code)
        return codes_by_target

    def with_versions(self) -> Self:
        versions = self.model._meta.get_field("versions").related_model
        return self.prefetch_related(
            Prefetch("versions", versions._default_manager.order_by("number"), to_attr="read_versions")
        )

    def for_assessment(self) -> list[Any]:
        """Load all that an assessment reads, in a fixed number of queries. Targets share the objects they refer to."""
        targets = list(self)
        prefetch_reverse(targets, "versions", "number", to_attr="read_versions")
        for name in ("area", "department", "indicator"):
            prefetch_foreign_key(targets, name)
        prefetch_foreign_key(prefetch_foreign_key(targets, "plan"), "department")
        return targets

    def for_list(self) -> Self:
        """Load all that a row of a list shows, in a fixed number of queries."""
        related = self.select_related("plan__department", "indicator", "area", "department")
        return related.with_versions().prefetch_related("cooperating")


class RemovedTargetQuerySet(RestrictedByIndicatorMixin, QuerySet["RemovedTarget"]):
    def visible_to(self, by: Actor) -> Self:
        rows = super().visible_to(by)
        return rows if by.department is None else rows.exclude(indicator=None)

    def removed_since(self, condition: Q) -> list[str]:
        """Return the ids, in the order of removal, of targets that have not been created again since."""
        exists = apps.get_model("targets", "Target").objects.filter(identifier=OuterRef("identifier"))
        removed = self.filter(condition).exclude(Exists(exists)).order_by("change")
        return list(dict.fromkeys(removed.values_list("identifier", flat=True)))


class TargetRelatedQuerySet(RestrictedByIndicatorMixin, AnsweringDepartmentMixin, QuerySet[Any]):
    """Rows with a foreign key to a target."""

    indicator_path, target_prefix = "target__indicator", "target__"


class AlertQuerySet(TargetRelatedQuerySet):
    def reschedule(self, at: object) -> int:
        """Schedule the next check of the alerts; return their number. Must run inside a transaction.

        The rows are locked in the same order as an evaluation run locks them, else the two would deadlock.
        """
        list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
        return self.update(next_check_at=at)

    def in_message(self, message: UUID) -> Self:
        """Return the alerts of one message, given the id of its main delivery."""
        deliveries = apps.get_model("targets", "Delivery").objects.filter(Q(pk=message) | Q(merged_into=message))
        return self.filter(pk__in=deliveries.values("alert"))


class JudgementQuerySet(TargetRelatedQuerySet):
    def known_as_of(self, as_of: date, recorded_by: datetime | None = None) -> Self:
        """Return the judgements of a day or before it; with `recorded_by` only those recorded by then."""
        judgements = self.filter(day__lte=as_of)
        return judgements if recorded_by is None else judgements.filter(recorded_at__lte=recorded_by)

    def oldest_first(self) -> Self:
        """Order by day, then by the time of recording: the judgement in force comes last."""
        return self.order_by("day", "recorded_at", "pk")


class AssessmentQuerySet(TargetRelatedQuerySet):
    def counted(self) -> Self:
        """Without suspended and withdrawn targets: for them nothing is owed."""
        return self.exclude(state__in=[state.value for state in VersionState if state.is_ended])

    def for_list(self) -> Self:
        return self.select_related(
            "target__plan__department", "target__indicator", "target__area", "target__department"
        )


class AlertRuleQuerySet(RestrictedByIndicatorMixin, QuerySet["AlertRule"]):
    """Rules for a hidden indicator are hidden."""


class SilenceQuerySet(RestrictedByAnyIndicatorMixin, QuerySet["Silence"]):
    indicator_paths = ("target__indicator", "indicator", "rule__indicator")


class ActionQuerySet(TargetRelatedQuerySet):
    def for_list(self) -> Self:
        return self.select_related("target__plan__department", "target__indicator", "target__department", "department")

    def for_messages(self) -> Self:
        return self.for_list().select_related("target__area")

    def overdue(self, today: date) -> Self:
        """Return open actions that were due before a day."""
        return self.filter(state__in=OPEN_STATES, due_day__lt=today)


class CommentQuerySet(RestrictedByAnyIndicatorMixin, QuerySet["Comment"]):
    indicator_paths = (
        "target__indicator",
        "measurement__indicator",
        "alert__target__indicator",
        "action__target__indicator",
    )


class DeliveryQuerySet(RestrictedByAnyIndicatorMixin, QuerySet["Delivery"]):
    indicator_paths = ("alert__target__indicator", "action__target__indicator")

    def visible_to(self, by: Actor) -> Self:
        """Only administrators see deliveries to webhooks, those of their part: a response may contain data of the
        receiver's network.
        """
        rows = super().visible_to(by)
        if not by.may(Scope.ADMIN):
            return rows.filter(webhook=None)
        webhooks = apps.get_model("targets", "Webhook").objects.visible_to(by)
        return rows.filter(Q(webhook=None) | Q(webhook__in=webhooks.values("pk")))

    def with_recipient(self, by: Actor) -> Any:
        """Annotate `shown_recipient`: the address for those who keep the contact, the name of the contact for others.

        Addresses of departments and of persons in charge are public. Empty: the contact was removed.
        """
        contacts = apps.get_model("indicators", "Contact").objects.visible_to(by)
        departments = apps.get_model("indicators", "Department").objects.filter(email__iexact=OuterRef("recipient"))
        is_public = Exists(departments) | Q(action__email__iexact=F("recipient")) | Q(recipient=settings.ALERT_EMAIL)
        cases = [
            When(contact__isnull=False, then=F("contact__name")),
            When(Q(webhook__isnull=False) | is_public, then=F("recipient")),
        ]
        if by.may(Scope.ADMIN):
            kept = ~Q(pk=None) if by.department is None else Q(contact__in=contacts.values("pk"))
            cases.insert(0, When(kept, then=F("recipient")))
        return self.annotate(shown_recipient=Case(*cases, default=Value("")))


class WebhookQuerySet(OwnPartQuerySet):
    pass
