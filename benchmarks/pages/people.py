"""Signs brokers in: `python -m benchmarks.pages.people COUNT NOW` prints a session key and some policies of each."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from aor.site import cli

cli.start()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from aor.accounts import operations as accounts  # noqa: E402
from aor.accounts.models import RoleName  # noqa: E402
from aor.acts import queries as acts  # noqa: E402
from aor.terms.actor import system  # noqa: E402
from benchmarks import market  # noqa: E402

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def main(count: str, text: str) -> None:
    now, by = datetime.fromisoformat(text), system("benchmarks")
    found = []
    for number in range(int(count)):
        npn = market.npn(number)
        user = accounts.open_account(email=f"{npn}@example.org", name=f"Broker {number}", by=by, now=now)
        accounts.grant(user, role=RoleName.BROKER, subject=npn, by=by, now=now)
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["account_authentication_methods"] = [{"method": "mfa", "at": now.timestamp()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        own = acts.enrollments_open_to([npn], now=now).values_list("id", flat=True)[:20]
        found.append({"session": session.session_key, "enrollments": list(own)})
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
