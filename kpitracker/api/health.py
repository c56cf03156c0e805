"""Is the process alive?"""

from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    """Touches nothing: it says that this process answers."""
    return JsonResponse({"status": "live"})
