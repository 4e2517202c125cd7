"""Addresses of the messages."""

from __future__ import annotations

from django.urls import path

from aor.web.messages import conversation, inbox

app_name = "messages"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("new/", inbox.new, name="new"),
    path("<str:thread>/", conversation.thread, name="thread"),
    path("<str:thread>/sent/", conversation.sent, name="sent"),
]
