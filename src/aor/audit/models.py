"""What happened: acts, reads, the decisions behind them, and the blocks that seal them.

Mutation rules: every row here is written once. UPDATE and DELETE are refused by triggers, on both databases.
No plain personal data: subjects are named by our own identifiers, details carry none.
"""

from __future__ import annotations

from django.db import models


class Decision(models.Model):
    """Every finding of one question, as it was answered then; `findings` is a JSON list."""

    findings = models.TextField()
    granted = models.BooleanField()
    parameters_version = models.CharField(max_length=64)


class Act(models.Model):
    """Somebody did something; a refusal is an act as well. `details` is a JSON object."""

    at = models.DateTimeField()
    actor_role = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=150)
    actor_npn = models.CharField(max_length=10, blank=True)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=100)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="acts")
    details = models.TextField(default="{}")

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="audit_act_by_subject")]


class Read(models.Model):
    """Somebody saw private data: who, whose, what, and what for (readings, R11)."""

    at = models.DateTimeField()
    actor_role = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=150)
    actor_npn = models.CharField(max_length=10, blank=True)
    purpose = models.CharField(max_length=100)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=100)
    what = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="audit_read_by_subject")]


class Block(models.Model):
    """Committed rows of one table, sealed: a Merkle tree over them, chained to the block before.

    `leaves` holds the leaf hashes, 32 bytes each, in the order of the rows' ids; `tree` is their RFC 6962
    root; `root` binds it to all that went before.
    """

    number = models.BigIntegerField(primary_key=True)
    table = models.CharField(max_length=100)
    columns = models.TextField()
    private = models.BooleanField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    leaves = models.BinaryField()
    tree = models.CharField(max_length=64)
    previous_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1, count__gte=1, last_id__gte=models.F("first_id")),
                name="audit_block_holds_rows",
            ),
            models.UniqueConstraint(fields=["table", "last_id"], name="audit_row_in_one_block"),
        ]


class Head(models.Model):
    """The chain's root at the end of a day, signed (Ed25519), so that it can be published."""

    day = models.DateField(primary_key=True)
    block = models.ForeignKey(Block, models.PROTECT, related_name="heads")
    root = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    public_key = models.CharField(max_length=64)
