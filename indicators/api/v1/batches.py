"""Post many figures in one request."""

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import import_reports
from indicators.api.v1.representation import QUIET
from indicators.importing import jobs
from indicators.importing.cell_values import LOCALES
from indicators.importing.readers import FORMATS, empty_file_error, read_bytes
from indicators.models.import_ import MAX_SHEET_NAME
from indicators.payloads import BatchReportPayload, ImportPayload
from indicators.rest import serializers
from indicators.services.batches import imports
from kpitracker.lib import clock, gc_pause
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import Unprocessable
from kpitracker.lib.http.request_guard import wants_async
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.renderers import JSONRenderer
from kpitracker.lib.rest.viewsets import ApiViewSet


class BytesParser(BaseParser):
    """Returns the format and the raw body. Rows are read one by one later, so that each has its own error."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return FORMATS[self.media_type], stream.read()


def _parser_class(media_type: str) -> type[BytesParser]:
    return type(f"{FORMATS[media_type].upper()}Parser", (BytesParser,), {"media_type": media_type})


PARSERS = [_parser_class(media_type) for media_type in FORMATS]


class NDJSONRenderer(BaseRenderer):
    """Writes one line for each row."""

    media_type = "application/x-ndjson"
    format = "ndjson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"".join(JSONRenderer().render(row) + b"\n" for row in data)


BATCH_PARAMETERS = [
    OpenApiParameter("dry_run", bool, description="Report what would happen; store nothing."),
    OpenApiParameter("atomic", bool, description="true (default): all rows or none; false: only the correct rows."),
    OpenApiParameter(
        "locale",
        str,
        enum=list(LOCALES),
        description="How texts in CSV and XLSX write numbers and days: vi: 1.234,5 and 31/12/2024; en: 1234.5. Numbers in cells of "
        "XLSX are read as they are. Without it a text such as 140.000 is refused where it may mean 140 or 140000.",
    ),
    OpenApiParameter("sheet", str, description="Name of the sheet of an XLSX file, where several hold figures."),
    OpenApiParameter("verbose", bool, description="Add the result of every row."),
    QUIET,
]


class BatchViewSet(ApiViewSet):
    write_scope = Scope.FIGURES_WRITE
    parser_classes = PARSERS
    renderer_classes = [JSONRenderer, NDJSONRenderer]
    query_parameters_by_action = {"create": frozenset({"dry_run", "atomic", "locale", "sheet", "verbose", "quiet"})}

    upload: jobs.Upload | None = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        # After authentication: strangers cannot fill the disk. Before the idempotency check: it needs the digest.
        super().initial(request, *args, **kwargs)
        if wants_async(request):
            file_format = _body_format(request)
            self.upload = jobs.receive_upload(request._request.read, int(request.META["CONTENT_LENGTH"]))
            request._request.streamed_digest = self.upload.digest  # type: ignore[attr-defined]
            if not self.upload.size:
                raise empty_file_error(file_format)

    def finalize_response(self, request: Request, response: Any, *args: object, **kwargs: object) -> Any:
        if self.upload is not None:  # no import has taken it over
            self.upload.path.unlink(missing_ok=True)
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(
        parameters=BATCH_PARAMETERS,
        request=serializers.FigureSerializer(many=True),
        responses={200: BatchReportPayload, 202: ImportPayload},
    )
    def create(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        """Record many figures: a list as JSON, one figure a line as NDJSON, or a table as CSV or XLSX.

        Content-Type: `application/json`, `application/x-ndjson`, `text/csv` or
        `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet`. With `Accept: application/x-ndjson` the response has one result a line and nothing else."""
        if self.upload is not None:
            return self._queue_import(request, self.upload)
        now, by = clock.now(), get_actor(request)
        atomic, dry_run = (
            query_parameters.boolean_parameter(request, "atomic", default=True),
            query_parameters.boolean_parameter(request, "dry_run"),
        )
        verbose, locale = (
            query_parameters.boolean_parameter(request, "verbose"),
            query_parameters.choice_parameter(request, "locale", LOCALES),
        )
        quiet = query_parameters.boolean_parameter(request, "quiet")
        as_ndjson = (
            getattr(request, "accepted_renderer", None) is not None and request.accepted_renderer.format == "ndjson"
        )
        data_format, body = _format_and_body(request)
        with gc_pause.gc_paused():
            result = imports.import_rows(
                rows=imports.collect_rows(
                    read_bytes(
                        data_format, body, by=by, today=clock.local_day(now), locale=locale, sheet=_sheet(request)
                    )
                ),
                file_format=data_format,
                by=by,
                now=now,
                atomic=atomic,
                dry_run=dry_run,
                results=verbose or as_ndjson,
                quiet=quiet,
            )
        summary = import_reports.batch_summary(result, dry_run=dry_run, atomic=atomic, quiet=quiet)
        if atomic and result.report.rejections:
            raise Unprocessable(
                "batch-rejected",
                text(
                    f"{result.report.rejected} of {result.report.rows} rows are wrong: nothing was stored.",
                    f"{result.report.rejected} trên {result.report.rows} dòng sai: không ghi gì.",
                ),
                extra=summary,
            )
        payload = {**summary, "results": import_reports.result_rows(result.report)} if verbose else summary
        response = Response(import_reports.result_rows(result.report) if as_ndjson else payload)
        response.remembered = import_reports.truncate_errors(summary)  # type: ignore[attr-defined]
        return response

    def _queue_import(self, request: Request, upload: jobs.Upload) -> Response:
        batch = imports.queue_import(
            pk=upload.pk,
            file_format=_body_format(request),
            by=get_actor(request),
            now=clock.now(),
            size=upload.size,
            atomic=query_parameters.boolean_parameter(request, "atomic", default=True),
            dry_run=query_parameters.boolean_parameter(request, "dry_run"),
            locale=query_parameters.choice_parameter(request, "locale", LOCALES),
            sheet=_sheet(request),
            quiet=query_parameters.boolean_parameter(request, "quiet"),
        )
        self.upload = None
        url = reverse("v1:import-detail", kwargs={"pk": batch.pk})
        return Response(
            import_reports.import_row(batch), status=202, headers={"Location": request.build_absolute_uri(url)}
        )


def _format_and_body(request: Request) -> tuple[str, bytes]:
    data: object = request.data
    # DRF calls no parser for an empty body.
    return data if isinstance(data, tuple) else (_body_format(request), b"")


def _sheet(request: Request) -> str:
    return request.query_params.get("sheet", "")[:MAX_SHEET_NAME]


def _body_format(request: Request) -> str:
    """Format of a body that is not parsed in the request. Raises `UnsupportedMediaType`."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type not in FORMATS:
        raise UnsupportedMediaType(media_type)
    return FORMATS[media_type]
