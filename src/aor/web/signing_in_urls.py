"""The sign-in's own pages: accounts, second factors, sessions, identity providers."""

from __future__ import annotations

from django.urls import include, path

from aor.web import signing_in_changes as changes

urlpatterns = [
    path("changed/<slug:done>/", changes.changed, name="changed"),
    path("password/change/", changes.ChangePassword.as_view(), name="account_change_password"),
    path("password/set/", changes.SetPassword.as_view(), name="account_set_password"),
    path("email/", changes.ChangeEmail.as_view(), name="account_email"),
    path("second-factor/totp/activate/", changes.AddApp.as_view(), name="mfa_activate_totp"),
    path("second-factor/totp/deactivate/", changes.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("second-factor/webauthn/add/", changes.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("second-factor/webauthn/keys/<int:pk>/edit/", changes.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("second-factor/webauthn/keys/<int:pk>/remove/", changes.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("sessions/", changes.EndVisits.as_view(), name="usersessions_list"),
    path("", include("allauth.account.urls")),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("provider/", include("allauth.socialaccount.urls")),
    path("provider/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
