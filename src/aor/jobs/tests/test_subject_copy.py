"""A person's copy holds all that is held on them and nothing of anybody else; that it was made is on record."""

from __future__ import annotations

import json
import zipfile
from html import escape
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from aor.audit.models import Read
from aor.enrollments.models import Enrollment, Event
from aor.reports.models import Line
from aor.retention import subject

pytestmark = pytest.mark.django_db


def copied(person: str, target: Path) -> dict[str, list[dict[str, str]]]:
    call_command("subject-copy", "--subscriber", person, str(target), "--json", stdout=StringIO(), stderr=StringIO())
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["copy.html", "copy.json"]
        document = json.loads(archive.read("copy.json"))
        page = archive.read("copy.html").decode()
    assert document["subscriber"] == person
    assert all(escape(words) in page for words in document["data"])
    found: dict[str, list[dict[str, str]]] = document["data"]
    return found


def test_every_row_on_a_person_is_in_their_copy_and_nobody_elses_name(lived_months: Path, tmp_path: Path) -> None:
    line = Line.objects.select_related("enrollment__subscriber").order_by("id")[0]
    person = line.enrollment.subscriber.exchange_subscriber_id
    found = copied(person, tmp_path / "copy.zip")
    assert len(found["Your policies"]) == Enrollment.objects.filter(subscriber__exchange_subscriber_id=person).count()
    assert len(found["What enrollment files said of you"]) == Event.objects.filter(subscriber_id=person).count()
    assert str(line.pk) in {row["id"] for row in found["Where a broker's report showed you"]}
    assert found["Your brokers"]
    assert found["Who was your agent of record"]
    own = {row["last_name"] for row in found["What enrollment files said of you"] if "last_name" in row}
    text = json.dumps({words: found[words] for words in found if words not in ("Your brokers", "What you agreed to")})
    others = set(Event.objects.exclude(subscriber_id=person).values_list("last_name", "birth_date")) - {("", None)}
    assert not [
        name for name, born in others if name and name not in own and f'"{name}"' in text and str(born) in text
    ]
    assert not [column for rows in found.values() for row in rows for column in row if column in subject.NEVER]
    assert (tmp_path / "copy.zip").stat().st_mode & 0o077 == 0
    read = Read.objects.order_by("-id")[0]
    assert (read.subject_id, read.what) == (person, "copy of all data")


def test_whoever_is_not_known_gets_a_sentence_and_a_file_is_never_overwritten(
    lived_months: Path, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="nobody has the number S-0"):
        call_command("subject-copy", "--subscriber", "S-0", str(tmp_path / "copy.zip"), stdout=StringIO())
    assert not (tmp_path / "copy.zip").exists()
    (tmp_path / "copy.zip").write_text("another")
    with pytest.raises(CommandError, match="new file"):
        call_command("subject-copy", "--subscriber", "S-0", str(tmp_path / "copy.zip"), stdout=StringIO())


def test_what_somebody_typed_is_escaped_on_the_page() -> None:
    page = subject.page("S-1", {"Messages": [{"body": "<script>alert(1)</script>"}]}, made="2026-01-01")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
