"""Settings of the portal: sign-in, sessions, pages, languages, and the headers of every answer."""

from __future__ import annotations

from typing import Any

from django.utils.csp import CSP

from aor.site import environment

HOME = environment.home()
PRODUCTION = environment.choice("AOR_ENV", ("development", "production")) == "production"
MINUTE, HOUR, YEAR = 60, 3600, 365 * 24 * 3600

AOR_DEMO = environment.flag("AOR_DEMO")
AOR_ELIGIBILITY_URL = environment.text("AOR_ELIGIBILITY_URL")  # where a broker starts an application with a consumer
AOR_PRIVACY_OFFICER = environment.text("AOR_PRIVACY_OFFICER")  # who is told of every incident
AOR_INTERPRETER_PHONE = environment.text("AOR_INTERPRETER_PHONE", "1-855-366-7873")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "aor.web.middleware.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "aor.web.middleware.Restoring",  # before whatever asks the database
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "aor.web.middleware.Clock",
    "aor.web.middleware.Visits",
    "aor.web.middleware.Access",
    "aor.web.middleware.Problems",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.messages.context_processors.messages",
                "aor.web.context.portal",
            ]
        },
    }
]
FORM_RENDERER = "aor.web.forms.Renderer"
WSGI_APPLICATION = "aor.site.wsgi.application"
CSRF_FAILURE_VIEW = "aor.web.errors.forged"

# Passwords for brokers, agencies and the demo; an identity provider for consumers and staff where there is one.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[
    dict[str, Any]
] = [  # NIST SP 800-63B-4, 3.1.1.2: length and a blocklist, no composition
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "aor.accounts.passwords.OwnWords"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "landing"
ACCOUNT_ADAPTER = "aor.web.signing_in.Accounts"
SOCIALACCOUNT_ADAPTER = "aor.web.signing_in.Providers"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_FORMS = {"login": "aor.web.signing_in_forms.SignIn"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the old address is told of every change
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * MINUTE
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key,100/d/key"}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # else no address of an account with a second factor changes; a mail confirms it
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = environment.text("AOR_MARKETPLACE", "the marketplace")
USERSESSIONS_TRACK_ACTIVITY = False  # `Visits` does, once a minute
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_REQUIRED, SOCIALACCOUNT_EMAIL_VERIFICATION = False, "none"  # the provider keeps the address
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": environment.identity_providers()}}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * MINUTE  # idle; NIST SP 800-63B-4, 2.2.3 permits an hour
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AOR_SESSION_WHOLE = 12 * HOUR
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-session", "__Host-csrf", "__Host-language"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from beside the server
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # else every visitor has the proxy's address, and one who guesses locks all out
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = 2 * YEAR, True, True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in environment.text("AOR_HOSTS", "localhost").split()]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF, *environment.identity_origins()],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
AOR_UPLOAD_LIMIT = 25 << 20

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "aor.web.staticfiles.Storage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

LANGUAGES = [("en", "English"), ("es", "Español"), ("hmn", "Hmoob"), ("so", "Soomaali")]
USE_I18N = True
LOCALE_PATHS: list[str] = []
FORMAT_MODULE_PATH = "aor.web.formats"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"plain": {"()": "aor.web.logs.WithoutPersons"}},
    "formatters": {"json": {"()": "aor.web.logs.Json"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["plain"]}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "allauth": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "aor": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
