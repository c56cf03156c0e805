"""A file of figures on the page of one's own work: its values are seen first, then stored, or left without a trace."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.importing import dry_runs, import_words, preview_values
from indicators.importing.file_form import FigureFileFields
from indicators.models import Import
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.errors import DomainError
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from targets.pages.refusals import describe_refusal
from targets.pages.words import FRAME_WORDS
from targets.pages.work import own_query, render_work
from targets.pages.work_words import FILE_WORDS


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def send_file(request: HttpRequest) -> HttpResponse:
    """Take a file and look at it, as the admin does. What is wrong with the file is said beside its field."""
    query = own_query(request)
    if not query.by.may(Scope.FIGURES_WRITE):
        raise PermissionDenied
    if request.method != "POST":  # where the login leads back to
        return HttpResponseRedirect(f"{reverse('work')}#file")
    form = FigureFileFields(request.POST, request.FILES)
    if form.is_valid():
        try:
            file = form.cleaned_data["file"]
            seen = dry_runs.start_dry_run(read_chunk=file.read, by=query.by, now=clock.now(), **form.values())
        except DomainError as error:
            form.add_error(None, describe_refusal(error))
        else:
            dry_runs.run_if_small(seen)
            return _show(seen)
    return render_work(request, query, file_form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a file would change, or has changed. A POST stores it (`act` is confirm) or lets go of it (`act` is leave).

    Raises `Http404` for files of other departments.
    """
    by = own_query(request).by
    batch = Import.objects.visible_to(by).filter(pk=pk).first()
    if batch is None:
        raise Http404
    for name in request.GET:
        if name != "p":
            return error_pages.unknown_parameter(request, name, ["p"])
    if request.method == "POST":
        return _act(request, batch)
    summary, values = import_words.summarize_import(batch, by), preview_values.read_values(batch, by)
    may_upload = by.may(Scope.FIGURES_WRITE)
    confirmed = getattr(batch, "confirmed_by", None)
    context: dict[str, Any] = {
        "title": text("File of figures", "Tệp số liệu"),
        "words": FRAME_WORDS | FILE_WORDS,
        "batch": batch,
        "summary": summary,
        "counts": [] if batch.is_open else import_words.row_counts(batch),
        "faults": import_words.file_errors(batch),
        "values": values,
        "value_heads": preview_values.COLUMNS,
        "problems": import_words.problem_page(batch, by, request.GET.get("p", "1")),
        "confirmed": _address(confirmed) if confirmed else "",
        "may_confirm": may_upload and summary.is_confirmable,
        "may_leave": may_upload and batch.dry_run and batch.person == by.person and not confirmed and not batch.is_open,
        "may_undo": may_upload and batch.is_undoable and batch.created + batch.revised > 0,
    }
    return render(request, "pages/file.html", context)


def _act(request: HttpRequest, batch: Import) -> HttpResponse:
    by = own_query(request).by
    try:
        if request.POST.get("act") == "leave":
            dry_runs.discard(dry_run=batch, by=by)
            messages.info(request, text("Nothing was stored, and the file is gone.", "Chưa ghi gì, tệp đã được bỏ."))
            return HttpResponseRedirect(f"{reverse('work')}#file")
        figure_import = dry_runs.confirm(dry_run=batch, by=by, now=clock.now())
    except DomainError as error:
        messages.error(request, describe_refusal(error))
        return _show(batch)
    dry_runs.run_if_small(figure_import)
    return _show(figure_import)


def _show(batch: Import) -> HttpResponse:
    return HttpResponseRedirect(_address(batch))


def _address(batch: Import) -> str:
    return reverse("work-file", args=[batch.pk])
