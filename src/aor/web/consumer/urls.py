"""Addresses of a consumer's pages and of the public directory."""

from __future__ import annotations

from django.urls import include, path

from aor.web.consumer import (
    confirm,
    consents,
    dashboard,
    designate,
    directory,
    disown,
    done,
    end,
    history,
    invitation,
    language,
    lock,
    looked,
    objection,
    opt_out,
    second_factor,
    undo,
)

own = [
    path("broker/", dashboard.dashboard, name="dashboard"),
    path("broker/before/", history.history, name="history"),
    path("broker/choose/", designate.by_number, name="choose"),
    path("broker/choose/<str:npn>/", designate.designate, name="designate"),
    path("broker/choose/<str:npn>/check/", designate.check, name="designate_check"),
    path("broker/end/", end.end, name="end"),
    path("broker/undo/", undo.undo, name="undo"),
    path("broker/resume/<int:association>/", undo.resume, name="resume"),
    path("broker/lock/", lock.lock, name="lock"),
    path("broker/not-asked/", disown.disown, name="disown"),
    path("broker/taking-over/", opt_out.opt_out, name="opt_out"),
    path("broker/past-months/", objection.objection, name="objection"),
    path("broker/past-months/done/", objection.objected, name="objected"),
    path("broker/taken-over/", confirm.transfer, name="transfer"),
    path("broker/done/<slug:done>/", done.done, name="done"),
    path("invitations/<int:invitation>/", confirm.confirm, name="confirm"),
    path("invitations/<int:invitation>/no/", confirm.decline, name="decline_invitation"),
    path("invitations/<int:invitation>/no/done/", confirm.declined, name="declined"),
    path("code/", second_factor.prove, name="second_factor"),
    path("who-looked/", looked.looked, name="reads"),
    path("consents/", consents.consents, name="consents"),
    path("consents/copy/", consents.copy, name="consents_copy"),
    path("language/", language.language, name="language"),
]
urlpatterns = [
    path("find-a-broker/", directory.search, name="directory"),
    path("find-a-broker/<str:npn>/", directory.broker, name="directory_broker"),
    path("invitation/", invitation.open_code, name="invitation"),
    path("invitation/broker/", invitation.broker, name="invitation_broker"),
    path("my/", include((own, "consumer"))),
]
