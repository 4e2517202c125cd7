"""`aor token`: what other systems sign in with at the API."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.accounts import tokens
from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.terms import actor


class Command(AorCommand):
    help = "Give, revoke and list the tokens by which other systems use the API."
    example = "aor token create prairie-2027 --role carrier --carrier 85736"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["create", "revoke", "list"])
        parser.add_argument("name", nargs="?", default="", metavar="NAME", help="as lists and the journal call it")
        parser.add_argument("--role", choices=sorted(tokens.SCOPES), default="eligibility")
        parser.add_argument("--carrier", default="", metavar="HIOS", help="the carrier whose token it is")
        parser.add_argument("--scope", action="append", default=[], help="only this scope (may be repeated)")
        parser.add_argument("--days", type=int, default=365, help="how long it lasts (default 365)")
        parser.add_argument("--per-minute", type=int, default=6_000, help="requests a minute (default 6000)")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        verb, name = options["verb"], options["name"]
        if verb == "list":
            return _listed(now)
        if not name:
            raise UsageError(f"aor token {verb} needs the token's name")
        by = actor.system("aor token")
        if verb == "revoke":
            if tokens.revoke(name, by=by, now=now):
                return Outcome({"name": name, "revoked": True}, f"token {name} is revoked")
            return refusal(f"no token {name} is in use")
        try:
            secret = tokens.give(
                name=name,
                role=options["role"],
                hios_issuer_id=options["carrier"],
                scopes=options["scope"],
                days=options["days"],
                per_minute=options["per_minute"],
                by=by,
                now=now,
            )
        except tokens.CannotGive as cannot:
            return refusal(str(cannot))
        words = f"{secret}\nThis is shown once: give it to the system that will use it, by a safe way."
        return Outcome({"name": name, "token": secret}, words)


def _listed(now: datetime) -> Outcome:
    rows = [
        {
            "name": one.name,
            "role": one.role,
            "carrier": one.hios_issuer_id,
            "scopes": one.scopes.split(),
            "state": "revoked" if one.revoked_at else "expired" if one.expires_at <= now else "in use",
            "expires_at": one.expires_at.isoformat(),
            "used_at": one.used_at.isoformat() if one.used_at else None,
        }
        for one in tokens.listed()
    ]
    words = "\n".join(f"{row['name']}: {row['state']}, {row['role']} {row['carrier']}".rstrip() for row in rows)
    return Outcome({"tokens": rows}, words or "no token was given")
