"""The scripts of pages: htmx and Chart.js from the files of django-unfold, and small files of our own. No build step."""

import json

from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = Library()

# The only place that knows where django-unfold keeps them. tests/targets/pages/test_page_scripts.py holds their versions.
LIBRARY_FILES = {"htmx": "unfold/js/htmx/htmx.js", "chart": "unfold/js/chart/chart.js"}

# Without inline styles and without eval, as the policy of these pages requires; pages are not kept in the browser's
# storage, where the next user of the computer would find them. A form that is refused (400, 409) comes back with its
# errors and is shown; pages of errors are not put into a part of a page.
_HTMX_SETTINGS = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "400|409", "swap": True},
        {"code": "...", "swap": False, "error": True},
    ],
}


@register.simple_tag
def page_scripts(*names: str) -> SafeString:
    """Return the script elements of a page, in this order: "htmx", "chart", or NAME for `static/pages/NAME.js`.

    "htmx" brings its settings, and what it says when an answer does not come.
    """
    paths = [LIBRARY_FILES.get(name, f"pages/{name}.js") for name in names]
    if "htmx" in names:
        paths.append("pages/exchange.js")
    scripts = format_html_join("\n", '<script src="{}" defer></script>', ((static(path),) for path in paths))
    if "htmx" not in names:
        return scripts
    return format_html('<meta name="htmx-config" content="{}">\n{}', json.dumps(_HTMX_SETTINGS), scripts)
