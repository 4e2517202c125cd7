"""What `aor doctor` looks at: each thing a line, ok, warn or fail, with its cure."""

from __future__ import annotations

import os
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from aor.audit import keys, triggers
from aor.audit import operations as journal
from aor.audit.models import Act
from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine import faults, schema, store, vault
from aor.enrollments.models import EnrollmentFile
from aor.gateways.mailbox import TO_CARRIER
from aor.gateways.outcomes import Refused, Retryable
from aor.jobs import homes, sealed
from aor.terms.actor import Actor
from aor.terms.period import ZONE
from aor.transmissions import after_restore, handover
from aor.transmissions.compose import CannotCompose, Desk

ENOUGH, LITTLE = 5 << 30, 500 << 20  # bytes free
POSTGRESQL = 15_00_00
SMTP_SECONDS = 10
OPEN = os.R_OK | os.W_OK | os.X_OK
AHEAD = timedelta(minutes=5)  # a clock may differ so much from the one that wrote the last act
SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at; `cure` says what mends it where it is not ok."""

    what: str
    state: State
    says: str
    cure: str = ""


def _ok(what: str, says: str) -> Line:
    return Line(what, State.OK, says)


def _warn(what: str, says: str, cure: str) -> Line:
    return Line(what, State.WARN, says, cure)


def _fail(what: str, says: str, cure: str) -> Line:
    return Line(what, State.FAIL, says, cure)


def examine(*, now: datetime) -> Iterator[Line]:
    """Everything, in an order in which the first failure is likely the cause of the others."""
    home = list(_home())
    yield from home
    yield from _settings()
    if home[0].state is State.FAIL:
        return
    try:
        connection.ensure_connection()
    except DatabaseError as trouble:
        yield _fail("database", f"it cannot be reached: {str(trouble).strip()}", _cure_of_reaching())
        return
    yield from _database()
    if pending := schema.pending():
        cure = "any aor command that writes applies them; or aor migrate"
        yield _warn("migrations", f"{len(pending)} are not applied yet, the first is {pending[0]}", cure)
        return
    yield _ok("migrations", "all are applied")
    yield from _parameters()
    yield from _triggers()
    yield from _clock(now)
    yield from _keys()
    yield _documents()
    yield from _mail()
    for partner in carriers.trading_partners().values():
        yield _mailbox(partner, now)
    yield from _left_over()


def _home() -> Iterator[Line]:
    home = Path(settings.AOR_HOME)
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".doctor-", dir=home) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
        yield _ok("home", f"{home} can be written")
    except OSError as trouble:
        cure = "set AOR_HOME to a folder that the user of aor may write"
        yield _fail("home", f"{home} cannot be written: {trouble.strerror}", cure)
        return
    free = shutil.disk_usage(home).free
    says = f"{free / (1 << 30):.1f} GiB are free in {home}"
    if free >= ENOUGH:
        yield _ok("disk", says)
    else:
        cure = "make room: documents and backups grow with every month"
        yield (_warn if free >= LITTLE else _fail)("disk", says, cure)


def _settings() -> Iterator[Line]:
    try:
        fault, _ = faults.armed()
    except ImproperlyConfigured as wrong:
        yield _fail("settings", str(wrong), "docs/settings.md lists what each may be")
        return
    trial = [name for name, on in (("AOR_TIME_TRAVEL", settings.AOR_TIME_TRAVEL), ("AOR_FAULT", fault)) if on]
    if settings.AOR_ENV == "production":
        yield _ok("settings", "production")
    else:
        also = f", with {' and '.join(trial)}" if trial else ""
        yield _warn(
            "settings", f"{settings.AOR_ENV}{also}", "a marketplace that is not a trial sets AOR_ENV=production"
        )


def _parameters() -> Iterator[Line]:
    try:
        yield _ok("parameters", f"version {calendar.parameters().version}")
    except (ImproperlyConfigured, OSError) as wrong:
        yield _fail("parameters", str(wrong), "mend parameters.toml in the folder that AOR_POLICY_OVERLAY names")


def _cure_of_reaching() -> str:
    if connection.vendor == "postgresql":
        return "check DATABASE_URL, and that the server runs and lets this user in"
    name = connection.settings_dict["NAME"]
    return (
        f"let the user of aor read and write {name}; if it is damaged, restore the last backup (runbooks/restore.md)"
    )


def _database() -> Iterator[Line]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            version = connection.pg_version  # type: ignore[attr-defined]  # psycopg's connection alone has it
            says = f"PostgreSQL {version // 10_000}"
            if version < POSTGRESQL:
                yield _fail("database", says, "PostgreSQL 15 or later is needed")
            else:
                yield _ok("database", says)
            cursor.execute("SHOW fsync")
            if cursor.fetchone()[0] != "on":
                yield _warn("durability", "fsync is off: a power cut may lose what was committed", "set fsync = on")
            return
        file = Path(connection.settings_dict["NAME"])
        if not _in_memory() and not os.access(file, os.W_OK):
            yield _fail("database", f"{file} cannot be written", _cure_of_reaching())
            return
        for name, expected in SQLITE.items():
            cursor.execute(f"PRAGMA {name}")
            (value,) = cursor.fetchone()
            if value != expected and not _in_memory():
                cure = "do not put the database on a network share; restore it from a backup to a local disk"
                yield _fail("database", f"SQLite's {name} is {value}, not {expected}", cure)
                return
        cursor.execute("SELECT sqlite_version()")
        yield _ok("database", f"SQLite {cursor.fetchone()[0]}, write-ahead log, fully synchronous")


def _in_memory() -> bool:
    return "memory" in str(connection.settings_dict["NAME"])


def _triggers() -> Iterator[Line]:
    wrong = list(triggers.wrong())
    if wrong:
        yield _fail(
            "triggers",
            f"{wrong[0]} ({len(wrong)} in all)",
            "aor doctor --mend puts them back; first see docs/runbooks/a-row-was-changed.md",
        )
    else:
        yield _ok("triggers", f"{len(triggers.expected())} are in place")


def mend(*, by: Actor, now: datetime) -> None:
    """Puts triggers back that are missing or were changed, on record."""
    homes.ready()
    with transaction.atomic():
        if wrong := list(triggers.wrong()):
            triggers.install()
            journal.write(
                verb="triggers.installed", subject=after_restore.SUBJECT, by=by, at=now, details={"wrong": wrong}
            )


def _clock(now: datetime) -> Iterator[Line]:
    try:
        ZoneInfo(ZONE.key)
    except ZoneInfoNotFoundError:
        yield _fail("clock", f"no zone data for {ZONE.key}", "install tzdata")
        return
    last = Act.objects.order_by("-id").values_list("at", flat=True).first()
    if last is not None and last > now + AHEAD:
        says = f"the last act is of {last.isoformat(timespec='seconds')}, which lies ahead of this clock"
        yield _fail("clock", says, "set the clock of this machine; what is written meanwhile may be refused")
    else:
        yield _ok("clock", f"{now.astimezone(ZONE):%Y-%m-%d %H:%M %Z} in Minnesota, not behind the last act")


def _keys() -> Iterator[Line]:
    folder = Path(settings.AOR_HOME) / "keys"
    open_ = [path.name for path in sorted(folder.glob("*")) if path.stat().st_mode & 0o077]
    if open_:
        yield _fail("keys", f"others may read {', '.join(open_)}", f"chmod 600 {folder}/*")
    try:
        sealed.require_keys()
    except keys.KeyMissing as missing:
        yield _fail("keys", str(missing), "take the folder keys from the last backup (docs/runbooks/restore.md)")
        return
    except OSError as trouble:
        yield _fail("keys", f"{trouble.filename} cannot be read", f"give the user of aor the folder {folder} alone")
        return
    if not open_:
        yield _ok("keys", f"{len(list(folder.glob('*')))} keys, readable by their owner alone")


def _documents() -> Line:
    """Whether documents are encrypted, and each can be opened: their headers are read, not their content."""
    if closed := _closed(Path(settings.AOR_HOME) / "documents"):
        return _fail("documents", f"{closed} cannot be read and written", "give the user of aor the folder")
    key, clear, locked, all_ = vault.in_use(), 0, 0, 0
    ours = {key.name for key in vault.configured()}
    older = 0
    for path in store.stored():
        name = vault.key_name(path)
        all_, clear, locked = all_ + 1, clear + (name is None), locked + (name is not None and name not in ours)
        older += name in ours and key is not None and name != key.name
    if locked:
        cure = "give AOR_DOCUMENT_KEYS the keys that were in use before, too (docs/runbooks/keys.md)"
        return _fail("documents", f"{locked} of {all_} are encrypted under keys that are not set", cure)
    if key is None:
        says = "no key is set: documents and backups are in clear"
        cure = "set AOR_DOCUMENT_KEYS, then aor rekey (docs/runbooks/keys.md)"
        return (_fail if settings.AOR_ENV == "production" else _warn)("documents", says, cure)
    if clear or older:
        says = f"{clear} of {all_} are in clear, {older} under an older key"
        return _warn("documents", says, "aor rekey encrypts them under the first key of AOR_DOCUMENT_KEYS")
    return _ok("documents", f"{all_}, encrypted under the key {key.name.hex()}")


def _closed(folder: Path) -> Path | None:
    """The first folder, of this one and those in it, in which a document could not be read or kept."""
    inside = (place for place in sorted(folder.glob("*")) if place.is_dir())
    return next((one for one in (folder, *inside) if one.exists() and not os.access(one, OPEN)), None)


def _mail() -> Iterator[Line]:
    host = settings.AOR_SMTP_HOST
    if not host:
        says = "no relay: mails are written to the folder mail of AOR_HOME"
        yield _warn("mail", says, "set AOR_SMTP_HOST when people are to get them")
        return
    options: dict[str, Any] = cast("Any", settings.MAILERS)["default"]["OPTIONS"]
    try:
        with smtplib.SMTP(host, options["port"], timeout=SMTP_SECONDS) as relay:
            relay.starttls()
            if options["username"]:
                relay.login(options["username"], options["password"])
        yield _ok("mail", f"{host}:{options['port']} answers")
    except (OSError, smtplib.SMTPException) as trouble:
        cure = "check AOR_SMTP_HOST, _PORT, _USER and _PASSWORD; notices wait and are tried again for 72 hours"
        yield _fail("mail", f"{host}:{options['port']}: {trouble}", cure)


def _mailbox(partner: TradingPartner, now: datetime) -> Line:
    what = f"mailbox {partner.hios_issuer_id}"
    if not partner.unknown_appointment:
        cure = "ask the carrier, and import it with the roster of carriers: until then nothing goes to it"
        return _warn(what, "nobody said whether to hold or to send where no appointment data is known", cure)
    try:
        Desk.of(partner, now=now)
        with handover.mailbox_of(partner) as mailbox:
            waiting = len(mailbox.list(TO_CARRIER))
            folder = Path(settings.AOR_HOME) / "mailboxes" / (partner.mailbox or partner.hios_issuer_id)
            if "://" not in partner.mailbox and not os.access(folder / TO_CARRIER, os.W_OK):
                return _fail(what, f"{folder / TO_CARRIER} cannot be written", "give the user of aor the folder")
    except PermissionError as trouble:
        return _fail(what, f"{trouble.filename} cannot be read", "give the user of aor the folder")
    except (CannotCompose, handover.Unreachable, Retryable, Refused, OSError) as trouble:
        return _fail(what, str(trouble), "see docs/runbooks/a-carrier-does-not-answer.md")
    return _ok(what, f"{partner.name}: open, {waiting} files wait to be taken")


def _left_over() -> Iterator[Line]:
    """What an interrupted command left to be taken up again."""
    if after_restore.needed():
        cure = "aor send reads every mailbox first, and then sends"
        yield _warn("restored", "the database was restored and not yet reconciled with the mailboxes", cure)
    for name in EnrollmentFile.objects.filter(accepted_at=None).values_list("name", flat=True):
        cure = f"aor receive {name} again; what is left of it after a day is swept"
        yield _warn("staging", f"{name} was read in part and never accepted", cure)
