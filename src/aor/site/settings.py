"""One settings file; every value that differs between installations comes from the environment."""

from __future__ import annotations

from aor.site import environment

AOR_HOME = environment.home()
AOR_ENV = environment.choice("AOR_ENV", ("development", "production"))
AOR_MODE = environment.choice("AOR_MODE", ("live", "shadow"))
AOR_TIME_TRAVEL = environment.flag("AOR_TIME_TRAVEL")
AOR_MARKETPLACE = environment.text("AOR_MARKETPLACE", "the marketplace")
AOR_OVERLAY = environment.overlay()

AOR_DOCUMENT_KEYS = environment.document_keys()  # the first encrypts, each decrypts
SECRET_KEY = environment.text("AOR_SECRET_KEY", environment.DEVELOPMENT_SECRET)
environment.refuse_in_production(AOR_ENV, SECRET_KEY)
DEBUG = False
ALLOWED_HOSTS = environment.text("AOR_HOSTS", "127.0.0.1 localhost").split()
AOR_URL = environment.public_url(ALLOWED_HOSTS, production=AOR_ENV == "production")

INSTALLED_APPS = [
    "aor.web",  # before the sign-in, whose templates ours replace
    "aor.accounts.apps.NamesOnly",
    "aor.accounts.apps.SignInOnly",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "aor.audit",
    "aor.calendar",
    "aor.notices",
    "aor.cases",
    "aor.carriers",
    "aor.brokers",
    "aor.consumers",
    "aor.accounts",
    "aor.enrollments",
    "aor.associations",
    "aor.record",
    "aor.transmissions",
    "aor.reports",
    "aor.retro",
    "aor.discrepancies",
    "aor.transfers",
    "aor.incidents",
    "aor.close",
    "aor.retention",
    "aor.api",
    "aor.jobs",
    "aor.demo",
]
ROOT_URLCONF = "aor.site.urls"

DATABASES = {"default": environment.database(AOR_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"  # instants are UTC; Minnesota days are made in aor.terms.period alone
LANGUAGE_CODE = "en-us"

AOR_MAIL_FROM = environment.text("AOR_MAIL_FROM", "no-reply@localhost")
AOR_SMTP_HOST = environment.text("AOR_SMTP_HOST")  # empty: mails are written to a folder of AOR_HOME
MAILERS = {
    "default": (
        {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": AOR_SMTP_HOST,
                "port": environment.number("AOR_SMTP_PORT", 587),
                "username": environment.text("AOR_SMTP_USER"),
                "password": environment.text("AOR_SMTP_PASSWORD"),
                "use_tls": True,
                "timeout": 30,
            },
        }
        if AOR_SMTP_HOST
        else {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(AOR_HOME / "mail")},
        }
    ),
}

from aor.site.portal import *  # noqa: E402, F403  # what is set above holds in it
