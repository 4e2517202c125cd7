"""`docs/settings.md` names every setting that is read and no other; a wrong one stops the program with one line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aor.site import environment

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'(?:text|flag|choice|number|_file|environ\.get)\(\s*f?"((?:AOR|DATABASE)_[A-Za-z_{}]+)"')
PRODUCTION = {
    "AOR_ENV": "production",
    "AOR_SECRET_KEY": "a key that stands for what openssl rand -base64 48 gives",
    "AOR_HOSTS": "aor.example.org",
    "AOR_DOCUMENT_KEYS": "5e" * 32,
    "AOR_SMTP_HOST": "relay.example.org",
}
PROGRAM = "import sys; from aor.site.cli import main; sys.argv = ['aor', *sys.argv[1:]]; main()"


def read() -> set[str]:
    """Every name that our code takes from the environment; those of identity providers once for each kind."""
    found: set[str] = set()
    for path in (ROOT / "src" / "aor").rglob("*.py"):
        if "tests" not in path.parts:
            for name in READ.findall(path.read_text()):
                kinds = environment.PROVIDERS if "{kind}" in name else [""]
                found |= {name.replace("{kind}", kind) for kind in kinds}
    return found


def listed() -> set[str]:
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}


def test_every_setting_that_is_read_is_listed_and_no_other() -> None:
    assert {"DATABASE_URL", "AOR_OIDC_STAFF_SECRET", "AOR_NOW", "AOR_SFTP_KEY"} <= read()
    assert listed() == read()


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One `aor` command in an environment of these settings alone."""
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env=kept | settings, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"AOR_ENV": "prod"}, "AOR_ENV is one of development, production, not 'prod'"),
        ({"AOR_MODE": "dark"}, "AOR_MODE is one of live, shadow, not 'dark'"),
        ({"AOR_DEMO": "yes"}, "AOR_DEMO is 0 or 1, not 'yes'"),
        ({"DATABASE_URL": "mysql://localhost/aor"}, "DATABASE_URL begins with postgres://, not 'mysql'"),
        ({"AOR_SMTP_HOST": "relay", "AOR_SMTP_PORT": "many"}, "AOR_SMTP_PORT is a number, not 'many'"),
        ({"DATABASE_URL": "postgres://a:secret@h:5x/a"}, "DATABASE_URL is postgres://user:password@host:port/name"),
        (
            PRODUCTION | {"DATABASE_URL": "postgres://aor@db.example.org/aor?sslmode=require"},
            "DATABASE_URL names another machine: in production it has sslmode=verify-full",
        ),
        ({"AOR_POLICY_OVERLAY": "/no/such"}, "AOR_POLICY_OVERLAY names no folder: '/no/such'"),
        ({"AOR_ENV": "production"}, "AOR_SECRET_KEY must be set in production"),
        (PRODUCTION | {"AOR_SECRET_KEY": "short"}, "AOR_SECRET_KEY has at least 50 characters in production"),
        (PRODUCTION | {"AOR_TIME_TRAVEL": "1"}, "AOR_TIME_TRAVEL is refused in production"),
        (PRODUCTION | {"AOR_NOW": "2026-01-01T00:00:00Z"}, "AOR_NOW is refused in production"),
        (PRODUCTION | {"AOR_FAULT": "after:x"}, "AOR_FAULT is refused in production"),
        (PRODUCTION | {"AOR_DEMO": "1"}, "AOR_DEMO is refused in production"),
        ({"AOR_URL": "portal.example.org"}, "AOR_URL is https:// and a host, not 'portal.example.org'"),
        (PRODUCTION | {"AOR_URL": "http://a.example"}, "AOR_URL is https:// and a host, not 'http://a.example'"),
        ({"AOR_DOCUMENT_KEYS": "5e"}, "key 1 of AOR_DOCUMENT_KEYS is not 64 hexadecimal digits"),
        (
            PRODUCTION | {"AOR_DOCUMENT_KEYS_FILE": "/x"},
            "AOR_DOCUMENT_KEYS and AOR_DOCUMENT_KEYS_FILE are not both set",
        ),
        (
            PRODUCTION | {"AOR_OIDC_STAFF_URL": "http://id.example.org"},
            "AOR_OIDC_STAFF_URL begins with https:// in production",
        ),
        ({"AOR_OIDC_STAFF_URL": "https://id"}, "AOR_OIDC_STAFF_CLIENT_ID must be set with AOR_OIDC_STAFF_URL"),
    ],
)
def test_a_wrong_setting_is_one_line(given: dict[str, str], says: str, tmp_path: Path) -> None:
    done = run("help", AOR_HOME=str(tmp_path), **given)
    assert (done.returncode, done.stderr) == (2, f"wrong setting: {says}\n")


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        (["record"], {"AOR_DEMO": "yes"}, "wrong setting: AOR_DEMO is 0 or 1, not 'yes'"),
        (["recrod"], {}, "aor has no command 'recrod'; `aor help` lists them"),
    ],
)
def test_what_is_wrong_has_its_document_too(
    words: list[str], given: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = run(*words, "--json", AOR_HOME=str(tmp_path), **given)
    assert (done.returncode, json.loads(done.stdout)) == (2, {"refused": True, "because": says})


def test_mail_goes_by_starttls_alone(tmp_path: Path) -> None:
    asked = "from django.conf import settings; print(settings.MAILERS['default']['OPTIONS']['use_tls'])"
    done = run("shell", "--no-imports", "-c", asked, AOR_HOME=str(tmp_path), **PRODUCTION)
    assert done.stdout.strip().splitlines()[-1] == "True", done.stderr


def test_the_deployment_check_is_clean_in_production(tmp_path: Path) -> None:
    done = run("check", "--deploy", "--fail-level", "WARNING", AOR_HOME=str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://aor@/aor?host=/run/postgresql",
        "postgres://aor@127.0.0.1/aor",
        "postgres://aor@db.example.org/aor?sslmode=verify-full",
    ],
)
def test_a_database_here_or_over_a_verified_line_is_taken(url: str, tmp_path: Path) -> None:
    assert run("help", AOR_HOME=str(tmp_path), **(PRODUCTION | {"DATABASE_URL": url})).returncode == 0


def test_the_address_of_a_database_may_have_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://aor@/aor?host=/run&options=-c%20random_page_cost%3D4")
    options = environment.database(tmp_path)["OPTIONS"]
    assert options == {"options": "-c random_page_cost=1.1 -c random_page_cost=4"}  # the last one said is what holds


def test_production_without_a_key_for_documents_is_refused(tmp_path: Path) -> None:
    done = run("check", "--deploy", AOR_HOME=str(tmp_path), **(PRODUCTION | {"AOR_DOCUMENT_KEYS": ""}))
    assert done.returncode == 1
    assert "Documents and backups would be kept in clear" in done.stderr
    (tmp_path / "key").write_text(f"{'5e' * 32}\n")
    in_a_file = PRODUCTION | {"AOR_DOCUMENT_KEYS": "", "AOR_DOCUMENT_KEYS_FILE": str(tmp_path / "key")}
    assert run("check", "--deploy", AOR_HOME=str(tmp_path), **in_a_file).returncode == 0
