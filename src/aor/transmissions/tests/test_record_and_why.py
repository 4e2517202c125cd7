"""The record as rows, and the story of one enrollment, as known at an instant."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from aor.acts import settle
from aor.audit.models import Read
from aor.brokers.models import License
from aor.enrollments.models import Enrollment
from aor.record import operations as recorded
from aor.record.models import Entry
from aor.terms.period import day_of
from aor.transmissions import operations, queries, story
from aor.transmissions.ledger import Scope
from aor.transmissions.models import Interchange
from aor.transmissions.rows import Row, rows
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, LONG_AGO, NOW

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def marketplace(settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)


def record(at: datetime = NOW, **asked: Any) -> list[tuple[str, str, str, str]]:
    scope = asked.pop("scope", Scope())
    return [(r.exchange_policy_id, r.npn, r.state, r.sent_on) for r in rows(scope, now=at, **asked)]


def sent_enrollment(policy: str = "P1", **columns: Any) -> Enrollment:
    """An enrollment and the file that told the carrier of it."""
    one = given.enrollment(policy, **columns)
    if one.sent_at is not None:
        given.mention(one, "", one.sent_at)
    return one


def test_every_state_and_date_sent_as_they_come_about() -> None:
    given.associated(sent_enrollment())
    given.associated(sent_enrollment("P2", sent_at=given.later(100)))
    assert record() == [("P1", ANA, "ready", ""), ("P2", ANA, "held", "")]
    (interchange,) = operations.send(by=BY, now=NOW).interchanges
    assert record()[0] == ("P1", ANA, "sent", "2026-02-02")
    content = answers.answer(interchange)
    answers.leave(content)
    operations.collect(by=BY, now=answers.SOON)
    assert record(answers.SOON)[0] == ("P1", ANA, "accepted", "2026-02-02")
    ended = datetime(2027, 2, 1, tzinfo=UTC)
    assert [row[2] for row in record(ended)] == ["ended", "ready"]


def test_what_was_known_then_is_answered_from_then() -> None:
    given.associated(sent_enrollment())
    (interchange,) = operations.send(by=BY, now=NOW).interchanges
    answers.leave(answers.answer(interchange, "R"))
    operations.collect(by=BY, now=answers.SOON)
    later = answers.SOON + timedelta(days=30)
    assert record(later, known_at=NOW - timedelta(seconds=1)) == [("P1", ANA, "ready", "")]
    assert record(later, known_at=NOW) == [("P1", ANA, "sent", "2026-02-02")]
    assert record(later) == [("P1", ANA, "rejected", "")]
    assert record(later, known_at=later + timedelta(days=99)) == [("P1", ANA, "rejected", "")]
    assert record(later, known_at=LONG_AGO - timedelta(days=1)) == []


def test_a_story_tells_no_enrollment_file_that_had_not_come_yet() -> None:
    one = given.enrollment()
    given.associated(one)
    given.mention(one, "", NOW - timedelta(days=3), accepted_at=NOW)
    for known_at, told in ((NOW - timedelta(days=1), 0), (NOW, 1), (None, 1)):
        chapters = story.why(one.pk, on=MARCH, now=NOW, known_at=known_at).chapters
        assert sum("told the carrier of the enrollment" in chapter.what for chapter in chapters) == told


def test_on_a_day_only_the_entry_in_effect_and_without_a_day_all() -> None:
    one = sent_enrollment()
    given.entry(one, ANA, until=MARCH)
    given.entry(one, BEN, start=MARCH)
    assert [row[1] for row in record()] == [ANA, BEN]
    assert [row[1] for row in record(on=date(2026, 2, 28))] == [ANA]
    assert [row[1] for row in record(on=MARCH)] == [BEN]
    assert record(on=date(2027, 1, 1)) == []
    assert [row[1] for row in record(scope=Scope(npn=BEN))] == [BEN]
    assert record(scope=Scope(policy_id="P9")) == []


def test_one_that_is_ready_stays_ready_past_its_end() -> None:
    given.entry(sent_enrollment(until=MARCH))
    assert record(datetime(2026, 6, 1, tzinfo=UTC))[0][2] == "ready"


def test_the_first_send_of_an_enrollment_file_gives_date_sent() -> None:
    one = sent_enrollment()
    given.associated(one)
    given.mention(one, ANA, NOW - timedelta(days=5), kind="change")
    assert record() == [("P1", ANA, "sent", "2026-01-28")]


def test_an_opening_balance_is_accepted_since_its_day() -> None:
    one = sent_enrollment()
    given.opening_balance(one, ANA, start=date(2025, 6, 1))
    given.entry(one)
    assert record() == [("P1", ANA, "accepted", "2025-12-15")]


def test_what_the_sending_day_adds_to_the_findings_stands_with_them_until_it_is_sent() -> None:
    given.associated(sent_enrollment())
    (before,) = rows(Scope(), now=NOW)
    rules = [finding["rule"] for finding in json.loads(before.findings)]
    assert rules[0] == "ASSOCIATED"
    assert rules.count("CERTIFIED") == 1, "met on both days is said once"
    assert "ENROLLMENT_SENT" in rules
    (lapsed,) = rows(Scope(), now=NOW + timedelta(days=3650))
    met = [finding["met"] for finding in json.loads(lapsed.findings) if finding["rule"] == "CERTIFIED"]
    assert met == [True, False], "met at the anchor, not on the sending day"
    operations.send(by=BY, now=NOW)
    (after,) = rows(Scope(), now=NOW)
    assert "ENROLLMENT_SENT" not in after.findings


def out(command: str, *arguments: str) -> str:
    text = StringIO()
    call_command(command, *arguments, "--now", NOW.isoformat(), stdout=text, stderr=StringIO())
    return text.getvalue()


def test_the_command_streams_json_and_csv_that_no_spreadsheet_runs() -> None:
    given.associated(sent_enrollment('=P"1'))
    (row,) = json.loads(out("record", "--json"))
    assert list(row) == list(Row._fields)
    assert (row["exchange_policy_id"], row["sent_on"], row["effective_until"]) == ('=P"1', None, "2027-01-01")
    assert json.loads(out("record", "--policy", "none", "--json")) == []
    assert json.loads(out("record", "--policy", "none", "--format", "csv", "--json")) == []
    header, cells = csv.reader(StringIO(out("record", "--format", "csv")))
    assert header == list(Row._fields)
    assert cells[0] == "'=P\"1"
    assert Read.objects.count() == 4


def test_the_record_of_what_is_no_broker_number_is_wrong_usage() -> None:
    given.associated(sent_enrollment())
    assert len(json.loads(out("record", "--npn", f"00{ANA}", "--json"))) == 1
    with pytest.raises(CommandError, match="an NPN has digits only"):
        out("record", "--npn", "Garcia")


def test_why_names_the_agent_and_tells_the_story_in_order() -> None:
    given.associated(sent_enrollment())
    (interchange,) = operations.send(by=BY, now=NOW).interchanges
    answers.leave(answers.answer(interchange, "R"))
    operations.collect(by=BY, now=answers.SOON)
    told = json.loads(out("why", "P1", "--json"))
    assert (told["agent_of_record"], told["candidate"], told["state"]) == (ANA, None, "rejected")
    whats = [chapter["what"] for chapter in told["story"]]
    assert any(what.startswith("handed over (set") for what in whats)
    assert any("NM103" in what for what in whats)
    assert [chapter["at"] for chapter in told["story"]] == sorted(chapter["at"] for chapter in told["story"])
    assert "Agent of record of policy P1" in out("why", "P1")


def test_why_a_held_one_is_no_agent_yet_and_what_cures_it() -> None:
    given.broker("7000003", appointed=False)
    given.associated(sent_enrollment(), "7000003")
    told = json.loads(out("why", "P1", "--json"))
    assert (told["agent_of_record"], told["candidate"], told["state"]) == (None, "7000003", "held")
    unmet = {finding["rule"]: finding["cure"] for finding in told["findings"] if finding["met"] is False}
    assert unmet["APPOINTED"]
    assert "cure:" in out("why", "P1")


def test_why_a_ready_one_cannot_be_written_is_told() -> None:
    broken = sent_enrollment()
    given.associated(broken)
    assert "WRITABLE" not in out("why", "P1")
    Enrollment.objects.filter(pk=broken.pk).update(last_name="")
    told = json.loads(out("why", "P1", "--json"))
    (wrong,) = [finding for finding in told["findings"] if finding["met"] is False]
    assert told["state"] == "ready"
    assert (wrong["rule"], wrong["because"]) == ("WRITABLE", "not sent: the subscriber last is missing")


def test_why_before_an_agent_begins_names_the_candidate() -> None:
    one = sent_enrollment()
    given.entry(one, BEN, start=MARCH)
    found = story.why(one.pk, on=date(2026, 2, 1), now=NOW)
    assert (found.agent_of_record, found.candidate, found.state) == (None, BEN, "ready")


def test_why_nobody_is_agent_says_the_findings() -> None:
    one = sent_enrollment()
    found = story.why(one.pk, on=day_of(NOW), now=NOW)
    assert (found.agent_of_record, found.candidate, found.state) == (None, None, None)
    assert [finding.rule for finding in found.findings] == ["ASSOCIATED"]
    assert found.sentence == "Nobody is agent of record of policy P1 on 2026-02-02."


def test_why_an_unknown_policy_is_refused_and_a_shared_one_asks_for_the_carrier() -> None:
    with pytest.raises(CommandError):
        out("why", "P1")
    given.associated(sent_enrollment())
    Enrollment.objects.filter(policy_id="P1").update(policy_id="P2")
    given.carrier("88888")
    given.enrollment("P3", hios="88888")
    Enrollment.objects.filter(policy_id="P3").update(policy_id="P2")
    with pytest.raises(CommandError):
        out("why", "P2")
    assert json.loads(out("why", f"{HIOS}:P2", "--json"))["hios_issuer_id"] == HIOS


def test_the_commands_answer_as_others_may_rely_on() -> None:
    given.associated(sent_enrollment())
    given.associated(sent_enrollment("P2", sent_at=given.later(100)))
    assert json.loads(out("send", "--dry-run", "--json"))["would_send"] == {HIOS: 1}
    sent = json.loads(out("send", "--json"))
    assert sent["held"] == 1
    (one,) = sent["interchanges"]
    assert (one["carrier"], one["sets"], one["isa13"]) == (HIOS, 1, "009000101")
    assert (given.mailbox() / one["file"]).exists()
    answers.leave(answers.answer(Interchange.objects.get(), "R"))
    (file,) = json.loads(out("collect", "--json"))["files"]
    assert (file["name"], file["accepted_sets"], file["rejected_sets"], file["unknown"]) == ("answer.999", 0, 1, 0)
    again = json.loads(out("resend", "--isa13", "9000101", "--json"))
    assert again["interchanges"][0]["isa13"] == "009000102"
    with pytest.raises(CommandError):
        out("resend", "--isa13", "7")
    with pytest.raises(CommandError):
        out("send", "--carrier", "99999")


def test_what_waits_for_a_person_is_listed() -> None:
    one = sent_enrollment()
    given.associated(one)
    given.mention(one, BEN, NOW - timedelta(days=5), kind="change")
    broken = sent_enrollment("P2")
    given.associated(broken)
    Enrollment.objects.filter(pk=broken.pk).update(last_name="")
    (interchange,) = operations.send(by=BY, now=NOW).interchanges
    kinds = [each.kind for each in queries.exceptions(now=NOW)]
    assert kinds == ["another broker", "cannot be written"]
    overdue = NOW + timedelta(hours=49)
    assert [each.sets for each in queries.overdue(overdue)] == [1]
    assert queries.overdue_files(overdue) == {HIOS: 1}
    answers.leave(answers.answer(interchange), "1.999")
    answers.leave(answers.answer(interchange, "R", number=2), "2.999")
    answers.leave(b"garbage", "3.txt")
    answers.leave(answers.ta1(interchange).replace(b"TA1*009000101", b"TA1*000000777"), "4.ta1")
    operations.collect(by=BY, now=answers.SOON)
    kinds = [each.kind for each in queries.exceptions(now=overdue, hios_issuer_id=HIOS)]
    assert kinds == ["another broker", "rejected", "cannot be written", "never sent", "unreadable", "contradicted"]
    assert queries.overdue(overdue) == []
    assert queries.overdue_files(overdue) == {}


@pytest.mark.parametrize("by_file", [True, False])
def test_what_a_carrier_was_told_stays_when_later_data_denies_it_and_staff_see_it(by_file: bool) -> None:
    one = sent_enrollment()
    given.associated(one)
    if by_file:
        given.mention(one, ANA, NOW - timedelta(days=5), kind="change")
    operations.send(by=BY, now=NOW)
    License.objects.update(known_until=NOW)
    recorded.mark_due([one.subscriber.household_id], cause="test", now=given.later())
    settle.settle(now=given.later())
    assert [row[2] for row in record(given.later(2))] == ["sent"]
    assert operations.send(by=BY, now=given.later(2)).interchanges == []
    assert [each.kind for each in queries.exceptions(now=given.later(2))] == ["not in standing after all"]


def test_what_a_file_told_before_later_data_denied_it_is_in_standing_from_the_next_run() -> None:
    one = sent_enrollment()
    given.associated(one)
    given.mention(one, ANA, NOW - timedelta(days=5), kind="change")
    License.objects.update(known_until=NOW)
    recorded.mark_due([one.subscriber.household_id], cause="test", now=NOW)
    settle.settle(now=NOW)
    assert operations.send(by=BY, now=given.later()).interchanges == []
    assert [row[2] for row in record(given.later(2))] == ["sent"]
    assert list(Entry.objects.known_at().values_list("in_standing", flat=True)) == [True]
