"""`aor rekey`: every document under the first key of AOR_DOCUMENT_KEYS."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.audit import operations as journal
from aor.engine import locks, store, vault
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, refusal
from aor.terms.actor import system

EVERY = 1_000  # documents between two lines of progress


class Command(AorCommand):
    help = "Encrypts every document anew under the first key; run again, it goes on where it was stopped."
    example = "aor rekey"

    def arguments(self, parser: ArgumentParser) -> None:
        """None of its own."""

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        key = vault.in_use()
        if key is None:
            return refusal("AOR_DOCUMENT_KEYS is not set: there is no key to encrypt under")
        by, done, all_, wrong = system("aor rekey"), 0, 0, []
        with locks.exclusive("documents", by=by.name, at=now, wait=False):
            for path in store.stored():
                try:
                    done += store.encrypt_again(path)
                except (vault.Unreadable, store.Damaged) as because:
                    wrong.append(str(because))
                all_ += 1
                if all_ % EVERY == 0:
                    self.progress(f"{all_} documents looked at, {done} encrypted anew")
        name, details = key.name.hex(), {"encrypted": done, "wrong": len(wrong)}
        journal.write(verb="documents.rekeyed", subject=("key", name), by=by, at=now, details=details)
        document = {"key": name, "documents": all_, "encrypted": done, "wrong": wrong}
        words = [f"{done} of {all_} documents encrypted anew under the key {name}", *wrong]
        return Outcome(document, "\n".join(words), REFUSED if wrong else DONE)
