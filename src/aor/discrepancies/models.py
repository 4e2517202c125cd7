"""What brokers claim, what was found of each claim and what they were told; and the index of persons.

What a broker wrote is private data and stays as given, without Social Security numbers. A claim's case has its
number, state, clocks and messages (`cases`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aor.audit.models import Decision
from aor.cases.models import Case
from aor.consumers.models import Subscriber
from aor.enrollments.models import EnrollmentFile


class Batch(models.Model):
    """A returned workbook, or a form. Mutation rules: inserted only.

    `sha256` is the hash of the bytes received, which are not kept, "" for a form; `rows` those that say something.
    `apart` is JSON: rows that could not be read, and rows that say that a consumer is not theirs (readings, R9).
    """

    npn = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255, blank=True)
    report_number = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    rows = models.PositiveIntegerField()
    apart = models.TextField(default="[]")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["npn", "sha256"], condition=~Q(sha256=""), name="a_returned_file_is_taken_once"
            ),
        ]


class Claim(models.Model):
    """One row: one case. Mutation rules: inserted only. `fields`, `given` and `unread` are JSON, as the broker wrote.

    `missing` and `problems` are JSON lists; `same_as` is the number of an open case that says just the same.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="claims")
    npn = models.CharField(max_length=10, db_index=True)
    sheet = models.CharField(max_length=255, blank=True)
    line = models.PositiveIntegerField(default=0)
    fields = models.TextField()
    given = models.TextField(default="{}")
    unread = models.TextField(default="{}")
    missing = models.TextField(default="[]")
    problems = models.TextField(default="[]")
    same_as = models.CharField(max_length=20, blank=True)


class Supplement(models.Model):
    """What the broker added to a claim: fields that replace those before. Mutation rules: inserted only."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="supplements")
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    fields = models.TextField()
    missing = models.TextField(default="[]")
    problems = models.TextField(default="[]")


class Assessment(models.Model):
    """What was found of a claim at an instant; the latest counts. Mutation rules: inserted only.

    `subscriber` is who is meant, as far as that is known; `comparison` JSON without personal data, field by field.
    `confirmed` ones are determinations, by an officer; the others are proposals by rule.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    confirmed = models.BooleanField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    found = models.CharField(max_length=10)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, null=True, related_name="+")
    policy_id = models.CharField(max_length=50, blank=True)
    hios_issuer_id = models.CharField(max_length=5, blank=True)
    comparison = models.TextField(default="{}")
    determination = models.CharField(max_length=40)
    clear = models.BooleanField()
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    told_says = models.CharField(max_length=40)
    told_because = models.TextField()
    told_to_do = models.TextField(blank=True)
    disclosure = models.CharField(max_length=10)

    class Meta:
        indexes = [models.Index(fields=["claim", "id"], name="assessment_latest")]


class Alert(models.Model):
    """A broker made many claims without anything on file. Mutation rules: inserted only; one a broker and day."""

    npn = models.CharField(max_length=10)
    day = models.DateField()
    claims = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["npn", "day"], name="one_alert_a_broker_and_day")]


class Reply(models.Model):
    """An ordinary mail with what should not be mailed: kept apart, read by an officer, never quoted.

    Mutation rules: inserted only. `body` is private, without Social Security numbers; attachments are not kept.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10, blank=True)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    attachments = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=300, unique=True)
    received_at = models.DateTimeField()


class PersonKey(models.Model):
    """A key by which a subscriber is found for a claim. Mutation rules: derived, follows the enrollments."""

    key = models.CharField(max_length=40, db_index=True)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="+", db_index=True)


class IndexedFile(models.Model):
    """An enrollment file whose persons are in the index. Mutation rules: derived, inserted with their keys."""

    file = models.OneToOneField(EnrollmentFile, on_delete=models.PROTECT, related_name="+")


class NameCounts(models.Model):
    """How often names and days occur, counted when so many persons were known. Mutation rules: derived, replaced."""

    persons = models.PositiveIntegerField()
    counts = models.TextField()
