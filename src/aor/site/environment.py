"""Settings come from the environment and fail loudly when wrong; `docs/settings.md` lists them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from aor.engine import vault

SECRET_LENGTH = 50  # Django's own bound (security.W009); openssl rand -base64 48 gives 64
DEVELOPMENT_SECRET = "for development only: production brings its own"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str) -> bool:
    """1 or 0; anything else is an error, because a mistyped switch must not pass for off."""
    value = text(name, "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is 0 or 1, not {value!r}")
    return value == "1"


def choice(name: str, choices: tuple[str, ...]) -> str:
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return value


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is a number, not {value!r}")
    return int(value)


def home() -> Path:
    return Path(text("AOR_HOME") or "var").resolve()


def overlay() -> str:
    """The folder whose parameters and profiles go over ours, or ""; one that is not there would pass for none."""
    given = text("AOR_POLICY_OVERLAY")
    if given and not Path(given).is_dir():
        raise ImproperlyConfigured(f"AOR_POLICY_OVERLAY names no folder: {given!r}")
    return given


def database(directory: Path) -> dict[str, object]:
    """SQLite in AOR_HOME, or what DATABASE_URL names (postgres://user:password@host:port/name).

    Connections are kept between requests: a new one reads the catalogue anew, and is a new process of PostgreSQL.
    """
    url, kept = text("DATABASE_URL"), {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if not url:
        return kept | {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(directory / "aor.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as wrong:  # its words may quote the password
        raise ImproperlyConfigured("DATABASE_URL is postgres://user:password@host:port/name") from wrong
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL begins with postgres://, not {parts.scheme!r}")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", unquote(parts.hostname or ""))
    if not (text("AOR_ENV") != "production" or _of_this_machine(host) or query.get("sslmode") == "verify-full"):
        raise ImproperlyConfigured("DATABASE_URL names another machine: in production it has sslmode=verify-full")
    return kept | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": query | {"options": f"{_PLANS} {query.get('options') or text('PGOPTIONS')}".strip()},
    }


# A page of an SSD or of memory costs the same wherever it lies (documentation of random_page_cost): as if on a disk
# that turns, PostgreSQL read whole tables for some thousands of rows of them. `options` of the URL, or PGOPTIONS,
# go above.
_PLANS = "-c random_page_cost=1.1"


def _of_this_machine(host: str) -> bool:
    """A socket, or an address that no line leads to."""
    return host in ("", "localhost", "127.0.0.1", "::1") or host.startswith("/")


def public_url(hosts: list[str], *, production: bool) -> str:
    """Under which address people reach the portal, as mails and letters name it: AOR_URL, else the first of hosts."""
    given = text("AOR_URL").rstrip("/")
    if not given:
        return f"https://{hosts[0].lstrip('.')}" if production and hosts else "http://127.0.0.1:8000"
    scheme, host = urlsplit(given)[:2]
    if scheme not in ("https", "" if production else "http") or not host or given != f"{scheme}://{host}":
        raise ImproperlyConfigured(f"AOR_URL is https:// and a host, not {given!r}")
    return given


def document_keys() -> tuple[vault.Key, ...]:
    """The keys of documents and backups, given or in a file that is named; none: they are written in clear."""
    given, file = text("AOR_DOCUMENT_KEYS"), text("AOR_DOCUMENT_KEYS_FILE")
    if given and file:
        raise ImproperlyConfigured("AOR_DOCUMENT_KEYS and AOR_DOCUMENT_KEYS_FILE are not both set")
    if file:
        try:
            given = Path(file).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as wrong:
            raise ImproperlyConfigured(f"AOR_DOCUMENT_KEYS_FILE cannot be read: {wrong}") from None
        if not given.split():
            raise ImproperlyConfigured(f"AOR_DOCUMENT_KEYS_FILE names {file}, which holds no key")
    return vault.parsed(given)


def refuse_in_production(kind: str, secret: str) -> None:
    """What is for tests and trials must not reach production."""
    if kind != "production":
        return
    if secret == DEVELOPMENT_SECRET:
        raise ImproperlyConfigured("AOR_SECRET_KEY must be set in production")
    if len(secret) < SECRET_LENGTH:
        raise ImproperlyConfigured(f"AOR_SECRET_KEY has at least {SECRET_LENGTH} characters in production")
    for name in ("AOR_TIME_TRAVEL", "AOR_FAULT", "AOR_DEMO", "AOR_NOW"):
        if text(name, "0") != "0":
            raise ImproperlyConfigured(f"{name} is refused in production")


PROVIDERS = {"CONSUMER": ("marketplace", "My marketplace account"), "STAFF": ("state", "State staff account")}


def identity_providers() -> list[dict[str, object]]:
    """OpenID Connect providers: AOR_OIDC_CONSUMER_URL, _CLIENT_ID, _SECRET, and the same with STAFF."""
    found: list[dict[str, object]] = []
    for kind, (provider_id, name) in PROVIDERS.items():
        if url := text(f"AOR_OIDC_{kind}_URL"):
            client, secret = text(f"AOR_OIDC_{kind}_CLIENT_ID"), text(f"AOR_OIDC_{kind}_SECRET")
            if not url.startswith("https://") and text("AOR_ENV") == "production":
                raise ImproperlyConfigured(f"AOR_OIDC_{kind}_URL begins with https:// in production")
            if not client:
                raise ImproperlyConfigured(f"AOR_OIDC_{kind}_CLIENT_ID must be set with AOR_OIDC_{kind}_URL")
            found.append(
                {
                    "provider_id": provider_id,
                    "name": name,
                    "client_id": client,
                    "secret": secret,
                    "settings": {"server_url": url},
                }
            )
    return found


def identity_origins() -> list[str]:
    """Where a sign-in form may lead: the providers' origins."""
    urls = [urlsplit(text(f"AOR_OIDC_{kind}_URL")) for kind in PROVIDERS]
    return [f"{url.scheme}://{url.netloc}" for url in urls if url.netloc]
