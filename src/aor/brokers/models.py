"""Agencies and brokers, and what makes a broker's standing: certifications, licences, appointments."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from aor.engine.known import KnownFact


def _one_known(*fields: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=fields, condition=Q(known_until=None), name=name)


class Agency(KnownFact):
    """Mutation rules: as every known fact; one row known per agency NPN."""

    npn = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    fein = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    administrator_name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, blank=True)
    zip = models.CharField(max_length=15, blank=True)

    class Meta:
        constraints = [_one_known("npn", name="one_agency_an_npn")]


class Broker(KnownFact):
    """Mutation rules: as every known fact; one row known per NPN. `kind` is broker or navigator."""

    npn = models.CharField(max_length=10)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    agency_npn = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, blank=True)
    zip = models.CharField(max_length=15, blank=True)
    languages = models.CharField(max_length=200, blank=True)
    list_in_directory = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, default="broker")

    class Meta:
        constraints = [_one_known("npn", name="one_broker_an_npn")]


class Certification(KnownFact):
    """Mutation rules: as every known fact. `revoked_on` is the first day that no longer counts."""

    npn = models.CharField(max_length=10)
    plan_year = models.PositiveSmallIntegerField()
    certified_on = models.DateField()
    revoked_on = models.DateField(null=True)
    agreement_version = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            _one_known("npn", "plan_year", "certified_on", name="one_certification_a_plan_year_and_day"),
            models.CheckConstraint(
                condition=Q(revoked_on=None) | Q(revoked_on__gt=F("certified_on")), name="certification_not_empty"
            ),
        ]


class License(KnownFact):
    """Mutation rules: as every known fact. `expiration_date` is the last day that counts; `closed_on` the first
    day that no longer does, where a status other than active came without such a date."""

    npn = models.CharField(max_length=10)
    state = models.CharField(max_length=2)
    license_number = models.CharField(max_length=40)
    license_class = models.CharField(max_length=100, blank=True)
    residency = models.CharField(max_length=40, blank=True)
    line_of_authority = models.CharField(max_length=100)
    status = models.CharField(max_length=40)
    effective_date = models.DateField()
    expiration_date = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            _one_known(
                "npn",
                "state",
                "license_number",
                "line_of_authority",
                "effective_date",
                name="one_license_a_line_and_day",
            ),
        ]


class Appointment(KnownFact):
    """Mutation rules: as every known fact. `termination_date` is the last day that counts."""

    npn = models.CharField(max_length=10)
    company_name = models.CharField(max_length=200, blank=True)
    naic_company_code = models.CharField(max_length=5)
    state = models.CharField(max_length=2)
    line_of_authority = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=40)
    effective_date = models.DateField()
    termination_date = models.DateField(null=True)
    termination_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            _one_known(
                "npn",
                "naic_company_code",
                "state",
                "line_of_authority",
                "effective_date",
                name="one_appointment_a_company_line_and_day",
            ),
        ]


class Death(KnownFact):
    """Mutation rules: as every known fact. A broker who died; `died_on` ends the associations (readings, R3)."""

    npn = models.CharField(max_length=10)
    died_on = models.DateField()

    class Meta:
        constraints = [_one_known("npn", name="one_death_an_npn")]


class Suspension(KnownFact):
    """Mutation rules: as every known fact. Days on which no certification counts; `until` None is until restored."""

    npn = models.CharField(max_length=10)
    start = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            _one_known("npn", "start", name="one_suspension_a_day"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("start")), name="suspension_not_empty"),
        ]


class Cover(KnownFact):
    """Mutation rules: as every known fact; withdrawn by closing it. A broker on leave lends a colleague access.

    `until` is the first day that no longer counts. Credit stays (readings, R10).
    """

    npn = models.CharField(max_length=10)
    colleague_npn = models.CharField(max_length=10, db_index=True)
    start = models.DateField()
    until = models.DateField()

    class Meta:
        constraints = [
            _one_known("npn", "colleague_npn", "start", name="one_cover_a_colleague_and_day"),
            models.CheckConstraint(condition=Q(until__gt=F("start")), name="cover_not_empty"),
        ]


class Agreement(models.Model):
    """A broker signed a plan year's agreement. Mutation rules: inserted only. `by` is the account that signed."""

    npn = models.CharField(max_length=10)
    plan_year = models.PositiveSmallIntegerField()
    version = models.CharField(max_length=40)
    text_sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["npn", "plan_year", "version"], name="an_agreement_is_signed_once"),
        ]


class AgencyInvitation(models.Model):
    """An agency asks a broker to join it. Mutation rules: inserted; its steps are rows of their own."""

    agency_npn = models.CharField(max_length=10, db_index=True)
    npn = models.CharField(max_length=10, db_index=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class AgencyInvitationStep(models.Model):
    """Accepted, declined or withdrawn end it; reminded does not. Mutation rules: inserted only."""

    invitation = models.ForeignKey(AgencyInvitation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation"],
                condition=Q(kind__in=["accepted", "declined", "withdrawn"]),
                name="an_agency_invitation_ends_once",
            ),
        ]


class Registration(models.Model):
    """An account registers an agency; where that may be another's, the broker team decides in a case.

    `outcome` is granted, waiting or refused. Mutation rules: inserted; `waiting` becomes one of the others once.
    """

    account = models.PositiveBigIntegerField(db_index=True)
    npn = models.CharField(max_length=10, db_index=True)
    name = models.CharField(max_length=200)
    fein = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254)
    administrator_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=20, blank=True)
    zip = models.CharField(max_length=15, blank=True)
    asked_at = models.DateTimeField()
    case_number = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=8)
    because = models.TextField(max_length=500, blank=True)  # of a refusal, as the person reads it
