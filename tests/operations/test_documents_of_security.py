"""docs/security says what is so: its tests exist, every table and key has its place, limits are the settings'."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from aor.api import cursors
from aor.audit import keys
from aor.documents import evidence
from aor.incidents import operations as incidents
from aor.web import access

ROOT = Path(__file__).resolve().parents[2]
SECURITY = ROOT / "docs" / "security"
ASVS = (SECURITY / "asvs.md").read_text()
DATA = (SECURITY / "data.md").read_text()
LEVEL_TWO = 253  # requirements of levels 1 and 2 in ASVS 5.0.0
MEGABYTE = 1 << 20


def requirements() -> list[list[str]]:
    rows = [line for line in ASVS.splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", line)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def section(title: str) -> list[list[str]]:
    """The rows of the table under a heading, without its own headings."""
    words = DATA.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in words.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_requirement_of_level_two_has_its_row() -> None:
    numbers = [row[0] for row in requirements()]
    assert len(numbers) == len(set(numbers)) == LEVEL_TWO
    states = [row[2] for row in requirements()]
    counts = {state: states.count(state) for state in ("met", "n/a", "open")}
    assert sum(counts.values()) == LEVEL_TWO
    said = f"Met {counts['met']}, not applicable {counts['n/a']}, open {counts['open']}; {LEVEL_TWO} in all."
    assert said in ASVS


def test_what_is_met_names_a_test_and_what_is_not_says_why() -> None:
    for number, words, state, by in requirements():
        assert words
        assert by, number
        assert state != "met" or "::" in by, f"{number} is met by nothing"


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/.]+\.py)::(test_\w+)`", ASVS + DATA)
    assert len(named) > 100
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert f"def {name}(" in (ROOT / path).read_text(), f"{path}::{name}"


def test_every_table_is_classified() -> None:
    classified = [name for row in section("Every table") for name in re.findall(r"`(\w+\.\w+)`", row[1])]
    assert len(classified) == len(set(classified)), "a table has one class"
    ours = {model._meta.label for model in apps.get_models() if ".tests." not in model.__module__}
    assert ours <= set(classified), ours - set(classified)


def test_every_class_says_how_it_is_kept() -> None:
    classes = section("Classes")
    assert [row[0] for row in classes] == [row[0] for row in section("Every table")]
    assert all(len(row) == 8 and all(row) for row in classes)
    assert len(section("Logs")) == 3


def test_every_key_is_in_the_inventory() -> None:
    listed = {name for row in section("Keys") for name in re.findall(r"`([\w.-]+)`", row[0])}
    source = "".join(path.read_text() for path in (ROOT / "src" / "aor").rglob("*.py") if "tests" not in path.parts)
    assert {
        keys.PRIVATE_TABLES,
        keys.SIGNATURE,
        keys.ROW_IDS,
        *re.findall(r'keys\.named\("([^"]+)"', source),
    } <= listed
    secrets = re.findall(r"`(\w+(?:SECRET|PASSWORD|KEY|SECRET_KEY))`", (ROOT / "docs" / "settings.md").read_text())
    assert set(secrets) <= listed


def test_every_way_to_sign_in_is_written_down() -> None:
    open_to_all = {name for name, rule in access.OF_LIBRARIES.items() if rule.public}
    told = {name for row in section("Ways to sign in") for name in re.findall(r"`([a-z_]+)`", row[3])}
    assert told | {"set_language"} == open_to_all
    ways = " ".join(row[0] for row in section("Ways to sign in"))
    assert {"password", "passkey", "provider", "token", "demonstration"} <= set(re.findall(r"\w+", ways))


def test_what_costs_much_is_written_down_with_its_bound() -> None:
    rows = section("What costs much")
    assert len(rows) > 8
    assert all(what and bound and "::" in by for what, bound, by in rows)
    bounds = " ".join(row[1] for row in rows)
    assert f"{settings.AOR_UPLOAD_LIMIT // MEGABYTE} MB at the portal" in bounds
    assert f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE} MB, 500 enrollments or 1,000 receipts" in bounds
    assert f"pages of {cursors.MOST} rows" in bounds
    assert f"{incidents.AT_ONCE} associations in a transaction" in bounds


def test_limits_are_those_of_the_settings() -> None:
    limits = {row[0]: row[1] for row in section("Limits")}
    assert settings.ACCOUNT_RATE_LIMITS["login_failed"] in limits["wrong passwords"]
    (length,) = (
        one["OPTIONS"]["min_length"]
        for one in settings.AUTH_PASSWORD_VALIDATORS
        if "min_length" in one.get("OPTIONS", {})
    )
    assert limits["password"].startswith(f"{length} letters")
    idle, whole = settings.SESSION_COOKIE_AGE // 60, settings.AOR_SESSION_WHOLE // 3600
    assert limits["a visit"].startswith(f"{idle} minutes without a request, {whole} hours in all")
    assert f"{settings.AOR_UPLOAD_LIMIT // MEGABYTE} MB" in limits["a returned workbook"]
    most = (evidence.MOST_BYTES // MEGABYTE, evidence.MOST_PIXELS // 1_000_000, evidence.MOST_PAGES)
    assert "{} MB, {} million pixels, {} pages".format(*most) in limits["evidence"]
