"""`aor account`: who may sign in at the portal; ends visits, and closes accounts."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from datetime import datetime
from typing import Any

from aor.accounts import operations as accounts
from aor.accounts.models import Grant, User
from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.terms.actor import system

DIGITS = 19  # more than a key of the database has


class Command(AorCommand):
    help = "List accounts of the portal, end their visits wherever they are signed in, and close them."
    example = "aor account sign-out ana@example.org"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "sign-out", "close"])
        parser.add_argument("account", nargs="?", default="", metavar="ACCOUNT", help="its mail address or number")
        parser.add_argument("--everyone", action="store_true", help="sign-out: every account")
        parser.add_argument("--by", default="aor account", metavar="NAME", help="who says so, for the journal")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        verb, named, by = options["verb"], options["account"], system(options["by"])
        if verb == "list":
            return _listed()
        if bool(named) == options["everyone"] or (verb == "close" and not named):
            raise UsageError(f"aor account {verb} names one account{' or --everyone' if verb == 'sign-out' else ''}")
        found = list(User.objects.order_by("pk")) if options["everyone"] else _named(named)
        if not found:
            return refusal(f"there is no account {named}")
        if verb == "close":
            accounts.close_account(found[0], by=by, now=now)
            return Outcome({"account": found[0].pk, "closed": True}, f"account {found[0].pk} is closed")
        ended = accounts.sign_out(found, by=by, now=now)
        words = f"{ended} visits of {len(found)} accounts are ended"
        return Outcome({"accounts": len(found), "visits": ended}, words)


def _named(account: str) -> list[User]:
    if account.isascii() and account.isdecimal() and len(account) < DIGITS:
        return list(User.objects.filter(pk=int(account)))
    return list(User.objects.filter(email__iexact=account))


def _listed() -> Outcome:
    roles = defaultdict(list)
    for user, role, subject in Grant.objects.known_at().values_list("user_id", "role", "subject"):
        roles[user].append(f"{role} {subject}".strip())
    rows, lines = [], []
    for one in User.objects.order_by("pk"):
        held = sorted(roles[one.pk])
        rows.append({"account": one.pk, "email": one.email, "name": one.name, "roles": held, "open": one.is_active})
        state = "open" if one.is_active else "closed"
        lines.append(f"{one.pk:>6} {state:<6} {one.email or one.name}: {', '.join(held) or 'no role'}")
    return Outcome({"accounts": rows}, "\n".join(lines) or "no accounts")
