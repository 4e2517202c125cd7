"""Lines, their canonical form and hash, and new issues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from aor.reports import compose
from aor.reports.compose import Draft, LineFacts
from aor.terms.month import Month


def line(policy: str, day: int = 5, *, year: int = 2026, npn: str = "1234567") -> LineFacts:
    return LineFacts(
        enrollment=int(policy[1:]),
        on_month=True,
        date_sent=date(2026, 10, day),
        last_name=f"Łast{policy}",
        first_name="First",
        birth_date=None,
        policy_id=policy,
        hios_issuer_id="11111",
        carrier_name="North Health",
        coverage_kind="HLT",
        coverage_effective=date(year, 1, 1),
        broker_name="Ana Broker",
        npn=npn,
        effective_from=date(year, 1, 1),
        channel="set",
    )


def draft(*lines: LineFacts) -> Draft:
    return Draft(Month(2026, 10), "1234567", 1, "Ana Broker", "", "2026", compose.ordered(lines), ())


def test_the_hash_follows_what_is_published_and_not_this_databases_keys() -> None:
    one = line("P1")
    assert compose.canonical([one]) == compose.canonical([replace(one, enrollment=99)])
    assert compose.canonical([one]) != compose.canonical([replace(one, first_name="Other")])
    assert draft(line("P2"), one).lines_sha256 == draft(one, line("P2")).lines_sha256
    assert "ŁastP1" in compose.canonical([one]).decode()


def test_a_line_of_another_broker_is_counted() -> None:
    assert draft(line("P1")).foreign == 0
    assert draft(line("P1"), line("P2", npn="7654321")).foreign == 1


def test_a_new_issue_lacks_the_withdrawn_rows_and_says_why() -> None:
    new = compose.reissue(draft(line("P1"), line("P2")), [line("P1")])
    assert new.number == "AOR-2026-10-1234567-2"
    assert [one.policy_id for one in new.lines] == ["P2"]
    assert new.note == "Replaces issue 1: 1 row was rejected by the carrier after publication."
    assert [(row.last_name, row.state) for row in new.withheld] == [("ŁastP1", "rejected")]


def test_the_year_to_date_has_the_current_plan_years_each_as_first_published() -> None:
    earlier = line("P1", day=1)
    changed = replace(earlier, last_name="Changed")
    found = compose.to_date(
        draft(changed, line("P2")),
        {earlier.identity: earlier, (3, "1234567", date(2025, 1, 1)): line("P3", year=2025)},
    )
    assert [(one.policy_id, one.last_name) for one in found] == [("P1", "ŁastP1"), ("P2", "ŁastP2")]
