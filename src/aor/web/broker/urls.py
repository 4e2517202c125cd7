"""Addresses of a broker's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from aor.web.broker import (
    application,
    book,
    dashboard,
    ending,
    invitations,
    profile,
    renewals,
    reports,
    standing,
    why,
)

app_name = "broker"
urlpatterns: list[URLPattern] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("clients/", book.book, name="book"),
    path("clients/search/", book.search, name="book_search"),
    path("clients/keep/", book.save, name="book_save"),
    path("clients/export/<slug:kind>/", book.export, name="export"),
    path("clients/<int:enrollment>/", why.why, name="why"),
    path("clients/<int:enrollment>/end/", ending.end, name="end"),
    path("clients/ended/", ending.ended, name="ended"),
    path("application/", application.application, name="application"),
    path("standing/", standing.standing, name="standing"),
    path("standing/agreement/<int:year>/", standing.agreement, name="agreement"),
    path("standing/agreement/<int:year>/signed/", standing.signed, name="agreement_signed"),
    path("renewals/", renewals.renewals, name="renewals"),
    path("profile/", profile.profile, name="profile"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/new/", invitations.invite, name="invite"),
    path("invitations/sent/", invitations.invited, name="invited"),
    path("invitations/many/", invitations.invite_many, name="invite_many"),
    path("invitations/many/drop/", invitations.forget_many, name="invite_many_drop"),
    path("invitations/<int:invitation>/again/", invitations.again, name="invite_again"),
    path("invitations/<int:invitation>/take-back/", invitations.withdraw, name="invitation_withdraw"),
    path("reports/", reports.published, name="reports"),
    path("reports/<str:number>/", reports.report, name="report"),
]
