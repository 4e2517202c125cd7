"""The books of closed months: every first hand-over is in exactly one of them (R5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from aor.policy.report import Sums
from aor.reports.models import Accounted, Line, Report
from aor.terms.month import Month

Identity = tuple[str, str, date]  # policy, NPN, first day


def right(sends: dict[Identity, date], month: Month, sums: Sums, before: set[Identity]) -> None:
    """`sends` are the first hand-overs by identity with their Date Sent, as they stand when `month` was closed.

    `before` are those of the months closed before: which entry an enrollment file told may have changed since, and
    a published row stays as it was (R4, R5).
    """
    in_month = {identity for identity, day in sends.items() if day in month}
    assert sums.sent == len(in_month), (sums, in_month)
    assert sums.sent + sums.carried_in == sums.reported + sums.excepted + sums.carried_out
    accounted: defaultdict[Identity, list[tuple[str, str, date]]] = defaultdict(list)
    rows = Accounted.objects.order_by("month").values_list(
        "enrollment__policy_id", "npn", "effective_from", "month", "outcome", "date_sent"
    )
    for policy, npn, day, when, outcome, sent_on in rows:
        accounted[policy, npn, day].append((when, outcome, sent_on))
    assert accounted.keys() <= sends.keys() | before, accounted.keys() - sends.keys() - before
    withdrawn = _withdrawn()
    for identity, day in sends.items():
        if day < month.until:
            own = [one for one in accounted[identity] if (*identity, one[0]) not in withdrawn or one[1] != "reported"]
            # Reported, withdrawn, reported again as the carrier took its rejection back, and rejected again.
            _accounted_for(identity, day, month, own or accounted[identity][-1:])
    own = Line.objects.filter(on_month=True, report__issue=1)
    shown = list(own.values_list("enrollment__policy_id", "npn", "effective_from", "report__month"))
    assert sorted(shown) == sorted(_reported(accounted.items()))


def _withdrawn() -> set[tuple[str, str, date, str]]:
    """What a first issue reported and the latest no longer does: the carrier rejected it after publication."""
    latest = {
        (month, npn): issue
        for month, npn, issue in Report.objects.order_by("issue").values_list("month", "npn", "issue")
    }
    columns = ("enrollment__policy_id", "npn", "effective_from", "report__month", "report__issue")
    shown: dict[tuple[str, str, date, str], set[int]] = defaultdict(set)
    for *line, issue in Line.objects.filter(on_month=True).values_list(*columns):
        shown[tuple(line)].add(issue)  # type: ignore[index]  # a row is a tuple of as many
    return {line for line, issues in shown.items() if latest[line[3], line[1]] not in issues}


def _accounted_for(identity: Identity, day: date, month: Month, own: list[tuple[str, str, date]]) -> None:
    assert own, f"{identity}, sent on {day}, is in no book"
    # Rejected after it was reported and handed over again: it is a send of that later day.
    since = [one for one in own if one[2] >= day] or own
    reported = [one for one in since if one[1] == "reported"]
    assert len(reported) <= 1, f"{identity} is reported twice: {own}"
    when, outcome, _ = own[-1]
    assert outcome != "carried out" or when == str(month), f"{identity} was carried out and never in: {own}"


def _reported(accounted: Iterable[tuple[Identity, list[tuple[str, str, date]]]]) -> list[tuple[str, str, date, str]]:
    return [(*identity, when) for identity, own in accounted for when, outcome, _ in own if outcome == "reported"]
