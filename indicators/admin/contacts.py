"""Admin of contacts: who is notified of alerts, and how."""

from django.contrib import admin
from django.http import HttpRequest

from indicators.admin import help_texts
from indicators.models import Contact
from indicators.services.access import contacts
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import ADMIN_SCOPES


@admin.register(Contact)
class ContactAdmin(ServiceAdmin):
    help_texts = help_texts.CONTACT
    required_scopes = ADMIN_SCOPES
    form = ServiceForm
    create, change, row_name = contacts.create_contact, contacts.update_contact, "contact"
    list_display = (
        "name",
        "department",
        "role",
        "channel",
        "address",
        "language",
        "digest",
        "meeting_report",
        "active",
    )
    list_filter = ("active", "role", "channel", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("department",)
    search_fields = ("name", "address", "department__search_text")
    autocomplete_fields = ("department",)
    ordering = ("name",)

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        contacts.delete_contact(contact=obj, by=actor(request))
