"""What we say to people: an outbox of notices and every attempt to deliver them.

Mutation rules: a notice's words never change; its `state` and `next_try_at` follow its attempts. Attempts are
written once. Subject and body hold no personal data: they say that something waits behind the sign-in.
"""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued"
    RELAYED = "relayed"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNADDRESSED = "unaddressed"


class Outcome(models.TextChoices):
    RELAYED = "relayed"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


class Notice(models.Model):
    """`recipient_id` is an NPN, a subscriber id ...; `dedupe_key` names what is said to whom, once.

    `secret` is what `{code}` in the body stands for, encrypted, so that no row can be used in its reader's place.
    """

    kind = models.CharField(max_length=40)
    recipient_kind = models.CharField(max_length=20)
    recipient_id = models.CharField(max_length=100)
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    secret = models.CharField(max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=11, choices=State)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="queued", next_try_at__isnull=False)
                | (~models.Q(state="queued") & models.Q(next_try_at__isnull=True)),
                name="notices_tried_again_while_queued",
            ),
            models.CheckConstraint(
                condition=~models.Q(address="") | models.Q(state="unaddressed"),
                name="notices_go_to_an_address",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="notices_due", condition=models.Q(state="queued")),
            models.Index(fields=["recipient_kind", "recipient_id"], name="notices_by_recipient"),
        ]


class Attempt(models.Model):
    """One try, and the relay's words."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    words = models.CharField(max_length=200, blank=True)
