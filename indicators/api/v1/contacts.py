"""Contacts: who is notified of alerts, and how."""

import re
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from indicators.domain.choices import ContactChannel, ContactLanguage, ContactRole, ContactSeverity
from indicators.domain.delivery_hours import DigestFrequency, ReportFrequency
from indicators.models import Contact
from indicators.services.access import contacts
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    StrictBooleanField,
    StrictChoiceField,
    StrictSerializer,
    StrictTextField,
    require_text,
)
from kpitracker.lib.rest.viewsets import EditableViewSet

_TIME_PATTERN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["21:00"]})
class StrictTimeField(serializers.TimeField):
    def to_internal_value(self, data: Any) -> time:
        match = _TIME_PATTERN.fullmatch(require_text(data))
        if match is None:
            raise ValidationProblem("invalid-date", text("A time HH:MM is expected.", "Cần giờ dạng HH:MM."))
        return time(int(match[1]), int(match[2]))

    def to_representation(self, value: time) -> str:
        return format(value, "%H:%M")


class ContactSerializer(StrictSerializer):
    null_clears = True

    id = serializers.CharField(read_only=True)
    name = StrictTextField(max_length=200, one_line=True)
    department = CodeReferenceField(default=None, allow_null=True, help_text="Null: the whole organisation.")
    role = StrictChoiceField(
        ContactRole,
        default=ContactRole.DEPARTMENT.value,
        help_text="Notified of the alerts of its department, of those that go to the leaders, or of all alerts.",
    )
    channel = StrictChoiceField(ContactChannel, default=ContactChannel.EMAIL.value)
    address = StrictTextField(max_length=254, one_line=True, help_text="An e-mail address, or a name in CHAT_PLACES.")
    language = StrictChoiceField(ContactLanguage, default="", help_text="Empty: both in one message.")
    min_severity = StrictChoiceField(ContactSeverity, default=ContactSeverity.INFO.value)
    quiet_from = StrictTimeField(default=None, allow_null=True, help_text="Until `quiet_until` nothing is sent.")
    quiet_until = StrictTimeField(default=None, allow_null=True)
    working_days_only = StrictBooleanField(default=False, help_text="Send on working days only.")
    digest = StrictChoiceField(
        DigestFrequency,
        default="",
        help_text="Empty: each message at once; else one a day, or one a week together with the board.",
    )
    meeting_report = StrictChoiceField(
        ReportFrequency,
        default="",
        help_text="The report for a meeting: empty: never; else on Monday, or on the first Monday of each month.",
    )
    active = StrictBooleanField(default=True)


class ContactViewSet(EditableViewSet):
    """Who is notified of alerts, by which channel, in which language, and when not."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    queryset = Contact.objects.select_related("department")
    serializer_class = ContactSerializer
    exports = {"list": Export(ContactSerializer, "contacts")}
    read_scopes = (Scope.READ, Scope.ADMIN)
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "name", {"name": "name"}
    lookup_field = tie_breaker = "pk"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_row(self, queryset: QuerySet[Contact]) -> Contact:
        try:
            row: Contact = super().get_row(queryset)
        except ValidationError as error:  # an invalid id matches no row
            raise NotFound() from error
        return row

    def create_row(self, data: FieldValues) -> models.Model:
        return contacts.create_contact(by=get_actor(self.request), **data)

    def update_row(self, row: Contact, data: FieldValues) -> models.Model:
        return contacts.update_contact(contact=row, by=get_actor(self.request), **data)

    def delete_row(self, row: Contact) -> None:
        contacts.delete_contact(contact=row, by=get_actor(self.request))
