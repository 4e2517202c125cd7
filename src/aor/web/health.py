"""What a watcher asks: is the process alive, and can it answer."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from aor.engine import schema
from aor.web import access


@access.public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@access.public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waiting = schema.pending()
    return JsonResponse({"ready": not waiting, "migrations_waiting": len(waiting)}, status=503 if waiting else 200)
