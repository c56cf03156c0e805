"""URLs of the API of targets, all with a trailing slash. The middleware also serves them without it."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from targets.api.v1.views import targets
from targets.api.v1.views.actions import ActionViewSet
from targets.api.v1.views.alerts import AlertRuleViewSet, AlertViewSet
from targets.api.v1.views.backtests import PlanBacktestViewSet, TargetBacktestViewSet
from targets.api.v1.views.comments import CommentViewSet
from targets.api.v1.views.contributions import TargetContributionsViewSet
from targets.api.v1.views.reporting import ReportingViewSet
from targets.api.v1.views.reporting_template import ReportingTemplateViewSet
from targets.api.v1.views.silences import SilenceViewSet
from targets.api.v1.views.statuses import StatusViewSet
from targets.api.v1.views.webhooks import WebhookViewSet
from targets.api.v1.views.what_if import PlanWhatIfViewSet, TargetWhatIfViewSet

router = SimpleRouter()
router.register("plans", targets.PlanViewSet, "plan")
router.register("targets", targets.TargetViewSet, "target")
router.register("statuses", StatusViewSet, "status")
router.register("actions", ActionViewSet, "action")
router.register("comments", CommentViewSet, "comment")
router.register("alerts", AlertViewSet, "alert")
router.register("alert-rules", AlertRuleViewSet, "alert-rule")
router.register("silences", SilenceViewSet, "silence")
router.register("webhooks", WebhookViewSet, "webhook")

urlpatterns = [
    path("reporting/due/", ReportingViewSet.as_view({"get": "due"}), name="reporting-due"),
    path("reporting/completeness/", ReportingViewSet.as_view({"get": "completeness"}), name="reporting-completeness"),
    path("measurements/template/", ReportingTemplateViewSet.as_view({"get": "retrieve"}), name="template"),
    path("targets/<identifier>/what-if/", TargetWhatIfViewSet.as_view({"post": "create"}), name="target-what-if"),
    path(
        "targets/<identifier>/contributions/",
        TargetContributionsViewSet.as_view({"get": "retrieve"}),
        name="target-contributions",
    ),
    path("plans/<code>/what-if/", PlanWhatIfViewSet.as_view({"post": "create"}), name="plan-what-if"),
    path("plans/<code>/backtest/", PlanBacktestViewSet.as_view({"get": "retrieve"}), name="plan-backtest"),
    path("targets/<identifier>/backtest/", TargetBacktestViewSet.as_view({"get": "retrieve"}), name="target-backtest"),
    *router.urls,
]
