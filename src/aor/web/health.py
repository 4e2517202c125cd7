"""What a watcher asks: is the process alive, and can it answer."""

from __future__ import annotations

import logging

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from aor.engine import schema
from aor.web import access

LOG = logging.getLogger(__name__)


@access.public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@access.public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; who asks is a program, also where it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = schema.pending()
    except Error:
        LOG.warning("the database does not answer", exc_info=True)
        return JsonResponse({"ready": False, "because": "the database does not answer"}, status=503)
    return JsonResponse({"ready": not waiting, "migrations_waiting": len(waiting)}, status=503 if waiting else 200)
