"""Carriers: whom brokers are appointed by and enrollments belong to, with their trading-partner facts."""

from __future__ import annotations

from django.db import models

from aor.engine.known import KnownFact


class Carrier(KnownFact):
    """Mutation rules: as every known fact; one row known per HIOS issuer id.

    `coverages` is HLT, DEN or HLT;DEN; `send_days` is `daily` or two-letter days by ;, `cutoff` HH:MM in
    Minnesota or empty; `unknown_appointment` hold, send or empty (never answered); hours are whole.
    """

    hios_issuer_id = models.CharField(max_length=5)
    name = models.CharField(max_length=200)
    naic_company_code = models.CharField(max_length=5, blank=True)
    holding_group = models.CharField(max_length=200, blank=True)
    coverages = models.CharField(max_length=7)
    tax_id = models.CharField(max_length=20, blank=True)
    x12_id = models.CharField(max_length=15, blank=True)
    profile = models.CharField(max_length=40, default="ffe")
    unknown_appointment = models.CharField(max_length=4, blank=True)
    acknowledgment_hours = models.PositiveIntegerField(default=48)
    send_days = models.CharField(max_length=30, default="daily")
    cutoff = models.CharField(max_length=5, blank=True)
    mailbox = models.CharField(max_length=300, blank=True)
    wait_after_enrollment = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hios_issuer_id"], condition=models.Q(known_until=None), name="one_carrier_a_hios_issuer_id"
            ),
        ]


class Contact(KnownFact):
    """Whom the marketplace asks at a carrier about files and answers. Mutation rules: as every known fact."""

    hios_issuer_id = models.CharField(max_length=5)
    name = models.CharField(max_length=100)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hios_issuer_id"], condition=models.Q(known_until=None), name="one_contact_a_carrier"
            ),
        ]
