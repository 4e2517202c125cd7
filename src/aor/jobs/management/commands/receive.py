"""`aor receive`: any X12 file of the marketplace's carriers or of the eligibility system."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.acts import receive as act
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError
from aor.policy.decision import Finding
from aor.terms import actor
from aor.transmissions import operations as transmissions
from aor.x12 import reader


class Command(AorCommand):
    help = "Receive X12 files: an 834 becomes enrollments, a TA1 or 999 acknowledgments."
    example = "aor receive enrollments.834"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--strict", action="store_true", help="exit 1 when any file was refused")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        missing = [str(path) for path in options["files"] if not path.is_file()]
        if missing:
            raise UsageError(f"no such file: {', '.join(missing)}")
        answers = []
        for path in options["files"]:
            self.progress(f"reading {path.name}")
            answers.append(_receive(path, now=now))
        accepted = sum(bool(answer["accepted"]) for answer in answers)
        words = "\n".join(_words(answer) for answer in answers)
        failed = accepted == 0 or (options["strict"] and accepted < len(answers))
        return Outcome({"files": answers}, words, REFUSED if failed else DONE)


def _receive(path: Path, *, now: datetime) -> dict[str, Any]:
    with path.open("rb") as stream:
        kind = reader.kind_of(stream)
    by = actor.system("aor receive")
    if kind in ("999", "TA1"):
        taken = transmissions.receive_acknowledgments(path, by=by, now=now)
        return _answer(path, kind, taken.accepted, acknowledged=taken.acknowledged, findings=taken.findings)
    received = act.receive(path, by=by, now=now)
    return _answer(path, "834", received.accepted, enrollments=received.enrollments, findings=received.findings)


def _answer(
    path: Path, kind: str, accepted: bool, *, enrollments: int = 0, acknowledged: int = 0, findings: list[Finding]
) -> dict[str, Any]:
    return {
        "name": path.name,
        "kind": kind,
        "accepted": accepted,
        "enrollments": enrollments,
        "acknowledged": acknowledged,
        "findings": [finding.as_json() for finding in findings],
    }


def _words(answer: dict[str, Any]) -> str:
    if not answer["accepted"]:
        because = "\n".join(f"  {finding['because']}" for finding in answer["findings"])
        return f"{answer['name']}: refused as a whole\n{because}"
    if answer["kind"] == "834":
        return f"{answer['name']}: {answer['enrollments']} enrollments taken"
    return f"{answer['name']}: {answer['acknowledged']} acknowledgments taken"
