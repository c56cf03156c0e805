"""All URLs of the service."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from kpitracker.api import health, metrics
from kpitracker.lib.http import error_pages
from kpitracker.lib.rest import problems
from targets.pages import (
    acknowledge,
    amend,
    board,
    board_file,
    department,
    indicator,
    indicator_file,
    plan,
    plan_closing,
    plan_copy,
    plan_year,
    public,
    report,
    target,
    target_acts,
    what_if,
    work,
    work_acts,
    work_file,
    work_workbook,
)

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = error_pages.server_error

urlpatterns = [
    path("api/v1/", include("kpitracker.api.v1", namespace="v1")),
    re_path(r"^health/live/?$", health.liveness_view),
    re_path(r"^health/ready/?$", health.readiness_view),
    re_path(r"^metrics/?$", metrics.MetricsView.as_view(), name="metrics"),
    # APPEND_SLASH is off because of the API; users type the address without the slash.
    re_path(r"^admin$", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    # The catalog of the admin is for users who are logged in; without it the calendar of the page does not work.
    path("answer/jsi18n/", JavaScriptCatalog.as_view(packages=["django.contrib.admin"]), name="answer-texts"),
    path("answer/<str:token>/", acknowledge.acknowledge_alert, name="answer"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("targets/<str:identifier>/", target.show_target, name="target"),
    path("targets/<str:identifier>/alerts/<uuid:pk>/", target_acts.acknowledge_alert, name="target-alert"),
    path("targets/<str:identifier>/actions/", target_acts.create_action, name="target-actions"),
    path("targets/<str:identifier>/actions/<uuid:pk>/", target_acts.report_progress, name="target-action"),
    path("targets/<str:identifier>/what-if/", what_if.show_what_if, name="target-what-if"),
    path("targets/<str:identifier>/comments/", target_acts.add_comment, name="target-comments"),
    path("plans/", plan.list_plans, name="plans"),
    path("plans/<str:code>/", plan.show_plan, name="plan"),
    path("plans/<str:code>/amend/", amend.amend_plan, name="plan-amend"),
    path("plans/<str:code>/amend/words/", amend.describe_terms, name="plan-amend-words"),
    path("plans/<str:code>/report/", report.show_report, name="plan-report"),
    path("plans/<str:code>/year/", plan_year.show_year, name="plan-year"),
    path("plans/<str:code>/copy/", plan_copy.copy_plan, name="plan-copy"),
    path("plans/<str:code>/closings/<int:number>/", plan_closing.show_closing, name="plan-closing"),
    path("public/", public.list_plans, name="public"),
    path("public/<str:code>/", public.show_board, name="public-board"),
    path("public/<str:code>/targets/<str:identifier>/", public.show_target, name="public-target"),
    path("departments/", department.show_departments, name="departments"),
    path("departments/<str:code>/", department.show_department, name="department"),
    path("indicators/<str:code>/", indicator.show_indicator, name="indicator"),
    path("indicators/<str:code>/values.<slug:extension>", indicator_file.download_values, name="indicator-file"),
    path("my-work/", work.show_work, name="work"),
    path("my-work/workbook/", work_workbook.download_workbook, name="work-workbook"),
    path("my-work/files/", work_file.send_file, name="work-files"),
    path("my-work/files/<uuid:pk>/", work_file.show_file, name="work-file"),
    path("my-work/approvals/", work_acts.decide_approvals, name="work-approvals"),
    path("my-work/alerts/<uuid:pk>/", work_acts.acknowledge_alert, name="work-alert"),
    path("my-work/actions/<uuid:pk>/", work_acts.report_progress, name="work-action"),
    path("board.<slug:extension>", board_file.download_board, name="board-file"),
    path("", board.show_board, name="start"),
]
