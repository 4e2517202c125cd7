"""Addresses of an agency's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from aor.web.agency import (
    accept,
    acting,
    book,
    cover,
    dashboard,
    data,
    done,
    joining,
    ready,
    register,
    reports,
    roster,
    roster_file,
    support,
    why,
)
from aor.web.broker.urls import TRANSFERS

app_name = "agency"
urlpatterns: list[URLPattern] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("daily-mail/", dashboard.keep_digest, name="digest"),
    path("data/", data.data, name="data"),
    path("roster/", roster.roster, name="roster"),
    path("roster/ask/", roster.add, name="add"),
    path("roster/file/", roster_file.roster_file, name="roster_file"),
    path("roster/file/drop/", roster_file.drop, name="roster_file_drop"),
    path("roster/<str:npn>/", roster.broker, name="broker"),
    path("roster/<str:npn>/remove/", roster.remove, name="remove"),
    path("roster/<str:npn>/ask-again/", roster.ask_again, name="ask_again"),
    path("roster/<str:npn>/take-back/", roster.take_back, name="take_back"),
    path("support/", support.support, name="support"),
    path("support/invite/", support.invite, name="support_invite"),
    path("support/<int:account>/remove/", support.remove, name="support_remove"),
    path("support/invited/<int:asked>/again/", support.again, name="support_again"),
    path("support/invited/<int:asked>/take-back/", support.take_back, name="support_take_back"),
    path("acting/", acting.acting, name="acting"),
    path("book/", book.book, name="book"),
    path("book/search/", book.search, name="book_search"),
    path("book/export/<slug:kind>/", book.export, name="export"),
    path("book/<int:enrollment>/", why.why, name="why"),
    path("readiness/", ready.readiness, name="readiness"),
    path("readiness/export/<slug:kind>/", ready.export, name="readiness_export"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<str:npn>/end/", cover.end, name="cover_end"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<str:number>/<slug:kind>/", reports.report, name="report"),
    path("done/<slug:done>/", done.page, name="done"),
    path("joining/", joining.joining, name="joining"),
    path("joining/leave/", joining.leave, name="leave"),
    path("joining/<str:agency_npn>/", joining.answer, name="answer"),
    path("accept/", accept.accept, name="accept"),
    path("accept/done/", accept.accepted, name="accepted"),
    path("register/", register.register, name="register"),
    path("register/done/", register.registered, name="registered"),
    *TRANSFERS,
]
