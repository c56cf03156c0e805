"""URLs of the API of targets, all with a trailing slash. The middleware also serves them without it."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from targets.api.v1 import views
from targets.api.v1.actions import ActionViewSet
from targets.api.v1.alerts import AlertRuleViewSet, AlertViewSet
from targets.api.v1.comments import CommentViewSet
from targets.api.v1.reporting import ReportingViewSet
from targets.api.v1.silences import SilenceViewSet
from targets.api.v1.statuses import StatusViewSet
from targets.api.v1.template import ReportingTemplateViewSet
from targets.api.v1.webhooks import WebhookViewSet
from targets.api.v1.what_if import PlanWhatIfViewSet, TargetWhatIfViewSet

router = SimpleRouter()
router.register("plans", views.PlanViewSet, "plan")
router.register("targets", views.TargetViewSet, "target")
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
    path("plans/<code>/what-if/", PlanWhatIfViewSet.as_view({"post": "create"}), name="plan-what-if"),
    *router.urls,
]
