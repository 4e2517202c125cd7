"""The sign-in's own pages: accounts, second factors, sessions, identity providers."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("provider/", include("allauth.socialaccount.urls")),
    path("provider/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
