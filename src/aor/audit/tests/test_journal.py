"""Acts, refusals and reads are kept as told, and give whole stories by subject."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from aor.audit import models, queries
from aor.audit import operations as journal
from aor.policy.decision import Decision, Finding
from aor.terms.actor import Actor, Role, system

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BROKER = Actor(Role.BROKER, "ann", "1234567")
REFUSED = Decision.of(
    Finding("LICENSED", True, "licensed since 2020", "R3", tested_on=date(2026, 1, 15)),
    Finding("APPOINTED", None, "HealthCo’s appointments are not known", "R3", cure="ask HealthCo"),
)


def test_a_refusal_is_told_as_fully_as_a_grant() -> None:
    act = journal.write(
        verb="designate",
        subject=("household", "H1"),
        by=BROKER,
        at=NOON,
        decision=REFUSED,
        parameters_version="2026.1",
        details={"carrier": "12345"},
    )
    assert queries.story(("household", "H1")) == [
        queries.Act(
            id=act,
            at=NOON,
            by=BROKER,
            verb="designate",
            subject=("household", "H1"),
            decision=queries.StoredDecision(REFUSED, "2026.1"),
            details={"carrier": "12345"},
        )
    ]


def test_a_story_joins_its_subjects_by_instant_and_leaves_out_the_others() -> None:
    ids = journal.store_decisions([REFUSED, Decision.of()], parameters_version="2026.1")
    journal.write(verb="end", subject=("household", "H1"), by=system("work"), at=NOON + timedelta(hours=2))
    journal.write_many(
        verb="attribute",
        entries=[journal.Entry(("enrollment", f"P{i}"), ids[i], {"i": i}) for i in range(2)],
        by=system("work"),
        at=NOON,
    )
    journal.write(verb="end", subject=("enrollment", "H1"), by=BROKER, at=NOON)
    story = queries.story(("household", "H1"), ("enrollment", "P1"))
    assert [(act.verb, act.subject) for act in story] == [
        ("attribute", ("enrollment", "P1")),
        ("end", ("household", "H1")),
    ]
    assert story[0].decision == queries.StoredDecision(Decision.of(), "2026.1")
    assert story[0].details == {"i": 1}
    earlier = queries.story(("household", "H1"), ("enrollment", "P1"), known_at=NOON)
    assert earlier == story[:1]


def test_every_read_of_a_list_is_recorded() -> None:
    journal.record_read(subject=("household", "H0"), what="names", purpose="service", by=BROKER, at=NOON)
    subjects = (("household", f"H{i}") for i in range(3))
    assert journal.record_reads(subjects=subjects, what="report", purpose="report", by=BROKER, at=NOON) == 3
    reads = models.Read.objects.values_list("actor_role", "actor_npn", "subject_id", "what").order_by("id")
    assert list(reads)[1:] == [("broker", "1234567", f"H{i}", "report") for i in range(3)]


def test_a_decision_without_its_parameters_is_not_kept() -> None:
    with pytest.raises(ValueError, match="version of the parameters"):
        journal.write(verb="designate", subject=("household", "H1"), by=BROKER, at=NOON, decision=REFUSED)
    assert not models.Act.objects.exists()
