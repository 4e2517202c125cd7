"""Households as the marketplace knows them: imported, joined by others, left by some, with brokers of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from aor.associations.models import Association as Row
from aor.policy.association import Association
from aor.terms.period import first_of_next_month
from tests.model.facts import HOMES
from tests.model.people import ONE, Base, ago, any_of, own_brokers, who

homes = st.sampled_from(HOMES)
ALWAYS = date.min


class Homes(Base):
    """Marriages, divorces, households that merge: as rows of imports, whatever day they speak of. And a clock that
    goes back.
    """

    @precondition(lambda self: self.m.may_go_back())
    @rule()
    def the_clock_goes_back_an_hour(self) -> None:
        self.m.act("clock back")
        self.m.goes_back()

    @rule(
        subscriber=who, home=homes, since=st.sampled_from(("always", "day", "first", "first")), days=ago,
        until=st.sampled_from((0, 0, 0, 1, 40)),
    )  # fmt: skip
    def move(self, subscriber: str, home: str, since: str, days: int, until: int) -> None:
        """A subscriber is of a household: alone in it until others come, so that it may be a merge."""
        self.m.act("household")
        day = self.m.today - (days - 12) * ONE
        start = {"always": ALWAYS, "day": day, "first": first_of_next_month(day)}[since]
        last = None if not until else (self.m.today if start == ALWAYS else start) + until * ONE
        self._stay(subscriber, home, start, last)

    @precondition(lambda self: self.m.facts.stays)
    @rule(which=any_of, days=ago, back=st.booleans())
    def leave(self, which: int, days: int, back: bool) -> None:
        """A divorce: who leaves is alone. Or it never was: the stay is told anew without its end."""
        stays = [(name, *stay) for name, own in self.m.facts.stays.items() for stay in own]
        subscriber, home, start = stays[which % len(stays)]
        day = self.m.today - (days - 12) * ONE
        if not back and day <= start:
            return
        self.m.act("household")
        self._stay(subscriber, home, start, None if back else day)

    def _stay(self, subscriber: str, home: str, start: date, until: date | None) -> None:
        cells = {"from": "" if start == ALWAYS else start, "until": until or ""}
        self.m.load(
            "households", household_id=home, exchange_subscriber_id=subscriber, is_primary_contact="N", **cells
        )
        self.m.facts.stays.setdefault(subscriber, {})[home, start] = until

    @precondition(lambda self: self.m.facts.stays)
    @rule(home=homes, npn=own_brokers, days=ago)
    def import_association(self, home: str, npn: str, days: int) -> None:
        """The broker of a household, under the household's own name."""
        at = datetime.combine(self.m.today - days * ONE, time(18, self.m.done % 60), UTC) - timedelta(days=1)
        if any((holder, one.npn, one.confirmed_at) == (home, npn, at)
               for holder, one in self.m.facts.associations.values()):  # fmt: skip
            return
        self.m.act("import association")
        self.m.load("associations", exchange_subscriber_id="", household_id=home, npn=npn, path="designated",
                    confirmed_at=at.isoformat(), ended_at="", consent_reference="C")  # fmt: skip
        row = Row.objects.latest("id").pk
        self.m.facts.began(home, Association(row, npn, "designated", at), self.m.now)
