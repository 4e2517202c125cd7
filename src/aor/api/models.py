"""What was answered to which Idempotency-Key."""

from __future__ import annotations

from django.db import models

from aor.accounts.models import Token


class Answered(models.Model):
    """The answer to one request, given again when the request comes again. `request_sha256` is of path and body.

    Mutation rules: inserted, with `status` and `content`, in the transaction of its effect; deleted after a week.
    """

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=60, blank=True)
    content = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]
