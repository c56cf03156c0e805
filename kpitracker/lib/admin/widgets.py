"""Widgets that unfold lacks."""

from typing import Any

from unfold.widgets import UnfoldAdminFileFieldWidget

from kpitracker.lib.i18n.text import text


class UploadWidget(UnfoldAdminFileFieldWidget):
    """The file widget of unfold with a translated label, which unfold lacks."""

    template_name = "lib/file_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["choose"] = text("Choose a file", "Chọn tệp")
        return context
