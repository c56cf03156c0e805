"""Links from the page of a row to the lists and pages of what belongs to it, for those who may open them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from kpitracker.lib.admin.types import Context, PageMixin, PageRow
from kpitracker.lib.i18n.text import text


class Related(NamedTuple):
    """`label`: of a model. `query`: the parameters of its list for a row; or `pk`: the row of the model that belongs to it."""

    label: str
    query: Callable[[Any], Mapping[str, str | int]] | None = None
    pk: Callable[[Any], object] | None = None


class RelatedLinksMixin(PageMixin):
    """Shows the links above the form. A row that is being added has none."""

    related: tuple[Related, ...] = ()
    change_form_outer_before_template = "lib/related_links.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        links = {"related_links": list(self.iter_related(request, row)), "related_title": text("See also", "Xem thêm")}
        context = {**(extra_context or {}), **(links if row is not None else {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def iter_related(self, request: HttpRequest, row: PageRow) -> Iterator[tuple[str, str]]:
        """Yield name and address of each link."""
        for related in self.related if row is not None else ():
            model = apps.get_model(related.label)
            page: Any = self.admin_site._registry[model]
            if not page.has_view_permission(request):
                continue
            name = f"admin:{related.label.replace('.', '_')}"
            if related.query is not None:
                address = f"{reverse(f'{name}_changelist')}?{urlencode(related.query(row))}"
                yield capfirst(str(model._meta.verbose_name_plural)), address
            elif related.pk is not None:
                yield capfirst(str(model._meta.verbose_name)), reverse(f"{name}_change", args=[related.pk(row)])
