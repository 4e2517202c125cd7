"""The questions of one sending instant: which entries may go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from aor.policy import holding
from aor.policy.decision import Decision
from aor.policy.holding import SendFacts
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import plan_year_of
from aor.transmissions.lifecycle import Entry


class SendingDay:
    """Equal questions are answered once."""

    def __init__(
        self,
        at: datetime,
        parameters: Parameters,
        carriers: Mapping[str, CarrierFacts],
        standings: Mapping[str, BrokerStanding],
    ) -> None:
        self.at, self.parameters, self.carriers, self.standings = at, parameters, carriers, standings
        self._answers: dict[tuple[str, str, int, datetime | None, bool], Decision] = {}
        self._sent: dict[tuple[str, datetime | None], bool | None] = {}
        self._granted: dict[tuple[str, str, int, bool | None, bool], bool] = {}

    def granted(self, entry: Entry, hios: str, coverage_start: date, enrollment_sent_at: datetime | None) -> bool:
        """Whether an entry may go: of when its enrollment was sent, only ENROLLMENT_SENT asks."""
        sent = hios, enrollment_sent_at
        if sent not in self._sent:
            self._sent[sent] = holding.enrollment_sent(enrollment_sent_at, self.carrier(hios), self.at).met
        key = (entry.npn, hios, plan_year_of(coverage_start), self._sent[sent], entry.in_standing)
        answer = self._granted.get(key)
        if answer is None:
            decision = self.decision(entry, hios, coverage_start, enrollment_sent_at)
            answer = self._granted[key] = decision.granted
        return answer

    def carrier(self, hios: str) -> CarrierFacts:
        return self.carriers.get(hios) or CarrierFacts(hios, f"carrier {hios}", known=False)

    def decision(
        self, entry: Entry, hios: str, coverage_start: date, enrollment_sent_at: datetime | None
    ) -> Decision:
        key = (entry.npn, hios, plan_year_of(coverage_start), enrollment_sent_at, entry.in_standing)
        answer = self._answers.get(key)
        if answer is None:
            facts = SendFacts(
                npn=entry.npn,
                plan_year=key[2],
                carrier=self.carrier(hios),
                enrollment_sent_at=enrollment_sent_at,
                in_standing=entry.in_standing,
                standing=self.standings.get(entry.npn),
            )
            answer = self._answers[key] = holding.holding(facts, self.at, self.parameters)
        return answer
