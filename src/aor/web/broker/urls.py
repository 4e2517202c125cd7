"""Addresses of a broker's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from aor.web.broker import (
    application,
    book,
    dashboard,
    ending,
    invitations,
    own_code,
    profile,
    renewals,
    reports,
    standing,
    transfer_asking,
    transfer_steps,
    transfers,
    why,
)

TRANSFERS: list[URLPattern] = [
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/new/", transfer_asking.ask, name="transfer_ask"),
    path("transfers/new/findings/", transfer_asking.findings, name="transfer_findings"),
    path("transfers/new/check/", transfer_asking.check, name="transfer_check"),
    path("transfers/sent/", transfer_asking.sent, name="transfers_sent"),
    path("transfers/documents/<str:case>/<int:evidence>/", transfer_steps.evidence, name="transfer_evidence"),
    path("transfers/<str:book>/", transfers.transfer, name="transfer"),
    path("transfers/<str:book>/add/", transfer_steps.add, name="transfer_add"),
    path("transfers/<str:book>/take-back/", transfer_steps.withdraw, name="transfer_withdraw"),
    path("transfers/<str:book>/done/<slug:done>/", transfer_steps.done, name="transfer_done"),
]
"""Of a broker and of an agency alike: what is whose is asked of who reads."""

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
    path("invitations/own-code/", own_code.own_code, name="own_code"),
    path("invitations/new/", invitations.invite, name="invite"),
    path("invitations/sent/", invitations.invited, name="invited"),
    path("invitations/many/", invitations.invite_many, name="invite_many"),
    path("invitations/many/drop/", invitations.forget_many, name="invite_many_drop"),
    path("invitations/<int:invitation>/again/", invitations.again, name="invite_again"),
    path("invitations/<int:invitation>/take-back/", invitations.withdraw, name="invitation_withdraw"),
    path("reports/", reports.published, name="reports"),
    path("reports/<str:number>/", reports.report, name="report"),
    *TRANSFERS,
]
