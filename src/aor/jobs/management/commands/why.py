"""`aor why`: the story of one enrollment."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.audit import operations as journal
from aor.enrollments import queries as enrollments
from aor.jobs.command import AorCommand, Outcome, day, instant, refusal
from aor.policy.decision import Finding
from aor.terms import actor
from aor.terms.period import ZONE, day_of
from aor.transmissions import story
from aor.transmissions.story import Story


class Command(AorCommand):
    help = "Who is agent of record of a policy on a day, and why: findings, cures, what was sent and answered."
    example = "aor why 21000001 --on 2026-03-01"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "policy", metavar="POLICY", help="an exchange policy id; HIOS:POLICY where carriers share it"
        )
        parser.add_argument("--on", type=day, metavar="DAY", help="the day asked about (today)")
        parser.add_argument("--known-at", type=instant, metavar="INSTANT", help="as known at an instant")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        policy = options["policy"]
        found = story.find(policy)
        if not found:
            return refusal(f"no enrollment with the policy id {policy} is known{_waiting(policy)}")
        if len(found) > 1:
            names = ", ".join(f"{hios}:{policy}" for hios in found.values())
            return refusal(f"policy {policy} is known under several carriers; ask for one of {names}")
        (enrollment,) = found
        journal.record_read(
            subject=("enrollment", policy), what="its story", purpose="aor why", by=actor.system("aor why"), at=now
        )
        told = story.why(enrollment, on=options["on"] or day_of(now), now=now, known_at=options["known_at"])
        return Outcome(told.as_json(), _words(told))


def _waiting(policy: str) -> str:
    kept = [f"its {kind} of {day_of(sent)}" for _, kind, sent in enrollments.waiting_for(policy)]
    return f"; {', '.join(kept)} is kept and waits for its addition (021)" if kept else ""


def _words(told: Story) -> str:
    lines = [told.sentence, ""]
    lines += [line for finding in told.findings for line in _of_finding(finding)]
    lines += ["", *(f"{at(chapter.at)}  {chapter.what}" for chapter in told.chapters)]
    return "\n".join(lines)


def _of_finding(finding: Finding) -> list[str]:
    mark = {True: "met", False: "not met", None: "not known"}[finding.met]
    lines = [f"{finding.rule} ({mark}): {finding.because} [{finding.cites}]"]
    return [*lines, f"  cure: {finding.cure}"] if finding.cure and not finding.met else lines


def at(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"
