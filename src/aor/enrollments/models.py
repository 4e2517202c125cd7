"""What consumers are enrolled in, as the marketplace's own 834s to the carriers told us."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper

from aor.consumers.models import Subscriber


class EnrollmentFile(models.Model):
    """Mutation rules: inserted while staging; `accepted_at` is set once, when all its events are in,
    and `folded_at` once, when every enrollment has followed them.

    `sha256` is the hash of the bytes received, which are not kept; `stripped` the stored form without Social
    Security numbers (readings, R11).
    """

    sha256 = models.CharField(max_length=64, db_index=True)
    stripped = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    folded_at = models.DateTimeField(null=True, db_index=True)
    sets = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=~models.Q(accepted_at=None), name="a_file_is_accepted_once"
            ),
        ]


class Interchange(models.Model):
    """Mutation rules: inserted with its file, never changed. The control numbers that others used."""

    file = models.ForeignKey(EnrollmentFile, on_delete=models.PROTECT, related_name="interchanges")
    isa06 = models.CharField(max_length=15)
    isa08 = models.CharField(max_length=15)
    isa13 = models.CharField(max_length=9)

    class Meta:
        indexes = [models.Index(fields=["isa06", "isa08", "isa13"], name="interchange_numbers")]


class Event(models.Model):
    """One subscriber's coverage in one transaction set. Mutation rules: inserted while staging, never changed.

    `kind` is add, change, end, cancel or reinstate. `until` is the first day that no longer
    counts. `hios_issuer_id` is empty where the set names no plan (a cancel without loop 2300). `unsent`: the
    eligibility system told of it before it went to the carrier, and `sent_at` is when it told.
    """

    file = models.ForeignKey(EnrollmentFile, on_delete=models.PROTECT, related_name="events")
    sent_at = models.DateTimeField()
    sent_day = models.DateField()
    isa08 = models.CharField(max_length=15)
    isa13 = models.CharField(max_length=9)
    st02 = models.CharField(max_length=9)
    issuer_id = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=10)
    hios_issuer_id = models.CharField(max_length=5, blank=True)
    policy_id = models.CharField(max_length=50, db_index=True)
    subscriber_id = models.CharField(max_length=80)
    member_id = models.CharField(max_length=80, blank=True)
    plan_id = models.CharField(max_length=50, blank=True)
    coverage_kind = models.CharField(max_length=3, blank=True)
    start = models.DateField(null=True)
    until = models.DateField(null=True)
    requested_on = models.DateField(null=True)
    application_id = models.CharField(max_length=50, blank=True)
    last_name = models.CharField(max_length=60, blank=True)
    first_name = models.CharField(max_length=35, blank=True)
    middle_name = models.CharField(max_length=25, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    broker_npn = models.CharField(max_length=80, blank=True)
    broker_name = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    unsent = models.BooleanField(null=True)


class Enrollment(models.Model):
    """One policy: a fold of its events in the order they were sent. Mutation rules: derived, follows its events.

    `start`..`until` is the coverage as it stands, `told_until` before any cancel or early end; `cancelled` was
    never in force. `enrolled_on` is the enrollment date of readings R3; `sent_at` when it first went to the carrier.
    """

    hios_issuer_id = models.CharField(max_length=5)
    policy_id = models.CharField(max_length=50)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="+")
    coverage_kind = models.CharField(max_length=3)
    plan_id = models.CharField(max_length=50, blank=True)
    member_id = models.CharField(max_length=80, blank=True)
    start = models.DateField()
    until = models.DateField()
    told_until = models.DateField()
    cancelled = models.BooleanField(default=False)
    enrolled_on = models.DateField()
    sent_at = models.DateTimeField(null=True)
    sent_day = models.DateField(null=True)
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35, blank=True)
    middle_name = models.CharField(max_length=25, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy_id", "hios_issuer_id"], name="one_enrollment_a_policy"),
        ]
        indexes = [
            models.Index(fields=["birth_date"], name="enrollments_by_birth_date"),
            models.Index(Upper("last_name"), Upper("first_name"), name="enrollments_by_name"),
        ]
