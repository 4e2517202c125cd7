"""What becomes known of enrollments, of what was before go-live, and of brokers' papers."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from aor.acts import settle
from aor.acts.loads import affected
from aor.brokers import operations as brokers
from aor.policy.attribution import Correction
from aor.record import operations as record
from aor.record.models import Correction as CorrectionRow
from aor.terms.period import Period, day_of, first_of_next_month
from tests.builders import Policy
from tests.model.facts import APPLICATIONS, BROKERS, SUBSCRIBERS, Event
from tests.model.marketplace import event
from tests.model.people import MOST_POLICIES, ONE, Base, ago, any_of, carriers, own_brokers, who

MENTIONS = ("", "", "", *BROKERS)  # whom enrollment files name in 1000C


class News(Base):
    """Enrollment files and imports, in any order."""

    def _told(self, kind: str, policy: str, *, sent_before: int = 0, until: date | None = None) -> Policy:
        """Says an event of a known policy to the facts, and gives the set that says it to the product."""
        first = self.m.facts.events[policy][0]
        sent = self.m.now - timedelta(hours=sent_before)
        told = event(kind, self.m, policy, first.subscriber, first.carrier, first.coverage, first.start, sent,
                     until, first.requested_on)  # fmt: skip
        self.m.facts.events[policy].append(told)
        return self._set(told)

    def _set(self, e: Event) -> Policy:
        last = None if e.until is None else e.until - ONE
        application = APPLICATIONS[e.subscriber]
        return Policy(
            e.policy, e.subscriber, e.start, "024" if e.kind == "cancel" else e.kind,
            e.start if e.kind == "cancel" else last, e.coverage, f"{e.carrier}MN0010001",
            application=f"{application}-1" if application else "",
            submitted=f"{e.requested_on:%Y%m%d}10000000", broker=e.mentions,
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
        sent=st.sampled_from((0, 0, 0, -30, 50)), days=ago, mentions=st.sampled_from(MENTIONS),
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
    @rule(which=any_of, kind=st.sampled_from(("024", "024", "cancel", "025", "025", "021")),
          late=st.sampled_from((0, 0, 30)), months=st.integers(0, 5), end=st.sampled_from((0, 0, 9)))  # fmt: skip
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
    @rule(which=any_of, months=st.integers(0, 3), early=st.booleans(), heir=st.sampled_from(("", "", *SUBSCRIBERS)))
    def cancel_and_replace(self, which: int, months: int, early: bool, heir: str) -> None:
        """The same coverage under another policy; of `heir`, who is the primary enrollee from now on."""
        self.m.act("new primary enrollee" if heir else "cancel and replace")
        self.m.isa13 += 1
        policy = list(self.m.facts.events)[which % len(self.m.facts.events)]
        first = self.m.facts.events[policy][0]
        start = date(first.start.year, min(first.start.month + months, 12), 1)
        start = max(start, first.start)
        gone = self._told("cancel" if start == first.start or early else "024", policy,
                          until=None if start == first.start or early else start)  # fmt: skip
        new = self._new(
            heir or first.subscriber, first.carrier, first.coverage, first.start if early else start, 0, 0
        )
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

    @precondition(lambda self: self.m.done > 60)
    @rule(npn=own_brokers, days=ago)
    def die(self, npn: str, days: int) -> None:
        """Or the day of a death is corrected."""
        self.m.act("death")
        day = self.m.today - days * ONE
        if brokers.died(npn=npn, died_on=day, now=self.m.now):
            with transaction.atomic():
                record.mark_due(affected.of_brokers([npn]), cause="death", now=self.m.now)
            settle.settle(now=self.m.now)
        self.m.facts.books[npn].died = day
        self.m.dirty = True

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
