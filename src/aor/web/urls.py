"""The portal's addresses. Each family of pages has its own."""

from __future__ import annotations

from django.urls import include, path

from aor.web import demo, health, home, reference, styleguide, tour

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", home.help_page, name="help"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("privacy/", home.privacy, name="privacy"),
    path("start/", home.landing, name="landing"),
    path("roles/", home.choose_role, name="roles"),
    path("second-step/", home.second_factor, name="second_factor"),
    path("account/", include("aor.web.signing_in_urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("demo/", demo.start, name="demo"),
    path("demo/tour/", tour.go, name="tour"),
    path("demo/<slug:key>/", demo.sign_in, name="demo_sign_in"),
    path("api/", reference.reference, name="reference"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("aor.web.consumer.urls")),
    path("messages/", include("aor.web.messages.urls")),
    path("broker/", include("aor.web.broker.urls")),
    path("claims/", include("aor.web.claims.urls")),
    path("agency/", include("aor.web.agency.urls")),
    path("staff/", include("aor.web.staff.urls")),
    path("carrier/", include("aor.web.carrier.urls")),
]
