"""Retroactive requests: what a broker asked, which enrollment it is, what was found, decided, and objected.

Mutation rules: rows are inserted, never changed; the state of a request is that of its case.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aor.audit.models import Decision
from aor.cases.models import Case
from aor.enrollments.models import Enrollment


class Reason(models.TextChoices):
    """Why the association was missing on the effective date."""

    PAPER = "paper application"
    ACCOUNT = "trouble with the account"
    OTHER_PERSON = "another person of the household was associated"
    PORTAL = "error in the portal"
    OTHER = "other"


class EnrolledIs(models.TextChoices):
    """Which of the two days the broker gave."""

    APPLICATION = "application submitted"
    ENROLLMENT = "enrollment completed"


class Request(models.Model):
    """What the broker asked, in their words; names and birth date are private data. Inserted only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10, db_index=True)
    received_at = models.DateTimeField()
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35)
    birth_date = models.DateField()
    hios_issuer_id = models.CharField(max_length=5)
    coverage_kind = models.CharField(max_length=3)
    policy_id = models.CharField(max_length=50, blank=True)
    effective_on = models.DateField()
    enrolled_on = models.DateField()
    enrolled_is = models.CharField(max_length=25, choices=EnrolledIs)
    because = models.CharField(max_length=50, choices=Reason)
    agreement_on = models.DateField(null=True)
    attested = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["npn", "effective_on"], name="retro_asked_before")]


class Identified(models.Model):
    """Which enrollment a request is about, as matched or as an officer says; the latest counts. Inserted only."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="identified")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=150)


class Assessment(models.Model):
    """Every finding on a request at an instant, and the outcome they proposed. Inserted only."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20)
    reasons = models.CharField(max_length=200, blank=True)


class Ruling(models.Model):
    """An officer's decision, the second one on appeal. Inserted only.

    `correction` is the row of the record that an approval made, `invitation` what a prospective one sent; `letter`
    the hash of the stored PDF. `because` are the officer's words, which the letter does not quote.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="rulings")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=20)
    reasons = models.CharField(max_length=200, blank=True)
    because = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=150)
    correction = models.BigIntegerField(null=True)
    invited = models.BooleanField(default=False)
    letter = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="a_request_is_decided_once_a_round"),
            models.CheckConstraint(
                condition=Q(outcome="approved", correction__isnull=False)
                | ~Q(outcome="approved") & Q(correction__isnull=True),
                name="an_approval_corrects_the_record",
            ),
        ]


class Objection(models.Model):
    """The consumer objects to a request. Inserted only."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="objection")
    at = models.DateTimeField()
