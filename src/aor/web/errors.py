"""Pages for what went wrong: each says what happened, that nothing was lost, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aor.web.components import Words
from aor.web.problems import Problem


def problem(request: HttpRequest, trouble: Problem) -> HttpResponse:
    """The page of a foreseen problem."""
    response = _page(request, trouble.status, trouble.words, back=trouble.back)
    if trouble.status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def restoring(request: HttpRequest) -> HttpResponse:
    """No page is there before a restore has ended; whoever calls the API, or watches, reads no page."""
    words = _("We are putting our records back from a backup. Nothing can be read or changed until that is done.")
    if request.path.startswith("/api/") or request.path == "/readyz":
        content = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": words,
            "errors": [],
        }
        response: HttpResponse = JsonResponse(content, status=503, content_type="application/problem+json")
    else:
        response = _page(request, 503, words + " " + _("Please come back later."))
    response.headers["Retry-After"] = "300"
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token does not fit: a page open for too long, or a form that is not ours."""
    words = _("This page was open for too long. Go back, load it again and send the form again.")
    return _page(request, 403, words, title=NOT_SENT)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("We could not read what was sent. Nothing was changed."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, _("This page is not for your role. Ask the person who keeps your account."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, _("There is no such page, or it is not one of yours."))


def broken(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something went wrong on our side. What you had done before is safe. Try again."))


TITLES = {
    400: gettext_lazy("We could not read that"),
    403: gettext_lazy("This page is closed to you"),
    404: gettext_lazy("Page not found"),
    409: gettext_lazy("This changed in the meantime"),
    410: gettext_lazy("This is no longer open"),
    413: gettext_lazy("The file is too large"),
    429: gettext_lazy("Too many tries"),
    500: gettext_lazy("Something went wrong"),
    503: gettext_lazy("Busy just now"),
}


NOT_SENT = gettext_lazy("The form was not sent")


def _page(
    request: HttpRequest, status: int, words: str, *, back: str = "", title: Words | None = None
) -> HttpResponse:
    title = title or TITLES.get(status, TITLES[400])
    shown = {"title": title, "problem": title, "because": words, "back": back, "status": status}
    return render(request, "web/problem.html", shown, status=status)
