"""`aor discrepancies`: a broker's returned workbook in, the determinations confirmed, the answer out."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from aor.brokers import queries as brokers
from aor.discrepancies import answers, intake, queries, replies
from aor.discrepancies import operations as discrepancies
from aor.discrepancies.queries import AsTold
from aor.incidents import operations as incidents
from aor.jobs.command import AorCommand, Outcome, UsageError, instant, refusal
from aor.terms.actor import Actor, Role, system
from aor.terms.npn import Npn
from aor.workbooks.discrepancy_return import TableRefused

BY = system("aor discrepancies")
MOST_TOLD = 20
STDIN = Path("-")


class Command(AorCommand):
    help = (
        "Takes in what a broker returned, with a receipt for every row; lets an officer confirm; writes the answer."
    )
    example = "aor discrepancies receive returned.xlsx --npn 1234567"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.set_defaults(does=None)
        verbs = parser.add_subparsers(metavar="receive | queue | confirm | answer | mail")
        receive = verbs.add_parser("receive", help="a returned workbook, or any table with its headings")
        receive.add_argument("file", metavar="FILE", type=Path)
        receive.add_argument("--npn", required=True, help="the broker who returned it")
        receive.set_defaults(does=self._receive)
        queue = verbs.add_parser("queue", help="what officers have to work, with the true findings")
        queue.set_defaults(does=self._queue)
        confirm = verbs.add_parser("confirm", help="an officer confirms the findings that are clear")
        confirm.add_argument("receipts", metavar="RECEIPT", nargs="*", help="only these; else all that are clear")
        confirm.add_argument("--by", required=True, metavar="NAME", help="the officer")
        confirm.set_defaults(does=self._confirm)
        answer = verbs.add_parser("answer", help="the workbook with the determination of every case")
        answer.add_argument("--npn", required=True)
        answer.add_argument("--out", required=True, type=Path, metavar="DIR")
        answer.set_defaults(does=self._answer)
        mail = verbs.add_parser("mail", help="an ordinary mail: kept apart, and answered with how to send safely")
        mail.add_argument("file", metavar="FILE.eml", type=Path, help="or -, as a mail server hands it over")
        mail.set_defaults(does=self._mail)
        for verb in (receive, queue, confirm, answer, mail):
            self._shared(verb)

    def _shared(self, verb: ArgumentParser) -> None:
        """What holds for every command may stand before the verb or after it."""
        verb.add_argument("--json", action="store_true", default=SUPPRESS, help="one JSON document")
        if settings.AOR_TIME_TRAVEL:
            verb.add_argument("--now", type=instant, default=SUPPRESS, help="the instant at which the command runs")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        if options["does"] is None:
            raise UsageError("say receive, queue, confirm, answer or mail")
        outcome: Outcome = options["does"](now=now, **options)
        return outcome

    def _receive(self, *, file: Path, npn: str, now: datetime, **_: Any) -> Outcome:
        if not file.is_file():
            raise UsageError(f"there is no file {file}")
        if not brokers.roster([_npn(npn)]):
            return refusal(f"broker {npn} is on no roster: nothing was received")
        try:
            received = intake.receive(file, name=file.name, npn=_npn(npn), by=BY, now=now)
        except TableRefused as refused:
            return refusal(f"{file.name}: {refused}")
        opened = incidents.report_returned(received.returned, npn=_npn(npn), batch=received.batch, by=BY, now=now)
        refused_rows = [{"line": one.line, "because": one.because} for one in received.returned.refused]
        document = {
            "batch": received.batch,
            "rows": received.rows,
            "receipts": [_receipt(one) for one in received.receipts],
            "refused": refused_rows,
            "not_theirs": [{"sheet": one.sheet, "line": one.line} for one in received.returned.incidents],
            "incidents": opened,
            "notices": list(received.returned.notices),
            "again": received.again,
        }
        words = [f"{one.receipt}: {one.state}; {one.determination}" for one in received.receipts[:MOST_TOLD]]
        words += [f"{number}: rows that are not theirs; the reports are withdrawn" for number in opened]
        head = f"{received.rows} rows, each with a receipt" if received.rows else "no row asks for a determination"
        return Outcome(document, "\n".join([head, *words]))

    def _queue(self, *, now: datetime, **_: Any) -> Outcome:
        found = queries.queue()
        queries.record_reads([claim for claim, _ in found], purpose="aor discrepancies queue", by=BY, now=now)
        rows = [
            {
                "receipt": claim.case.number,
                "npn": claim.npn,
                "determination": assessment.determination,
                "clear": assessment.clear,
                "policy_id": assessment.policy_id,
                "state": claim.case.state,
                "same_as": claim.same_as,
                "findings": queries.findings(assessment),
            }
            for claim, assessment in found
        ]
        words = (
            f"{row['receipt']}: {row['determination']}{'' if row['clear'] else ', for an officer'}" for row in rows
        )
        return Outcome(rows, "\n".join(words) or "nothing waits")

    def _confirm(self, *, receipts: list[str], by: str, now: datetime, **_: Any) -> Outcome:
        waiting = {claim.case.number: (claim.case.version, one.clear) for claim, one in queries.queue()}
        wanted = receipts or [number for number, (_, clear) in waiting.items() if clear]
        versions = {number: waiting.get(number, (0, False))[0] for number in wanted}
        refused = discrepancies.confirm_many(versions, by=Actor(Role.OFFICER, by), now=now)
        confirmed = [number for number in wanted if number not in refused]
        document = {
            "confirmed": confirmed,
            "refused": [{"receipt": number, "because": because} for number, because in refused.items()],
        }
        return Outcome(document, "\n".join([f"{len(confirmed)} determined", *refused.values()]))

    def _answer(self, *, npn: str, out: Path, now: datetime, **_: Any) -> Outcome:
        if not brokers.roster([_npn(npn)]):
            return refusal(f"broker {npn} is on no roster: there is nothing to answer")
        answer = answers.answer(_npn(npn), by=BY, purpose="answer handed out", now=now)
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / answer.name).write_bytes(answer.content)
        except OSError as trouble:
            return refusal(f"the answer cannot be written: {trouble.strerror}: {trouble.filename}")
        path = str(out / answer.name)
        document = {"npn": npn, "file": path, "cases": answer.cases, "determined": answer.determined}
        return Outcome(document, f"{path}: {answer.determined} of {answer.cases} cases are determined")

    def _mail(self, *, file: Path, now: datetime, **_: Any) -> Outcome:
        if file != STDIN and not file.is_file():
            raise UsageError(f"there is no file {file}")
        try:
            content = sys.stdin.buffer.read(replies.MOST_BYTES + 1) if file == STDIN else file.read_bytes()
            receipt = replies.receive_reply(replies.read(content), now=now)
        except replies.NotAMail as refused:
            return refusal(f"{file.name}: {refused}")
        return Outcome({"receipt": receipt}, f"{receipt}: kept apart, and answered with how to send safely")


def _npn(text: str) -> str:
    try:
        return Npn.parse(text)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None


def _receipt(told: AsTold) -> dict[str, object]:
    """What the broker may see, and no more: this document may be handed on to them."""
    return {
        "receipt": told.receipt,
        "sheet": told.sheet,
        "line": told.line,
        "state": told.state,
        "finding": told.finding.as_json(),
        "determination": told.determination,
        "what_to_do": told.what_to_do,
        "problems": list(told.problems),
        "place": told.place,
        "expected_on": told.expected_on.isoformat() if told.expected_on else None,
    }
