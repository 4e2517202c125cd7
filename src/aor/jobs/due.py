"""What is due, one kind of work after another. Each finds its own rows, so that two workers do each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from aor.acts import associate, settle
from aor.close import asked as closes
from aor.engine.locks import Busy
from aor.gateways.outcomes import Retryable
from aor.gateways.secure_mail import Courier
from aor.notices import operations as notices
from aor.retro import operations as retro
from aor.terms.actor import system

BY = system("aor work")


def deliver(*, now: datetime) -> int:
    """Queued notices go to the relay."""
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


def close_months(*, now: datetime) -> int:
    """Closes of months that officers asked for."""
    return closes.run(now=now)


WORK: dict[str, Callable[..., int]] = {
    "households decided": settle_households,
    "invitations expired": expire_invitations,
    "associations asked for": retro.remind,
    "requests accepted by carriers": follow_retroactive_requests,
    "requests past their appeal": close_retroactive_requests,
    "months closed as asked": close_months,
    "notices delivered": deliver,
}


def round_of_work(*, now: datetime, say: Callable[[str], object]) -> Counter[str]:
    """Does everything that is due once; what another worker holds is left to it. Returns how much of each."""
    done: Counter[str] = Counter()
    for name, work in WORK.items():
        try:
            done[name] += work(now=now)
        except (Busy, Retryable) as trouble:
            say(f"{name}: later, {trouble}")
    return +done
