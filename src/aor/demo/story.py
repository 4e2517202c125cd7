"""The life of one household: whom it chose, what it enrolled in, what came in between. Pure; its number decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from aor.demo import days, households, plans
from aor.demo.brokers import FIRST_NPN, UNHEARD_OF, Agency, Broker, Brokers, Trait
from aor.demo.enrollment_file import ONLINE, RENEWAL, THROUGH_BROKER, Kind, Policy, Told
from aor.demo.households import Household, Person
from aor.demo.rosters import Learned
from aor.terms.period import ZONE, first_of_next_month

WITH_BROKER = 0.46  # Minnesota: about 40 of a hundred enrollments came through brokers
_UNHEARD_OF = Broker(UNHEARD_OF, "", "", "", "", Agency("", "", "", "", "", ("", "", "")), "", False, Trait.STEADY)
_FIRST_POLICY = 21_000_000
_POLICIES_EACH = 10  # of each of two subscribers, medical and dental


@dataclass
class Life:
    """What others hear of a household: transaction sets, and rows of imports."""

    household: Household
    random: Random
    told: list[Told] = field(default_factory=list)
    news: list[Learned] = field(default_factory=list)
    # (confirmed, broker) as they follow each other; the consent of each is on file
    associations: list[tuple[datetime, Broker]] = field(default_factory=list)
    serial: int = 0

    def policy_id(self) -> str:
        self.serial += 1
        return str(_FIRST_POLICY + self.household.number * 4 * _POLICIES_EACH + self.serial)


def live(number: int, brokers: Brokers, *, seed: int, last_day: date) -> Life:
    """All that happens to one household up to a day."""
    random = Random(f"household:{seed}:{number}")
    life = Life(households.make(number, random), random)
    requested_at, start = _first_request(random)
    with_broker = random.random() < WITH_BROKER or number % 500 in (7, 11)
    if with_broker:
        _associate_first(life, brokers, requested_at, start)
    if requested_at.astimezone(ZONE).date() < days.GO_LIVE or random.random() < 0.5:
        _case(life, max(days.GO_LIVE, requested_at.astimezone(ZONE).date()))
    _associate_later(life, brokers, requested_at, with_broker)
    for position, group in enumerate(life.household.groups):
        for coverage, plan_id in list(_choices(life)):
            # A course of its own, so that how far one is followed changes nothing in the others.
            life.serial = _POLICIES_EACH * (2 * position + (coverage == plans.DENTAL))
            life.random = Random(f"coverage:{seed}:{number}:{life.serial}")
            _cover(life, brokers, group, coverage, plan_id, requested_at, start, last_day)
            life.random = random
    return life


def _first_request(random: Random) -> tuple[datetime, date]:
    """When the household first enrolled, and from when it is covered."""
    luck, hour, minute = random.random(), random.randrange(8, 21), random.randrange(60)
    if luck < 0.35:
        return days.at(date(2024, 11, 3) + timedelta(random.randrange(40)), hour, minute), date(2025, 1, 1)
    if luck < 0.72:
        # Most come in the days before the fifteenth of December.
        day = date(2025, 11, 1) + timedelta(int(random.triangular(0, 75, 42)))
        return days.at(day, hour, minute), date(2026, 1, 1) if day <= date(2025, 12, 15) else date(2026, 2, 1)
    if luck < 0.97:
        day = date(2025, 8, 20) + timedelta(random.randrange(420))
        birth = random.random() < 0.05  # covered from the day of birth, in the middle of a month
        return days.at(day, hour, minute), day - timedelta(days=2) if birth else first_of_next_month(day)
    return days.at(date(2026, 11, 1) + timedelta(random.randrange(28)), hour, minute), date(2027, 1, 1)


def _choices(life: Life) -> Iterator[tuple[str, str]]:
    """The plans of one subscriber: medical, and for some dental."""
    random = life.random
    medical = random.choices(plans.MEDICAL_CARRIERS, [carrier.share for carrier in plans.MEDICAL_CARRIERS])[0]
    if life.household.number % 500 == 7:
        medical = plans.UNKNOWN
    yield plans.MEDICAL, random.choice(medical.plans(plans.MEDICAL))
    if random.random() < 0.28:
        yield plans.DENTAL, random.choice(random.choice(plans.DENTAL_CARRIERS).plans(plans.DENTAL))


def _case(life: Life, day: date) -> None:
    """The household's rows, where the eligibility system knows it as a case; a couple may part later."""
    subscribers = [group[0] for group in life.household.groups]
    parted = life.random.random() < 0.1
    for position, person in enumerate(subscribers):
        row = {
            "household_id": life.household.household_id,
            "exchange_subscriber_id": person.id,
            "is_primary_contact": "N" if position else "Y",
            "from": str(date(2024, 11, 1)),
            "until": "",
        }
        life.news.append(Learned(day, "households", row))
        if position and parted:
            leaving = max(day, days.GO_LIVE) + timedelta(life.random.randrange(30, 300))
            own = {**row, "household_id": f"{life.household.household_id}B", "is_primary_contact": "Y"}
            life.news.append(Learned(leaving, "households", {**row, "until": str(leaving)}))
            life.news.append(Learned(leaving, "households", {**own, "from": str(leaving)}))


# ------------------------------------------------------------------------------------------------ associations


def _associate_first(life: Life, brokers: Brokers, requested_at: datetime, start: date) -> None:
    random = life.random
    broker = _UNHEARD_OF if life.household.number % 500 == 11 else brokers.pick(random)
    path = random.choices(("designated", "invited", "application", "assisted"), (30, 28, 36, 6))[0]
    first, last = {"designated": (-20, 12), "invited": (-10, 14), "application": (0, 0), "assisted": (0, 5)}[path]
    offset = timedelta(days=random.randint(first, last), minutes=random.randrange(90))
    if start >= date(2025, 2, 1) and random.random() < 0.08:
        offset = timedelta(days=random.randint(30, 120))  # too late for the first months of coverage
    _associate(life, broker, requested_at + (timedelta() if path == "application" else offset), path)


def _associate_later(life: Life, brokers: Brokers, requested_at: datetime, with_broker: bool) -> None:
    """Switches, ends, navigators; and those who find a broker later."""
    random = life.random
    luck = random.random()
    base = max(requested_at, days.at(days.GO_LIVE, 9))
    changed = base + timedelta(days=random.randint(35, 330), minutes=random.randrange(600))
    if not with_broker:
        if luck < 0.07:
            _associate(life, brokers.pick(random), changed, random.choice(("designated", "invited")))
        return
    if luck < 0.09:
        _associate(life, brokers.pick(random), changed, random.choice(("designated", "invited")))
        if luck < 0.015:  # and once more within the month: the one in between gets nothing
            _associate(life, brokers.pick(random), changed + timedelta(days=2), "designated")
    elif luck < 0.13:
        _end(life, changed)
    elif luck < 0.15 and brokers.navigators:
        _associate(life, random.choice(brokers.navigators), changed, "designated")
    elif luck < 0.18:
        scope = str(changed.year + 1)  # keeps the broker for this year's coverage
        _associate(life, brokers.pick(random), changed, "designated", scope=scope)


def _associate(life: Life, broker: Broker, confirmed_at: datetime, path: str, *, scope: str = "all") -> None:
    subscriber = life.household.groups[0][0].id
    row = {
        "exchange_subscriber_id": subscriber,
        "npn": broker.npn,
        "path": path,
        "confirmed_at": confirmed_at.astimezone(ZONE).isoformat(timespec="seconds"),
        "ended_at": "",
        "consent_reference": f"C-{life.household.number}-{len(life.associations) + 1}",
        "method": "portal",
        "scope": scope,
    }
    life.associations.append((confirmed_at, broker))
    life.news.append(Learned(max(days.GO_LIVE, confirmed_at.astimezone(ZONE).date()), "associations", row))


def _end(life: Life, at: datetime) -> None:
    """The consumer ends the association: the same row comes again, with its end."""
    last = next(item for item in reversed(life.news) if item.kind == "associations")
    ended = max(at, life.associations[-1][0] + timedelta(days=1)).astimezone(ZONE)
    row = {**last.row, "ended_at": ended.isoformat(timespec="seconds")}
    life.news.append(Learned(max(last.day, ended.date()), "associations", row))


def _associated(life: Life, at: datetime) -> Broker | None:
    """The broker of whom a file sent then may speak; never one whom no roster knows."""
    before = [broker for confirmed_at, broker in life.associations if confirmed_at <= at]
    return before[-1] if before and before[-1].npn >= str(FIRST_NPN) and not before[-1].navigator else None


# ------------------------------------------------------------------------------------------------- enrollments


def _cover(
    life: Life, brokers: Brokers, group: tuple[Person, ...], coverage: str, plan_id: str,
    requested_at: datetime, start: date, last_day: date,
) -> None:  # fmt: skip
    """One subscriber's coverage over the plan years: enrolled, changed, renewed or given up."""
    origin = THROUGH_BROKER if _associated(life, requested_at) else ONLINE
    enrolled = _enroll(life, brokers, group, coverage, plan_id, requested_at, start, origin)
    if days.batch_after(requested_at) < days.at(days.GO_LIVE, 0):
        _take_over(life, enrolled)
    policy: Policy | None = enrolled
    while policy is not None and policy.start.year <= last_day.year:
        policy = _year(life, brokers, policy)
        if policy is None or life.random.random() < 0.06:
            return
        policy = _renew(life, brokers, policy)


def _enroll(
    life: Life, brokers: Brokers, group: tuple[Person, ...], coverage: str, plan_id: str,
    requested_at: datetime, start: date, origin: str,
) -> Policy:  # fmt: skip
    policy = Policy(life.policy_id(), life.household, group, plan_id, coverage, start, requested_at, origin)
    sent_at = days.batch_after(requested_at)
    broker = None
    if sent_at > days.at(days.GO_LIVE, 0):
        luck = life.random.random()
        # Some files name the broker themselves, and now and then the wrong one.
        broker = _associated(life, sent_at) if luck < 0.15 else brokers.pick(life.random) if luck > 0.996 else None
    life.told.append(Told(Kind.ADD, policy, sent_at, start, _reason(origin), broker))
    return policy


def _reason(origin: str) -> str:
    return "PASSIVE" if origin == RENEWAL else ""


def _take_over(life: Life, policy: Policy) -> None:
    """What the carrier already knew at go-live is an opening balance; a few were never told."""
    broker = _associated(life, days.batch_after(policy.requested_at))
    if broker is None or life.random.random() < 0.05:
        return
    row = {
        "exchange_policy_id": policy.policy_id,
        "hios_issuer_id": policy.carrier.hios,
        "npn": broker.npn,
        "effective_from": str(policy.start),
        "effective_until": str(date(policy.start.year + 1, 1, 1)),
        "sent_on": str(days.batch_after(policy.requested_at).date()),
        "source": "ledger of the former system",
    }
    life.news.append(Learned(days.GO_LIVE, "agents-of-record", row))


def _year(life: Life, brokers: Brokers, policy: Policy) -> Policy | None:
    """What happens within the plan year; the policy that is in force at its end, if any."""
    random, start = life.random, policy.start
    luck = random.random()
    months_left = 12 - start.month
    if luck < 0.04 and start >= days.GO_LIVE:
        at = days.batch_after(days.at(start, 9) + timedelta(days=random.randint(-12, 25)))
        life.told.append(Told(Kind.CANCEL, policy, max(at, _sent(life, policy)), start, "CANCEL"))
        return None
    if months_left < 2:
        return policy
    month = random.randint(start.month + 1, 11)
    first = first_of_next_month(date(start.year, month, 1))
    at = days.batch_after(days.at(first, 9) - timedelta(days=random.randint(5, 20)))
    if at < days.at(days.GO_LIVE, 9):
        return policy  # what happened before go-live is not told
    last = first - timedelta(days=1)
    if luck < 0.10:
        life.told.append(Told(Kind.TERMINATE, policy, at, last, "TERM"))
        if random.random() > 0.2:
            return None
        life.told.append(Told(Kind.REINSTATE, policy, days.batch_after(at), policy.start, "REINSTATEMENT"))
    elif luck < 0.14:
        return _replace(life, brokers, policy, first, at)
    elif luck < 0.18 and len(policy.members) > 1:
        life.told.append(Told(Kind.MEMBER_LEAVES, policy, at, last))
        return replace(policy, members=policy.members[:-1])
    elif luck < 0.22:
        married = replace(policy.members[0], last=f"{policy.members[0].last}-{random.choice(('Berg', 'Lund'))}")
        policy = replace(policy, members=(married, *policy.members[1:]))
        life.told.append(Told(Kind.CHANGE, policy, at, first, "DEMOGRAPHIC CHANGE"))
    return policy


def _replace(life: Life, brokers: Brokers, policy: Policy, first: date, at: datetime) -> Policy:
    """Cancel and replace: another plan of the same carrier, a new policy number, no gap."""
    others = [plan for plan in policy.carrier.plans(policy.coverage) if plan[:14] != policy.plan_id[:14]]
    life.told.append(Told(Kind.TERMINATE, policy, at, first - timedelta(days=1), "TERMCIC"))
    asked = at - timedelta(days=1)
    plan_id = life.random.choice(others)
    return _enroll(life, brokers, policy.members, policy.coverage, plan_id, asked, first, policy.origin)


def _renew(life: Life, brokers: Brokers, policy: Policy) -> Policy:
    """The renewal for the coming year: passive, under a new number; some then choose another plan."""
    random, year = life.random, policy.start.year
    start = date(year + 1, 1, 1)
    asked = max(days.at(date(year, 11, 8), 2), policy.requested_at + timedelta(days=3))
    renewed = _enroll(life, brokers, policy.members, policy.coverage, policy.plan_id, asked, start, RENEWAL)
    if random.random() > 0.12 or renewed.carrier is plans.UNKNOWN:
        return renewed
    chosen = days.at(date(year, 11, 20) + timedelta(random.randrange(26)), random.randrange(8, 21))
    if chosen < asked + timedelta(days=10):
        return renewed
    life.told.append(Told(Kind.CANCEL, renewed, days.batch_after(chosen), start, "CANCELCIC"))
    carriers = plans.MEDICAL_CARRIERS if policy.coverage == plans.MEDICAL else plans.DENTAL_CARRIERS
    plan_id = random.choice(random.choice(carriers).plans(policy.coverage))
    origin = THROUGH_BROKER if _associated(life, chosen) else ONLINE
    return _enroll(life, brokers, policy.members, policy.coverage, plan_id, chosen, start, origin)


def _sent(life: Life, policy: Policy) -> datetime:
    """The first batch after the one that brought the policy."""
    added = next(told.at for told in life.told if told.kind == Kind.ADD and told.policy.policy_id == policy.policy_id)
    return days.batch_after(added)
