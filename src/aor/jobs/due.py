"""What is due, one kind of work after another. Each finds its own rows, so that two workers do each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import OperationalError

from aor.accounts import operations as accounts
from aor.acts import associate, digest, invite, renewals, settle
from aor.close import asked as closes
from aor.engine import locks, restoring, store
from aor.engine.locks import Busy
from aor.gateways import shadow
from aor.gateways.outcomes import Retryable
from aor.gateways.secure_mail import Courier
from aor.jobs import casework, timetable
from aor.notices import operations as notices
from aor.retention import operations as retention
from aor.retro import due as retro
from aor.terms.actor import system
from aor.transmissions import operations as transmissions

BY = system("aor work")
KEPT_SUBMISSIONS = timedelta(days=31)


def deliver(*, now: datetime) -> int:
    """Queued notices go to the relay."""
    if shadow.on():
        return 0
    with Courier() as courier:
        return notices.deliver(courier=courier, now=now).relayed


def expire_invitations(*, now: datetime) -> int:
    """Invitations whose days are over end."""
    return associate.expire_invitations(by=BY, now=now)


def settle_households(*, now: datetime) -> int:
    """Households that news has marked are decided anew."""
    return settle.settle(now=now)


def follow_retroactive_requests(*, now: datetime) -> int:
    """Approved requests that their carrier has accepted are closed."""
    return retro.follow_carriers(by=BY, now=now)


def close_retroactive_requests(*, now: datetime) -> int:
    """Requests that were not approved are closed when no appeal is open any more."""
    return retro.close_undisputed(by=BY, now=now)


def send_to_carriers(*, now: datetime) -> int:
    """Carriers whose send day's cutoff has passed without a run are served."""
    if shadow.on():
        return 0
    return sum(len(transmissions.send(by=BY, now=now, carrier=hios).interchanges) for hios in timetable.due(now))


def collect_from_carriers(*, now: datetime) -> int:
    """What carriers left in their mailboxes is read."""
    return sum(bool(one.name) for one in transmissions.collect(by=BY, now=now))


def remind_invited(*, now: datetime) -> int:
    """Who was invited and has not answered is reminded, on day 3 and day 10."""
    return invite.remind_invitations(by=BY, now=now)


def warn_of_renewals(*, now: datetime) -> int:
    """Brokers are told 60, 30 and 7 days ahead what the renewal would hold or lose."""
    return renewals.warn(by=BY, now=now)


def count_renewals(*, now: datetime) -> int:
    """What the next renewal carries, holds and loses of the whole market is counted once a day, for the desk."""
    return renewals.count(now=now)


def clear_visits(*, now: datetime) -> int:
    """Visits that are over, and forms that led somewhere a month ago, are forgotten."""
    call_command("clearsessions")
    return accounts.forget_submissions(before=now - KEPT_SUBMISSIONS)


def clear_documents(*, now: datetime) -> int:
    """Documents that a killed process left half-written are taken away a day later."""
    return store.clear_left_behind()


def close_months(*, now: datetime) -> int:
    """Closes of months that officers asked for."""
    return closes.run(now=now)


def queue_digests(*, now: datetime) -> int:
    """Managers who asked for it are told once a day that something of their agency waits."""
    return digest.queue(now=now)


WORK: dict[str, Callable[..., int]] = {
    "households decided": settle_households,
    "files read": collect_from_carriers,
    "files sent": send_to_carriers,
    "invitations expired": expire_invitations,
    "invitations reminded": remind_invited,
    "renewals warned of": warn_of_renewals,
    "renewals counted": count_renewals,
    "associations asked for": retro.remind,
    "requests accepted by carriers": follow_retroactive_requests,
    "requests past their appeal": close_retroactive_requests,
    "months closed as asked": close_months,
    "digests of agencies": queue_digests,
    "data disposed of as consented": retention.dispose_as_consented,
    **casework.WORK,
    "notices delivered": deliver,
    "forms forgotten": clear_visits,
    "half-written documents cleared": clear_documents,
}
EVERY = {
    "files read": timedelta(minutes=15),
    "renewals warned of": timedelta(hours=6),
    "renewals counted": timedelta(hours=6),
    "invitations reminded": timedelta(hours=1),
    "digests of agencies": timedelta(hours=1),
    "forms forgotten": timedelta(hours=6),
    "half-written documents cleared": timedelta(hours=6),
    **casework.EVERY,
}
"""What is asked less often than each round."""


@dataclass
class Worker:
    """One worker: rounds of work, each kind when its time has come. Two do each thing once."""

    say: Callable[[str], object]
    last: dict[str, datetime] = field(default_factory=dict)

    def round(self, *, now: datetime) -> Counter[str]:
        """Does everything that is due; what another worker holds is left to it. Returns how much of each."""
        done: Counter[str] = Counter()
        for name, work in WORK.items():
            last = self.last.get(name)
            if last is not None and now - last < EVERY.get(name, timedelta(0)):
                continue
            if words := restoring.unfinished():
                self.say(words)
                break
            try:
                with locks.exclusive(f"work {name}", by=BY.name, at=now, wait=False):
                    done[name] += work(now=now)
            except (Busy, Retryable, OSError, OperationalError) as trouble:
                self.say(f"{name}: later, {trouble}")
            else:
                self.last[name] = now
        return +done
