"""Holidays, and the weekend days that are working days in exchange."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from indicators.api.v1 import filters
from indicators.api.v1.tag_rules import CATALOGUE_OBJECTS
from indicators.models import Holiday
from indicators.rest import serializers
from indicators.services.catalogue import holidays
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.viewsets import EditableViewSet


class HolidayViewSet(EditableViewSet):
    """The calendar by which working days are counted: holidays and changed working days, as decrees set them."""

    queryset = Holiday.objects.all()
    tag_rules = CATALOGUE_OBJECTS
    serializer_class = serializers.HolidaySerializer
    exports = {"list": Export(serializers.HolidaySerializer, "holidays")}
    filterset_class = filters.HolidayFilters
    write_scope = Scope.ADMIN
    lookup_field = tie_breaker = ordering = "day"
    ordering_columns = {"day": "day"}

    def get_row(self, queryset: QuerySet[Holiday]) -> Holiday:
        try:
            row: Holiday = super().get_row(queryset)
        except ValidationError as error:  # an invalid day matches no row
            raise NotFound() from error
        return row

    def create_row(self, data: FieldValues) -> models.Model:
        return holidays.create_holiday(by=get_actor(self.request), now=clock.now(), **data)

    def update_row(self, row: Holiday, data: FieldValues) -> models.Model:
        return holidays.update_holiday(holiday=row, by=get_actor(self.request), now=clock.now(), **data)

    def delete_row(self, row: Holiday) -> None:
        holidays.delete_holiday(holiday=row, by=get_actor(self.request), now=clock.now())
