"""The workbook of the figures that the reader's departments owe: to fill in and to send back."""

import tempfile

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import translate
from targets.pages.work import own_query
from targets.services.reports import own_work
from targets.services.reports.reporting_template import write_reporting_template

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_safe
@login_required
def download_workbook(request: HttpRequest) -> HttpResponseBase:
    """The figures of the page of one's own work as the workbook of the API. The file is complete before it is sent."""
    query = own_query(request)
    for name in request.GET:
        return error_pages.unknown_parameter(request, name, ())
    department = None if query.by.department is None else Department.objects.get(pk=query.by.department)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        about = str(department) if department else translate("the whole organisation", "toàn tổ chức")
        write_reporting_template(file, own_work.owed_query(query), about)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    code = department.code if department else "all"
    name = f"kpitracker-template-{code}-{query.today.isoformat()}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=_MEDIA_TYPE)
