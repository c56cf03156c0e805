"""Webhooks and their deliveries, for administrators. The secret of a webhook is shown once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest import etags, pagination
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    KeyRotationSerializer,
    StrictBooleanField,
    StrictChoiceField,
    StrictListField,
    StrictSerializer,
    StrictTextField,
)
from kpitracker.lib.rest.viewsets import EditableViewSet
from targets.domain.alerting import AlertEvent
from targets.models import Delivery, Webhook
from targets.payloads.alerts import WebhookDeliveryPayload, WebhookPayload, WebhookSecretPayload
from targets.services.notifications import outbox, webhooks


class WebhookSerializer(StrictSerializer):
    name = StrictTextField(max_length=200, one_line=True, allow_blank=True, default="")
    department = CodeReferenceField(
        default=None, allow_null=True, help_text="Null: the whole organisation. It never changes."
    )
    url = StrictTextField(
        max_length=2000, one_line=True, help_text="https, unless WEBHOOK_ALLOWED_HOSTS lists the host."
    )
    events = StrictListField(child=StrictChoiceField(AlertEvent), max_length=5, default=list, help_text="Empty: all.")
    active = StrictBooleanField(default=True)


def webhook_row(webhook: Webhook) -> WebhookPayload:
    return {
        "id": str(webhook.pk),
        "name": webhook.name,
        "department": webhook.department.code if webhook.department else None,
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.active,
        "disabled_reason": webhook.disabled_reason,
        "previous_secret_until": iso_timestamp(webhook.previous_until),
        "created_at": iso_timestamp(webhook.created_at),
    }


def delivery_row(delivery: Delivery) -> WebhookDeliveryPayload:
    return {
        "id": str(delivery.pk),
        "event": delivery.event,
        "alert": str(delivery.alert_id) if delivery.alert_id else None,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": iso_timestamp(delivery.due_at) if delivery.state == "pending" else None,
        "sent_at": iso_timestamp(delivery.sent_at),
        "response": delivery.response,
    }


@extend_schema_view(
    list=extend_schema(responses=list[WebhookPayload]),
    retrieve=extend_schema(responses=WebhookPayload),
    partial_update=extend_schema(responses=WebhookPayload),
)
class WebhookViewSet(EditableViewSet):
    """Programs that are notified of alerts. A webhook that was used is not deleted but switched off (`active`)."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    queryset = Webhook.objects.select_related("department")
    serializer_class = WebhookSerializer
    exports = {
        "list": Export(WebhookPayload, "webhooks"),
        "deliveries": Export(WebhookDeliveryPayload, "deliveries"),
    }
    query_parameters_by_action = {"deliveries": pagination.PARAMETERS}
    read_scopes = (Scope.READ, Scope.ADMIN)
    write_scope = Scope.ADMIN
    secret_fields = frozenset({"secret"})
    ordering, ordering_columns = "created_at", {"created_at": "pk"}
    lookup_field = tie_breaker = "pk"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_row(self, queryset: QuerySet[Webhook]) -> Webhook:
        try:
            row: Webhook = super().get_row(queryset)
        except ValidationError as error:  # not a valid id
            raise NotFound() from error
        return row

    def rows(self, page: Sequence[Webhook]) -> Sequence[Mapping[str, object]]:
        return [webhook_row(webhook) for webhook in page]

    def object_response(self, row: Webhook, status: int = 200, **extra: str) -> Response:
        return Response({**webhook_row(row), **extra}, status=status, headers={"ETag": etags.etag_for(row)})

    @extend_schema(responses={201: WebhookSecretPayload})
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Add a webhook. Its secret is shown in this response only."""
        webhook = webhooks.create_webhook(by=get_actor(request), now=clock.now(), **self.validated_body())
        return self.object_response(webhook, 201, secret=webhooks.display_secret(webhook))

    def update_row(self, row: Webhook, data: FieldValues) -> models.Model:
        return webhooks.change_webhook(webhook=row, by=get_actor(self.request), **data)

    def delete_row(self, row: Webhook) -> None:
        webhooks.delete_webhook(webhook=row, by=get_actor(self.request))

    @extend_schema(request=KeyRotationSerializer, responses={200: WebhookSecretPayload})
    @action(detail=True, methods=["post"], serializer_class=KeyRotationSerializer)
    def rotate(self, request: Request, pk: str) -> Response:
        """Create a new secret of a webhook. During the overlap messages are also signed with the present one."""
        overlap = timedelta(hours=self.validated_body()["overlap_hours"])
        webhook = self.get_object()
        rotated = webhooks.rotate_secret(webhook=webhook, by=get_actor(request), now=clock.now(), overlap=overlap)
        return self.object_response(rotated, secret=webhooks.display_secret(rotated))

    @extend_schema(request=None, responses={201: WebhookDeliveryPayload})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a message of the type `ping` now. The list of deliveries shows its result."""
        delivery = webhooks.ping_webhook(webhook=self.get_object(), by=get_actor(request), now=clock.now())
        return Response(delivery_row(delivery), status=201)

    @extend_schema(responses=list[WebhookDeliveryPayload])
    @action(
        detail=True,
        filterset_class=None,
        serializer_class=WebhookDeliveryPayload,
        ordering="-created_at",
        ordering_columns={"created_at": "pk"},
    )
    def deliveries(self, request: Request, pk: str) -> HttpResponseBase:
        """List the messages that were sent to a webhook or wait to be sent, newest first."""
        return self.list_response(
            self._visible_deliveries(request), lambda page: [delivery_row(delivery) for delivery in page]
        )

    @extend_schema(request=None, responses={200: WebhookDeliveryPayload})
    @action(
        detail=True,
        methods=["post"],
        url_path="deliveries/(?P<delivery>[0-9a-f-]{36})/replay",
        serializer_class=WebhookDeliveryPayload,
    )
    def replay(self, request: Request, pk: str, delivery: str) -> Response:
        """Send a delivery again under the same id, because it failed or the receiver lost it."""
        try:
            stored = self._visible_deliveries(request).get(pk=delivery)
        except (Delivery.DoesNotExist, ValidationError) as error:
            raise NotFound() from error
        return Response(delivery_row(outbox.replay(delivery=stored, by=get_actor(request), now=clock.now())))

    def _visible_deliveries(self, request: Request) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(get_actor(request)).filter(webhook=self.get_object())
