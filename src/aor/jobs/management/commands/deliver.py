"""`aor deliver`: sends queued notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aor.gateways.secure_mail import Courier
from aor.jobs.command import AorCommand, Outcome
from aor.notices import operations as notices
from aor.notices.models import Notice, State

AT_ONCE = 500


class Command(AorCommand):
    help = "Sends queued notices; what cannot be delivered now is tried again, what bounces is listed."
    example = "aor deliver"

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        counts = {"delivered": 0, "retried": 0, "bounced": 0, "failed": 0}
        tried = AT_ONCE
        with Courier() as courier:
            while tried == AT_ONCE:  # fewer: nothing more is due, or the relay is down
                done = notices.deliver(courier=courier, now=now, limit=AT_ONCE)
                tried = done.tried
                counts["delivered"] += done.relayed
                counts["retried"] += done.postponed
                counts["bounced"] += done.bounced
                counts["failed"] += done.failed
                self.progress(f"{counts['delivered']} delivered")
        document = {**counts, "waiting": Notice.objects.filter(state=State.QUEUED).count()}
        return Outcome(document, ", ".join(f"{count} {name}" for name, count in document.items()))
