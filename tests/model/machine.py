"""The rules: what people, carriers and the clock may do, in any order, against the real acts and commands."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from aor.close import operations as closing
from aor.close.steps import Wanted
from aor.transmissions import operations as transmissions
from tests.model.facts import NORTH, SOUTH
from tests.model.homes import Homes
from tests.model.marketplace import BY
from tests.model.news import News
from tests.model.people import People, any_of, carriers, own_brokers


class Life(People, News, Homes):
    """Some months of a few households, four brokers and two carriers."""

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
            self.m.has_run(self.m.now)
            self.m.dirty = True
            self.m.check()
            for file in files:
                for said in file.sets:
                    self.m.handed_over(said)
            self.m.down -= {carrier} if carrier else {NORTH, SOUTH}
            self.m.dirty = True
            self.m.check()
        for hios in (carrier,) if carrier else (NORTH,):
            self.m.everything_told(hios)

    @rule(carrier=carriers)
    def send_while_a_mailbox_is_down(self, carrier: str) -> None:
        """Nothing goes, nothing is lost: the next run hands over what is still right, and composes the rest."""
        self.m.act("mailbox down")
        with self.m.carriers.down(carrier):
            sent = transmissions.send(by=BY, now=self.m.now, carrier=carrier)
            [unread] = [one for one in transmissions.collect(by=BY, now=self.m.now) if one.findings]
            assert (unread.name, unread.carrier) == ("", carrier)
        self.m.has_run(self.m.now)
        self.m.dirty = True
        assert sent.interchanges == []
        assert sent.failed == bool(sent.findings)
        if sent.failed:
            self.m.down.add(carrier)

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
        wanted = [(said.policy, said.npn, said.day) for said in expected]
        again = [said for said in went if (said.policy, said.npn, said.day) in wanted]
        assert sorted((said.policy, said.npn, said.day) for said in again) == sorted(wanted)
        assert len(went) == len(again) or asked.carrier in self.m.down
        for said in went:
            self.m.handed_over(said, again=said in again)
        self.m.down.discard(asked.carrier)
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
        """With a waiver, or after the run that was still to be made up for."""
        self.m.act("close")
        month = self.m.month_to_close
        assert month is not None
        if not waive:
            self.send("")
        waivers = [Wanted("ALL_SENT", "told by telephone", "officer 1")]
        result = closing.close(month, by=BY, now=self.m.now, waivers=waivers)
        assert result.state == "closed", result
        self.m.closed = month
        self.m.books_are_right(month, result.sums["all"])
