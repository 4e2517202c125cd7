"""The whole marketplace: what is learned on which day, and which enrollment files go to which carrier. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from aor.demo import brokers, days, enrollment_file, plans, story
from aor.demo.brokers import Brokers
from aor.demo.enrollment_file import Told
from aor.demo.plans import Carrier
from aor.demo.rosters import Learned
from aor.terms.month import Month
from aor.terms.period import ONE_DAY

FIRST_ISA13 = 501
MOST_SETS = 400


@dataclass(frozen=True, slots=True)
class EnrollmentFile:
    """One file of the eligibility system to one carrier; all its sets were sent at `at`."""

    at: datetime
    carrier: Carrier
    isa13: int
    sets: tuple[Told, ...]

    @property
    def name(self) -> str:
        local = self.at.astimezone(enrollment_file.EASTERN)
        return f"MN0.{self.carrier.hios}.D{local:%y%m%d}.T{local:%H%M%S}.{self.isa13:09d}.834"

    def content(self) -> bytes:
        return enrollment_file.write(self.carrier, self.sets, isa13=self.isa13)


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that others tell the product, in the order of time."""

    months: tuple[Month, ...]
    brokers: Brokers
    news: tuple[Learned, ...]
    files: tuple[EnrollmentFile, ...]


def make(*, households: int, brokers_: int, months: int, seed: int) -> Market:
    """The marketplace of a seed; each household's story depends on its number alone, never on how many there are."""
    span = days.months(months)
    last_day = span[-1].until - ONE_DAY
    people = brokers.make(brokers_, seed=seed)
    news = [Learned(days.GO_LIVE, "calendar", row) for row in days.open_enrollments(2025, span[-1].year + 2)]
    news += _carriers()
    news += brokers.learned(people, until=last_day, seed=seed)
    sent: defaultdict[tuple[datetime, str], list[Told]] = defaultdict(list)
    for number in range(1, households + 1):
        life = story.live(number, people, seed=seed, last_day=last_day)
        news += life.news
        for told in life.told:
            if told.at < days.at(span[-1].until, 0):
                sent[told.at, told.policy.carrier.hios].append(told)
    heard = sorted((item for item in news if item.day <= last_day), key=lambda item: item.day)
    return Market(tuple(span), people, tuple(heard), tuple(_files(sent)))


def _carriers() -> list[Learned]:
    """The roster of carriers; one answers only in January what shall be done without appointment data."""
    rows = [
        Learned(days.GO_LIVE, "carriers", carrier.row(unknown_appointment=None if carrier.appoints else ""))
        for carrier in plans.CARRIERS
    ]
    late = [carrier for carrier in plans.CARRIERS if not carrier.appoints]
    return rows + [Learned(days.FIRST_ANSWER, "carriers", carrier.row()) for carrier in late]


def _files(sent: dict[tuple[datetime, str], list[Told]]) -> list[EnrollmentFile]:
    files: list[EnrollmentFile] = []
    for at, hios in sorted(sent):
        # Within a household, what was told first stands first; households in the order of their numbers.
        sets = sent[at, hios]
        for first in range(0, len(sets), MOST_SETS):
            some = tuple(sets[first : first + MOST_SETS])
            files.append(EnrollmentFile(at, plans.BY_HIOS[hios], FIRST_ISA13 + len(files), some))
    return files
