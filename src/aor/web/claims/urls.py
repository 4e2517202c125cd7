"""Addresses of a broker's questions about reports."""

from __future__ import annotations

from django.urls import URLPattern, path

from aor.web.claims import (
    answering,
    asking,
    claim,
    evidence,
    incident,
    listed,
    not_mine,
    requests,
    single,
    statements,
    steps,
    upload,
)

app_name = "claims"
urlpatterns: list[URLPattern] = [
    path("", listed.claims, name="list"),
    path("answers/", listed.answers, name="answers"),
    path("send/", upload.upload, name="send"),
    path("send/one/", single.one, name="one"),
    path("send/check/", upload.check, name="check"),
    path("send/drop/", upload.drop, name="drop"),
    path("received/<int:batch>/", upload.received, name="received"),
    path("case/<str:claim>/", claim.claim, name="claim"),
    path("case/<str:claim>/answer/", answering.answer, name="answer"),
    path("case/<str:claim>/agree/", steps.agree, name="agree"),
    path("case/<str:claim>/disagree/", steps.disagree, name="disagree"),
    path("case/<str:claim>/withdraw/", steps.withdraw, name="withdraw"),
    path("case/<str:claim>/done/<slug:done>/", steps.done, name="done"),
    path("documents/<str:case>/<int:evidence>/", evidence.evidence, name="evidence"),
    path("incident/<str:incident>/", incident.incident, name="incident"),
    path("incident/<str:incident>/done/<slug:done>/", not_mine.done, name="incident_done"),
    path("not-mine/<str:number>/", not_mine.not_mine, name="not_mine"),
    path("earlier/", requests.requests, name="requests"),
    path("earlier/new/", asking.ask, name="ask"),
    path("earlier/new/findings/", asking.findings, name="ask_findings"),
    path("earlier/new/check/", asking.check, name="ask_check"),
    path("earlier/<str:retro>/", requests.one, name="request"),
    path("earlier/<str:retro>/add/", requests.add, name="request_add"),
    path("earlier/<str:retro>/letter/", requests.letter, name="letter"),
    path("earlier/<str:retro>/appeal/", requests.appeal, name="appeal"),
    path("earlier/<str:retro>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("earlier/<str:retro>/done/<slug:done>/", requests.done, name="request_done"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<str:month>/<slug:kind>/", statements.statement, name="statement"),
]
