"""Admin of holidays: entered by hand from a decree, or loaded from the known holidays of the country."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from indicators.admin import help_texts
from indicators.models import Holiday
from indicators.services.catalogue import holidays
from kpitracker.lib import clock
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import CATALOGUE_SCOPES
from kpitracker.lib.admin.types import Context, Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text


@admin.register(Holiday)
class HolidayAdmin(ServiceAdmin):
    help_texts = help_texts.HOLIDAY
    required_scopes = CATALOGUE_SCOPES
    form = ServiceForm
    list_display = ("day", "name", "working")
    list_filter = ("working",)
    date_hierarchy = "day"
    search_fields = ("name", "name_en")
    ordering = ("-day",)
    list_before_template = "holidays/load.html"
    load_label = text("Load the holidays of", "Nạp ngày nghỉ năm")

    @property
    def years(self) -> list[int]:
        """The years offered for loading: this year and the next."""
        this_year = clock.today().year
        return [this_year, this_year + 1]

    def get_readonly_fields(self, request: HttpRequest, obj: Holiday | None = None) -> tuple[str, ...]:
        return () if obj is None else ("day",)

    def get_urls(self) -> list[URLPattern]:
        load_url = path("load/", self.admin_site.admin_view(self.load_view), name="indicators_holiday_load")
        return [load_url, *super().get_urls()]

    def load_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        requested_year = request.POST.get("year", "")
        for year in [candidate for candidate in self.years if str(candidate) == requested_year]:
            self._load_holidays(request, year)
        return HttpResponseRedirect(reverse("admin:indicators_holiday_changelist"))

    def _load_holidays(self, request: HttpRequest, year: int) -> None:
        try:
            result = holidays.load_holidays(
                year=year, country=holidays.DEFAULT_COUNTRY, by=actor(request), now=clock.now()
            )
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
            return
        message = text(
            f"{result.created} days of {year} entered, {result.existing} left as they were. Compare them with the decree.",
            f"Đã nhập {result.created} ngày của năm {year}, giữ nguyên {result.existing}. Hãy đối chiếu với quyết định.",
        )
        self.message_user(request, message, messages.SUCCESS)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        if request.method == "GET" and (missing_years := holidays.years_without_holidays(self.years[:1])):
            message = text(
                f"No holiday of {missing_years[0]} is entered: all days but weekends count as working days.",
                f"Chưa nhập ngày nghỉ nào của năm {missing_years[0]}: ngày làm việc chỉ trừ cuối tuần.",
            )
            self.message_user(request, message, messages.WARNING)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        return holidays.create_holiday(by=actor(request), now=clock.now(), **values)

    def change_row(self, request: HttpRequest, row: Holiday, values: Values) -> Model:
        return holidays.update_holiday(holiday=row, by=actor(request), now=clock.now(), **values)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        holidays.delete_holiday(holiday=obj, by=actor(request), now=clock.now())
