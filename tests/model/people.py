"""The clock, and what consumers, brokers and officers do."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aor.acts import associate
from aor.associations.models import Association as Row
from aor.associations.models import Invitation
from aor.policy.association import Association, EndKind
from aor.policy.decision import Decision
from aor.terms.period import day_of, first_of_next_month
from tests.model.facts import BROKERS, EVERYBODY, NORTH, SOUTH, SUBSCRIBERS
from tests.model.marketplace import BY, CONSENT, CONSUMER, Marketplace

ONE = timedelta(days=1)
MOST_POLICIES = 6
who = st.sampled_from(SUBSCRIBERS)
brokers = st.sampled_from((*EVERYBODY, *BROKERS))
own_brokers = st.sampled_from(BROKERS)
scopes = st.sampled_from((None, None, None, 2026, 2027))
any_of = st.integers(0, 11)
carriers = st.sampled_from((NORTH, NORTH, SOUTH))
mostly = st.sampled_from((True, True, True, False))
ago = st.sampled_from((0, 0, 1, 12, 20, 45))


class Base(RuleBasedStateMachine):
    """Some months of a few households, four brokers and two carriers."""

    def __init__(self) -> None:
        super().__init__()
        self.m = Marketplace()
        self.invitations: list[tuple[int, str, str, str]] = []  # with code, subscriber, NPN
        self.invited_at: dict[int, datetime] = {}
        self.answered: set[int] = set()

    def teardown(self) -> None:
        whole = sys.exc_info()[0] is None
        if not whole:
            print(self.m.story())
        self.m.leave(whole=whole)

    @invariant()
    def all_is_as_the_readings_say(self) -> None:
        self.m.check()

    # the clock

    @rule(hours=st.sampled_from((1, 5, 26, 24 * 7, 24 * 15)))
    def wait(self, hours: int) -> None:
        self.m.act("wait")
        self.m.now += timedelta(hours=hours)

    @rule()
    def wait_for_the_next_month(self) -> None:
        self.m.act("wait")
        end = first_of_next_month(self.m.today)
        self.m.now += timedelta(days=(end - self.m.today).days)


class People(Base):
    """Every way to begin, end and undo an association."""

    def _began(
        self, decision: Decision, expected: bool, subscriber: str, npn: str, path: str, scope: int | None
    ) -> None:
        assert decision.granted == expected, decision
        if expected:
            row, confirmed_at = Row.objects.values_list("id", "confirmed_at").latest("id")
            at = self.m.facts.after(subscriber, self.m.now)
            assert confirmed_at == at
            self.m.facts.began(subscriber, Association(row, npn, path, at, scope, npn not in BROKERS), at)
            self.m.dirty = True

    def _apart(self, name: str, subscriber: str, npn: str) -> None:
        """Nobody confirms the same twice at one instant."""
        self.m.act(name)
        if any(of == subscriber and one.npn == npn and one.confirmed_at == self.m.now
               for of, one in self.m.facts.associations.values()):  # fmt: skip
            self.m.now += timedelta(seconds=1)

    def _replaces(self, subscriber: str, npn: str) -> bool:
        one = self.m.facts.open(subscriber, self.m.today)
        return one is not None and one.npn != npn

    def _locked(self, subscriber: str, npn: str) -> bool:
        return self.m.facts.locked(subscriber, self.m.today) and self._replaces(subscriber, npn)

    @rule(subscriber=who, npn=brokers, scope=scopes, second=mostly)
    def designate(self, subscriber: str, npn: str, scope: int | None, second: bool) -> None:
        self._apart("designate", subscriber, npn)
        expected = second or not self._replaces(subscriber, npn)
        decision = associate.designate(
            subscriber_id=subscriber, npn=npn, consent=CONSENT, second_factor=second, by=CONSUMER, now=self.m.now,
            plan_year=scope,
        )  # fmt: skip
        self._began(decision, expected, subscriber, npn, "designated", scope)

    @rule(subscriber=who, npn=own_brokers)
    def invite(self, subscriber: str, npn: str) -> None:
        self.m.act("invite")
        decision, code = associate.invite(
            subscriber_id=subscriber, npn=npn, contact="known@example.org", by=BY, now=self.m.now
        )
        assert decision.granted == self.m.facts.may_open(npn, self.m.today), decision
        if decision.granted:
            self.invitations.append((Invitation.objects.latest("id").pk, code, subscriber, npn))
            self.invited_at[self.invitations[-1][0]] = self.m.now

    @precondition(lambda self: self.invitations)
    @rule(which=any_of, scope=scopes, second=mostly)
    def confirm(self, which: int, scope: int | None, second: bool) -> None:
        self.m.act("confirm")
        id, code, subscriber, npn = self.invitations[which % len(self.invitations)]
        expected = (
            id not in self.answered
            and self.m.now < self.invited_at[id] + timedelta(days=14)
            and (second or not self._replaces(subscriber, npn))
            and not self._locked(subscriber, npn)
        )
        decision = associate.confirm(
            invitation=id, code=code, consent=CONSENT, second_factor=second, by=CONSUMER, now=self.m.now,
            plan_year=scope,
        )  # fmt: skip
        self._began(decision, expected, subscriber, npn, "invited", scope)
        if expected:
            self.answered.add(id)

    @precondition(lambda self: self.invitations)
    @rule(which=any_of, kind=st.sampled_from(("declined", "withdrawn", "expired")))
    def answer_invitation(self, which: int, kind: str) -> None:
        self.m.act("answer invitation")
        over = {id for id, at in self.invited_at.items() if self.m.now >= at + timedelta(days=14)}
        if kind == "expired":
            assert associate.expire_invitations(by=BY, now=self.m.now) == len(over - self.answered)
            self.answered |= over
            return
        id = self.invitations[which % len(self.invitations)][0]
        decision = associate.answer_invitation(invitation=id, kind=kind, by=CONSUMER, now=self.m.now)
        assert decision.granted == (id not in self.answered | over)
        if decision.granted:
            self.answered.add(id)

    @rule(subscriber=who, npn=own_brokers, second=mostly)
    def apply(self, subscriber: str, npn: str, second: bool) -> None:
        self._apart("application", subscriber, npn)
        expected = self.m.facts.may_open(npn, self.m.today) and not self._locked(subscriber, npn)
        expected = expected and (second or not self._replaces(subscriber, npn))
        decision = associate.submit_application(
            subscriber_id=subscriber, npn=npn, consent=CONSENT, second_factor=second, by=CONSUMER, now=self.m.now
        )
        self._began(decision, expected, subscriber, npn, "application", None)

    @rule(subscriber=who, npn=own_brokers, checked=mostly)
    def assist(self, subscriber: str, npn: str, checked: bool) -> None:
        self._apart("assist", subscriber, npn)
        decision = associate.assist(
            subscriber_id=subscriber, npn=npn, consent=CONSENT, identity_checked=checked, by=BY, now=self.m.now
        )
        self._began(decision, checked, subscriber, npn, "assisted", None)

    def _ended(
        self, decision: Decision, one: Association | None, kind: EndKind, at: datetime, scope: int | None = None
    ) -> None:
        assert decision.granted == (one is not None), decision
        if one is not None:
            self.m.facts.end(one.id, kind, at, scope)
            self.m.dirty = True

    def _within(self, subscriber: str, days: int, npn: str = "") -> Association | None:
        one = self.m.facts.open(subscriber, self.m.today)
        if one is None or (npn and one.npn != npn) or self.m.today > day_of(one.confirmed_at) + days * ONE:
            return None
        return one

    @rule(subscriber=who, scope=scopes)
    def end(self, subscriber: str, scope: int | None) -> None:
        self.m.act("end")
        one = self.m.facts.open(subscriber, self.m.today)
        decision = associate.end(subscriber_id=subscriber, by=CONSUMER, now=self.m.now, plan_year=scope)
        self._ended(decision, one, EndKind.ENDED, self.m.facts.after(subscriber, self.m.now), scope)

    @rule(subscriber=who)
    def undo(self, subscriber: str) -> None:
        self.m.act("undo")
        one = self._within(subscriber, 30)
        decision = associate.undo(subscriber_id=subscriber, by=CONSUMER, now=self.m.now)
        self._ended(decision, one, EndKind.UNDONE, self.m.now)

    @rule(subscriber=who, npn=brokers)
    def decline(self, subscriber: str, npn: str) -> None:
        self.m.act("decline")
        one = self._within(subscriber, 14, npn)
        decision = associate.decline(subscriber_id=subscriber, npn=npn, by=BY, now=self.m.now)
        self._ended(decision, one, EndKind.DECLINED, self.m.now)

    @rule(which=any_of)
    def resume(self, which: int) -> None:
        facts = self.m.facts
        declined = [row for row in facts.associations if facts.declined(row)]
        if not declined:
            return
        self.m.act("resume")
        row = declined[which % len(declined)]
        holder, one = facts.associations[row]
        people = [holder] if holder in SUBSCRIBERS else facts.together(f"H:{holder}", self.m.today)
        if not people:
            return
        subscriber = people[0]
        said_already = any(end.kind is EndKind.DECLINED_RESUMED for end in one.ends)
        expected = one if facts.open(subscriber, self.m.today) is None and not said_already else None
        decision = associate.resume(subscriber_id=subscriber, association=row, by=CONSUMER, now=self.m.now)
        self._ended(decision, expected, EndKind.DECLINED_RESUMED, self.m.now)

    @rule(subscriber=who, locked=st.booleans())
    def lock(self, subscriber: str, locked: bool) -> None:
        self.m.act("lock")
        associate.lock(subscriber_id=subscriber, locked=locked, by=CONSUMER, now=self.m.now)
        self.m.facts.locks.append((self.m.facts.key(subscriber, self.m.today), subscriber, locked))
