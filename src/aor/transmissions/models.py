"""What carriers were told, and what they answered: runs, interchanges, transaction sets, steps, answers."""

from __future__ import annotations

from django.db import models

from aor.enrollments.models import Enrollment


class Counter(models.Model):
    """The last control number used by a sender (ISA06) with whatever partner; kind is isa13, gs06 or st02.

    Mutation rules: `value` only rises, under the row's lock.
    """

    sender = models.CharField(max_length=15)
    kind = models.CharField(max_length=5)
    value = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "kind"], name="one_counter_a_sender_and_kind")]


class Run(models.Model):
    """A carrier was served, also when nothing was ready. `as_of` is the cutoff whose ready ones it took.

    Mutation rules: inserted only, when all that the run took is composed.
    """

    hios_issuer_id = models.CharField(max_length=5)
    at = models.DateTimeField()
    as_of = models.DateTimeField()
    sets = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["hios_issuer_id", "at"], name="runs_of_a_carrier")]


class Unwritten(models.Model):
    """An enrollment of which the carrier's last run could not write a set, for a person to look at.

    Mutation rules: derived; each run puts its own in the place of the last one's.
    """

    hios_issuer_id = models.CharField(max_length=5, db_index=True)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")


class Interchange(models.Model):
    """One file for one carrier; its bytes are the document `sha256`. Mutation rules: inserted only.

    What became of it are its steps. `sets` is how many transaction sets it holds.
    """

    hios_issuer_id = models.CharField(max_length=5)
    isa06 = models.CharField(max_length=15)
    isa08 = models.CharField(max_length=15)
    isa13 = models.CharField(max_length=9)
    name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    sets = models.PositiveIntegerField()
    composed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["isa13", "isa06", "isa08"], name="control_numbers_never_repeat"),
        ]


class Step(models.Model):
    """What became of an interchange. Mutation rules: inserted only.

    Kinds: attempt (recorded before the hand-over), handed over, failed, discarded. `at` is when it took place,
    `recorded_at` since when it is known.
    """

    interchange = models.ForeignKey(Interchange, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interchange"], condition=models.Q(kind="handed over"), name="handed_over_once"
            ),
        ]


class TransactionSet(models.Model):
    """One enrollment told one thing: from `effective_from` its agent of record is `npn`, "" for nobody.

    Kinds: agent (an entry's own set), removal, correction. `fingerprint` is a keyed hash of all that the set
    says but numbers and times: a rejected set goes again when it differs. Mutation rules: inserted only.
    """

    interchange = models.ForeignKey(Interchange, on_delete=models.PROTECT, related_name="transaction_sets")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10, blank=True)
    effective_from = models.DateField()
    kind = models.CharField(max_length=10)
    gs06 = models.CharField(max_length=9)
    st02 = models.CharField(max_length=9, db_index=True)
    bgn02 = models.CharField(max_length=50)
    resend_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="resends")
    fingerprint = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interchange", "st02"], name="a_set_number_once_an_interchange"),
        ]
        indexes = [models.Index(fields=["gs06", "st02"], name="sets_of_a_group")]


class Acknowledgment(models.Model):
    """A file that a carrier sent back, listed whatever it says; `findings` is a JSON list of sentences.

    `sha256` is of the bytes that came, `document` of their kept form without private numbers, empty for what is
    not X12. `hios_issuer_id` is the carrier in whose mailbox it lay, empty when it came another way. Mutation
    rules: inserted only.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    hios_issuer_id = models.CharField(max_length=5, blank=True)
    received_at = models.DateTimeField()
    document = models.CharField(max_length=64, blank=True)
    findings = models.TextField(default="[]")


class Answer(models.Model):
    """One thing that an acknowledgment says: about an interchange (TA1) or about a set (999).

    `verdict` is accepted, rejected or received; `answered_at` and `isa13` are the acknowledging interchange's
    own, which order contradictory answers. Without interchange and set it answers what we never sent.
    Mutation rules: inserted only.
    """

    acknowledgment = models.ForeignKey(Acknowledgment, on_delete=models.PROTECT, related_name="answers")
    interchange = models.ForeignKey(Interchange, on_delete=models.PROTECT, null=True, related_name="answers")
    transaction_set = models.ForeignKey(TransactionSet, on_delete=models.PROTECT, null=True, related_name="answers")
    answers = models.CharField(max_length=40)
    code = models.CharField(max_length=3)
    verdict = models.CharField(max_length=8)
    words = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    isa13 = models.CharField(max_length=9)
    recorded_at = models.DateTimeField()


class Receipt(models.Model):
    """A carrier's word on one policy: it recorded this broker from this day ("" for nobody), or rejected it.

    `result` is recorded or rejected. `told` is the day from which we had told the carrier of this broker when the
    receipt came, None when we had not, and `transaction_set` the set that told so. `source` is a token's name or a
    file's, which then is `acknowledgment`. Mutation rules: inserted only.
    """

    hios_issuer_id = models.CharField(max_length=5)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10, blank=True)
    recorded_from = models.DateField(null=True)
    result = models.CharField(max_length=8)
    reason = models.CharField(max_length=300, blank=True)
    told = models.DateField(null=True)
    transaction_set = models.ForeignKey(TransactionSet, on_delete=models.PROTECT, null=True, related_name="receipts")
    acknowledgment = models.ForeignKey(Acknowledgment, on_delete=models.PROTECT, null=True, related_name="receipts")
    source = models.CharField(max_length=255)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["hios_issuer_id", "id"], name="receipts_of_a_carrier")]


class Trial(models.Model):
    """One interchange of invented people with ISA15 = T, by which a carrier tries its reading; never of the record.

    Its numbers are taken from the sender's counters, so that no file ever repeats one. Mutation rules: inserted
    only, but for `handed_over_at`, which is set once.
    """

    hios_issuer_id = models.CharField(max_length=5)
    isa06 = models.CharField(max_length=15)
    isa08 = models.CharField(max_length=15)
    isa13 = models.CharField(max_length=9)
    gs06 = models.CharField(max_length=9)
    name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    sets = models.PositiveIntegerField()
    composed_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["isa13", "isa06", "isa08"], name="trial_numbers_never_repeat"),
        ]
        indexes = [models.Index(fields=["hios_issuer_id", "id"], name="trials_of_a_carrier")]


class TrialAnswer(models.Model):
    """One thing that an acknowledgment says about a trial, as an Answer does about what was sent in earnest.

    Mutation rules: inserted only.
    """

    acknowledgment = models.ForeignKey(Acknowledgment, on_delete=models.PROTECT, related_name="trial_answers")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="answers")
    answers = models.CharField(max_length=40)
    code = models.CharField(max_length=3)
    verdict = models.CharField(max_length=8)
    words = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
