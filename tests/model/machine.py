"""The rules: what people, carriers and the clock may do, in any order, against the real acts and commands."""

from __future__ import annotations

import sys
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aor.acts import associate
from aor.associations.models import Association as Row
from aor.associations.models import Invitation
from aor.close import operations as closing
from aor.close.steps import Wanted
from aor.policy.association import Association, EndKind
from aor.policy.attribution import Correction
from aor.policy.decision import Decision
from aor.record.models import Correction as CorrectionRow
from aor.terms.period import Period, day_of, first_of_next_month
from aor.transmissions import operations as transmissions
from tests.builders import Policy
from tests.model.facts import APPLICATIONS, BROKERS, EVERYBODY, NORTH, SOUTH, SUBSCRIBERS
from tests.model.marketplace import BY, CONSENT, CONSUMER, Marketplace, event

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


class Life(RuleBasedStateMachine):
    """Some months of a few households, four brokers and two carriers."""

    def __init__(self) -> None:
        super().__init__()
        self.m = Marketplace()
        self.invitations: list[tuple[int, str, str, str]] = []

    def teardown(self) -> None:
        whole = sys.exc_info()[0] is None
        if not whole:
            print(self.m.story())
        self.m.leave(whole=whole)

    @invariant()
    def all_is_as_the_readings_say(self) -> None:
        self.m.check()

    @initialize(npn=own_brokers, carrier=carriers, months=st.sampled_from((0, 2, 4)), first=st.booleans())
    def begin(self, npn: str, carrier: str, months: int, first: bool) -> None:
        """A household with an enrollment and a broker, of whom either may come first."""
        for _ in range(months):
            self.wait_for_the_next_month()
        steps = [
            lambda: self.designate("S1", npn, None, True),
            lambda: self.enroll("S1", carrier, "HLT", 1, 0, 0, 1, ""),
        ]
        for step in steps if first else reversed(steps):
            step()
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

    # associations

    def _began(
        self, decision: Decision, expected: bool, subscriber: str, npn: str, path: str, scope: int | None
    ) -> None:
        assert decision.granted == expected, decision
        if expected:
            row = Row.objects.latest("id").pk
            one = Association(row, npn, path, self.m.now, scope, npn not in BROKERS)
            self.m.facts.associations[row] = subscriber, one
            self.m.dirty = True

    def _apart(self, name: str, subscriber: str, npn: str) -> None:
        """Nobody confirms the same twice at one instant."""
        self.m.act(name)
        if any(of == subscriber and one.npn == npn and one.confirmed_at == self.m.now
               for of, one in self.m.facts.associations.values()):  # fmt: skip
            self.m.now += timedelta(seconds=1)

    def _replaces(self, subscriber: str, npn: str) -> bool:
        one = self.m.facts.open(subscriber)
        return one is not None and one.npn != npn

    def _locked(self, subscriber: str, npn: str) -> bool:
        return self.m.facts.locked(subscriber) and self._replaces(subscriber, npn)

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
            self.sent_at = {**getattr(self, "sent_at", {}), self.invitations[-1][0]: self.m.now}

    @precondition(lambda self: self.invitations)
    @rule(which=any_of, scope=scopes, second=mostly, again=st.booleans())
    def confirm(self, which: int, scope: int | None, second: bool, again: bool) -> None:
        self.m.act("confirm")
        id, code, subscriber, npn = self.invitations[which % len(self.invitations)]
        answered: set[int] = self.__dict__.setdefault("answered", set())
        expected = (
            id not in answered
            and self.m.now < self.sent_at[id] + timedelta(days=14)
            and (second or not self._replaces(subscriber, npn))
            and not self._locked(subscriber, npn)
        )
        decision = associate.confirm(
            invitation=id, code=code, consent=CONSENT, second_factor=second, by=CONSUMER, now=self.m.now,
            plan_year=scope,
        )  # fmt: skip
        self._began(decision, expected, subscriber, npn, "invited", scope)
        if expected:
            answered.add(id)

    @precondition(lambda self: self.invitations)
    @rule(which=any_of, kind=st.sampled_from(("declined", "withdrawn", "expired")))
    def answer_invitation(self, which: int, kind: str) -> None:
        self.m.act("answer invitation")
        answered: set[int] = self.__dict__.setdefault("answered", set())
        over = {id for id, at in self.sent_at.items() if self.m.now >= at + timedelta(days=14)}
        if kind == "expired":
            assert associate.expire_invitations(by=BY, now=self.m.now) == len(over - answered)
            answered |= over
            return
        id = self.invitations[which % len(self.invitations)][0]
        decision = associate.answer_invitation(invitation=id, kind=kind, by=CONSUMER, now=self.m.now)
        assert decision.granted == (id not in answered | over)
        if decision.granted:
            answered.add(id)

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

    def _ended(self, decision: Decision, one: Association | None, kind: EndKind, scope: int | None = None) -> None:
        assert decision.granted == (one is not None), decision
        if one is not None:
            self.m.facts.end(one.id, kind, self.m.now, scope)
            self.m.dirty = True

    def _within(self, subscriber: str, days: int, npn: str = "") -> Association | None:
        one = self.m.facts.open(subscriber)
        if one is None or (npn and one.npn != npn) or self.m.today > day_of(one.confirmed_at) + days * ONE:
            return None
        return one

    @rule(subscriber=who, scope=scopes)
    def end(self, subscriber: str, scope: int | None) -> None:
        self.m.act("end")
        one = self.m.facts.open(subscriber)
        decision = associate.end(subscriber_id=subscriber, by=CONSUMER, now=self.m.now, plan_year=scope)
        self._ended(decision, one, EndKind.ENDED, scope)

    @rule(subscriber=who)
    def undo(self, subscriber: str) -> None:
        self.m.act("undo")
        one = self._within(subscriber, 30)
        self._ended(associate.undo(subscriber_id=subscriber, by=CONSUMER, now=self.m.now), one, EndKind.UNDONE)

    @rule(subscriber=who, npn=brokers)
    def decline(self, subscriber: str, npn: str) -> None:
        self.m.act("decline")
        one = self._within(subscriber, 14, npn)
        decision = associate.decline(subscriber_id=subscriber, npn=npn, by=BY, now=self.m.now)
        self._ended(decision, one, EndKind.DECLINED)

    @rule(which=any_of)
    def resume(self, which: int) -> None:
        facts = self.m.facts
        declined = [row for row in facts.associations if facts.declined(row)]
        if not declined:
            return
        self.m.act("resume")
        row = declined[which % len(declined)]
        subscriber, one = facts.associations[row]
        expected = one if facts.open(subscriber) is None else None
        decision = associate.resume(subscriber_id=subscriber, association=row, by=CONSUMER, now=self.m.now)
        self._ended(decision, expected, EndKind.DECLINED_RESUMED)

    @rule(subscriber=who, locked=st.booleans())
    def lock(self, subscriber: str, locked: bool) -> None:
        self.m.act("lock")
        associate.lock(subscriber_id=subscriber, locked=locked, by=CONSUMER, now=self.m.now)
        self.m.facts.locks.append((subscriber, locked))

    # enrollments

    def _told(self, kind: str, policy: str, *, sent_before: int = 0, until: date | None = None) -> Policy:
        """Says an event of a known policy to the facts, and gives the set that says it to the product."""
        first = self.m.facts.events[policy][0]
        sent = self.m.now - timedelta(hours=sent_before)
        told = event(kind, self.m, policy, first.subscriber, first.carrier, first.coverage, first.start, sent,
                     until, first.requested_on)  # fmt: skip
        self.m.facts.events[policy].append(told)
        return self._set(told)

    def _set(self, told: object) -> Policy:
        e = told
        last = None if e.until is None else e.until - ONE  # type: ignore[attr-defined]
        application = APPLICATIONS[e.subscriber]  # type: ignore[attr-defined]
        return Policy(
            e.policy, e.subscriber, e.start, "024" if e.kind == "cancel" else e.kind,  # type: ignore[attr-defined]
            e.start if e.kind == "cancel" else last, e.coverage, f"{e.carrier}MN0010001",  # type: ignore[attr-defined]
            application=f"{application}-1" if application else "",
            submitted=f"{e.requested_on:%Y%m%d}10000000", broker=e.mentions,  # type: ignore[attr-defined]
        )  # fmt: skip

    def _new(self, subscriber: str, carrier: str, coverage: str, start: date, sent: int, days: int,
             mentions: str = "") -> Policy:  # fmt: skip
        policy = f"P{len(self.m.facts.events) + 1}"
        at = self.m.now + timedelta(hours=sent)
        told = event("021", self.m, policy, subscriber, carrier, coverage, start, at, None,
                     day_of(at) - days * ONE, mentions)  # fmt: skip
        self.m.facts.events[policy] = [told]
        return self._set(told)

    @precondition(lambda self: len(self.m.facts.events) < MOST_POLICIES)
    @rule(
        subscriber=who, carrier=carriers, coverage=st.sampled_from(("HLT", "HLT", "DEN")),
        months=st.sampled_from((-2, 0, 1, 1, 2)), mid=st.sampled_from((0, 0, 0, 14)),
        sent=st.sampled_from((0, 0, 0, -30, 50)), days=ago, mentions=st.sampled_from(("",)),
    )  # fmt: skip
    def enroll(
        self, subscriber: str, carrier: str, coverage: str, months: int, mid: int, sent: int, days: int,
        mentions: str,
    ) -> None:  # fmt: skip
        self.m.act("enroll")
        self.m.isa13 += 1
        month = self.m.today.year * 12 + self.m.today.month - 1 + months
        start = max(date(month // 12, month % 12 + 1, 1), date(2026, 1, 1)) + mid * ONE
        one = self._new(subscriber, carrier, coverage, start, sent, days, mentions)
        self.m.receive(one, carrier=carrier, sent=self.m.now + timedelta(hours=sent))

    @precondition(lambda self: self.m.facts.events)
    @rule(which=any_of, kind=st.sampled_from(("024", "024", "cancel", "025", "025", "021")), late=st.sampled_from((0, 0, 30)),
          months=st.integers(0, 5), end=st.sampled_from((0, 0, 9)))  # fmt: skip
    def change(self, which: int, kind: str, late: int, months: int, end: int) -> None:
        self.m.act("change of coverage")
        self.m.isa13 += 1
        policy = list(self.m.facts.events)[which % len(self.m.facts.events)]
        first = self.m.facts.events[policy][0]
        month = first.start.month + months
        until = None
        if kind == "024":
            until = max(date(first.start.year + month // 13, (month - 1) % 12 + 1, 1) + end * ONE, first.start + ONE)
        one = self._told(kind, policy, sent_before=late, until=until)
        self.m.receive(one, carrier=first.carrier, sent=self.m.now - timedelta(hours=late))

    @precondition(lambda self: self.m.facts.events and len(self.m.facts.events) < MOST_POLICIES)
    @rule(which=any_of, months=st.integers(0, 3), early=st.booleans())
    def cancel_and_replace(self, which: int, months: int, early: bool) -> None:
        self.m.act("cancel and replace")
        self.m.isa13 += 1
        policy = list(self.m.facts.events)[which % len(self.m.facts.events)]
        first = self.m.facts.events[policy][0]
        start = date(first.start.year, min(first.start.month + months, 12), 1)
        start = max(start, first.start)
        gone = self._told("cancel" if start == first.start or early else "024", policy,
                          until=None if start == first.start or early else start)  # fmt: skip
        new = self._new(first.subscriber, first.carrier, first.coverage, first.start if early else start, 0, 0)
        self.m.receive(gone, new, carrier=first.carrier, sent=self.m.now)

    @precondition(lambda self: self.m.facts.events)
    @rule(which=any_of, npn=own_brokers, months=st.integers(0, 3), length=st.sampled_from((0, 0, 1, 3)))
    def opening_balance(self, which: int, npn: str, months: int, length: int) -> None:
        policy = list(self.m.facts.events)[which % len(self.m.facts.events)]
        if self.m.carriers.told(policy):
            return  # what a carrier knew before go-live comes before what we told it
        self.m.act("opening balance")
        first = self.m.facts.events[policy][0]
        start = date(first.start.year, min(first.start.month + months, 12), 1) if months else first.start
        until = None
        if length:
            until = first_of_next_month(start)
            for _ in range(length - 1):
                until = first_of_next_month(until)
        sent_on = date(2025, 10, 1)
        self.m.load("agents-of-record", exchange_policy_id=policy, hios_issuer_id=first.carrier, npn=npn,
                    effective_from=start, effective_until=until or "", sent_on=sent_on, source="before")  # fmt: skip
        row = CorrectionRow.objects.known_at().get(policy_id=policy, effective_from=start).pk
        kept = [c for c in self.m.facts.balances.get(policy, []) if c.period.start != start]
        new = Correction(row, "opening balance", npn, Period(start, until), min(start, sent_on), "before")
        self.m.facts.balances[policy] = [*kept, new]
        self.m.facts.balances_sent[row] = sent_on

    # standing

    @rule(npn=own_brokers, year=st.sampled_from((2026, 2027)), days=ago)
    def certify(self, npn: str, year: int, days: int) -> None:
        book, since = self.m.facts.books[npn].certified, self.m.today - days * ONE
        if (year, since) in book or any(until and since <= until for until in book.values()):
            return
        self.m.act("certify")
        self.m.load("certifications", npn=npn, plan_year=year, certified_on=since, revoked_on="")
        book[year, since] = None

    @rule(npn=own_brokers, days=ago)
    def revoke_certifications(self, npn: str, days: int) -> None:
        book, day = self.m.facts.books[npn].certified, self.m.today - days * ONE
        for (year, since), until in list(book.items()):
            if until is None and since < day:
                self.m.act("revoke certification")
                self.m.load("certifications", npn=npn, plan_year=year, certified_on=since, revoked_on=day)
                book[year, since] = day
                self.m.check()

    @rule(npn=own_brokers, days=ago, revoked=st.sampled_from((False, False, True)))
    def lapse(self, npn: str, days: int, revoked: bool) -> None:
        book, last = self.m.facts.books[npn].licensed, self.m.today - days * ONE
        since = max(book, default=date.max)
        if since >= last or book[since][0] is not None:
            return
        self.m.act("lapse of licence")
        self._license(npn, since, last, "Revoked" if revoked else "Expired")
        # A licence that is closed while its last day is not over ended, as far as anybody knows, that day.
        book[since] = min(last, self.m.today - ONE), revoked

    @rule(npn=own_brokers, days=ago, same=st.booleans())
    def renew(self, npn: str, days: int, same: bool) -> None:
        book = self.m.facts.books[npn].licensed
        since = max(book)
        last, revoked = book[since]
        if last is None or (revoked and same):
            return
        start = since if same else max(self.m.today - days * ONE, last + ONE)
        self.m.act("renewal of licence")
        self._license(npn, start, None, "Active")
        book[start] = None, False

    def _license(self, npn: str, since: date, last: date | None, status: str) -> None:
        self.m.load("licenses", npn=npn, state="MN", license_number=f"L{npn}", license_class="", residency="",
                    line_of_authority="Accident & Health", status=status, effective_date=since,
                    expiration_date=last or "")  # fmt: skip

    @rule(npn=own_brokers, carrier=carriers, days=ago)
    def appoint(self, npn: str, carrier: str, days: int) -> None:
        book, since = self.m.facts.books[npn].appointed, self.m.today - days * ONE
        if (carrier, since) in book:
            return
        self.m.act("appoint")
        self._appointment(npn, carrier, since, None, "Active")
        book[carrier, since] = None

    @rule(npn=own_brokers, carrier=carriers, days=ago)
    def terminate_appointment(self, npn: str, carrier: str, days: int) -> None:
        book, last = self.m.facts.books[npn].appointed, self.m.today - days * ONE
        for (hios, since), until in list(book.items()):
            if hios == carrier and until is None and since <= last:
                self.m.act("termination of appointment")
                self._appointment(npn, carrier, since, last, "Terminated")
                book[carrier, since] = last
                self.m.check()

    def _appointment(self, npn: str, carrier: str, since: date, last: date | None, status: str) -> None:
        self.m.load("appointments", npn=npn, company_name="", naic_company_code=carrier, state="MN",
                    line_of_authority="", status=status, effective_date=since, termination_date=last or "",
                    termination_reason="")  # fmt: skip

    # carriers

    @rule(carrier=st.sampled_from(("", "", NORTH, SOUTH)))
    def send(self, carrier: str) -> None:
        self.m.act("send")
        # The second run of a carrier that has a cutoff takes what is ready now.
        for _ in range(2 if carrier else 1):
            sent = transmissions.send(by=BY, now=self.m.now, carrier=carrier)
            assert not sent.failed, sent.findings
            files = self.m.carriers.read(self.m.now)
            assert [file.envelope.isa13 for file in files] == sorted(one.isa13 for one in sent.interchanges)
            for file in files:
                for said in file.sets:
                    self.m.handed_over(said)
            self.m.dirty = True
            self.m.check()
        for hios in (carrier,) if carrier else (NORTH,):
            self.m.everything_told(hios)

    @precondition(lambda self: self.m.carriers.files)
    @rule(which=any_of, how=st.sampled_from(("accept", "accept", "reject", "mixed", "refuse", "take", "stranger")))
    def answer(self, which: int, how: str) -> None:
        self.m.act("answer")
        files = self.m.carriers.files
        file = files[-1 - which % len(files)]
        if how == "stranger":
            self.m.carriers.stranger(file, self.m.now)
        else:
            self.m.carriers.answer(file, how, self.m.now)

    @precondition(lambda self: self.m.carriers.waiting)
    @rule(which=any_of, twice=st.booleans())
    def collect(self, which: int, twice: bool) -> None:
        self.m.act("collect")
        self.m.carriers.leave(which, twice=twice)
        transmissions.collect(by=BY, now=self.m.now)
        self.m.carriers.collected()
        self.m.dirty = True

    @precondition(lambda self: self.m.carriers.files)
    @rule(which=any_of)
    def resend(self, which: int) -> None:
        self.m.act("resend")
        files = self.m.carriers.files
        asked = files[-1 - which % len(files)]
        expected = [said for said in asked.sets if self.m.may_go_again(said)]
        try:
            transmissions.resend(by=BY, now=self.m.now, isa13=asked.envelope.isa13)
        except transmissions.CannotResend:
            assert not expected, expected
            return
        went = [said for file in self.m.carriers.read(self.m.now) for said in file.sets]
        assert sorted((s.policy, s.npn, s.day) for s in went) == sorted((s.policy, s.npn, s.day) for s in expected)
        for said in went:
            self.m.handed_over(said, again=True)
        self.m.dirty = True

    # the month

    @rule(how=st.sampled_from(("accept", "accept", "reject", "mixed", "refuse")), twice=st.booleans(),
          closes=st.booleans())  # fmt: skip
    def a_month_goes_by(self, how: str, twice: bool, closes: bool) -> None:
        """The timetable: sent, answered, collected, and the month before closed."""
        self.send("")
        for which, _ in enumerate([f for f in self.m.carriers.files if not any(s.answers for s in f.sets)][-2:]):
            self.answer(which, how)
            self.collect(0, twice)
            self.m.check()
        self.wait_for_the_next_month()
        if closes and self.m.month_to_close is not None:
            self.close(waive=False)

    @precondition(lambda self: self.m.month_to_close is not None)
    @rule(waive=st.booleans())
    def close(self, waive: bool) -> None:
        self.m.act("close")
        month = self.m.month_to_close
        assert month is not None
        if not waive:
            # The last run of the month, if it is still to be made up for.
            self.send("")
        waivers = [Wanted("ALL_SENT", "told by telephone", "officer 1")]
        result = closing.close(month, by=BY, now=self.m.now, waivers=waivers)
        assert result.state == "closed", result
        self.m.closed = month
        self.m.books_are_right(month, result.sums["all"])
