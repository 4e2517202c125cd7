"""What brokers were told: monthly reports, their lines as first published, and what is on none and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aor.enrollments.models import Enrollment


class Report(models.Model):
    """One issue of a broker's report of a month.

    Mutation rules: inserted when published; `workbook`, the hash of its stored bytes, is set once; nothing
    else, by trigger. `lines_sha256` is over the canonical lines; `number` reads AOR-2026-10-1234567-1.
    """

    number = models.CharField(max_length=40, unique=True)
    month = models.CharField(max_length=7)
    npn = models.CharField(max_length=10, db_index=True)
    issue = models.PositiveSmallIntegerField()
    broker_name = models.CharField(max_length=201)
    agency_name = models.CharField(max_length=200, blank=True)
    cut = models.DateTimeField()
    published_at = models.DateTimeField()
    journal_head = models.CharField(max_length=64, blank=True)
    plan_years = models.CharField(max_length=20)
    lines_sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True)
    workbook = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "npn", "issue"], name="one_issue_of_a_report"),
            models.CheckConstraint(condition=Q(issue__gte=1), name="issues_count_from_one"),
        ]
        indexes = [models.Index(fields=["npn", "month", "issue"], name="report_latest_issue")]


class Line(models.Model):
    """A send as it was first published. Mutation rules: inserted with its report, never changed.

    `on_month` lines stand on the month's sheet and on the year to date; the others, opening balances and sends
    that a later month will report, on the year to date alone. A new issue has copies of the lines that stay.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="lines")
    on_month = models.BooleanField()
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10)
    effective_from = models.DateField()
    policy_id = models.CharField(max_length=50)
    hios_issuer_id = models.CharField(max_length=5)
    coverage_kind = models.CharField(max_length=3)
    channel = models.CharField(max_length=20)
    date_sent = models.DateField()
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35, blank=True)
    birth_date = models.DateField(null=True)
    carrier_name = models.CharField(max_length=200)
    coverage_effective = models.DateField()
    broker_name = models.CharField(max_length=201)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "enrollment", "effective_from"], name="an_entry_is_once_on_a_report"
            ),
        ]


class Withheld(models.Model):
    """A row of "Not on this report, and why". Mutation rules: inserted with its report, never changed."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="withheld")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35, blank=True)
    birth_date = models.DateField(null=True)
    carrier_name = models.CharField(max_length=200)
    coverage_effective = models.DateField()
    state = models.CharField(max_length=20)
    reason = models.TextField()
    cure = models.TextField(blank=True)
    who_must_act = models.CharField(max_length=40, blank=True)


class Withdrawal(models.Model):
    """An issue that nobody fetches any more (readings, R9). Mutation rules: inserted only. `because` is a number."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()
    because = models.CharField(max_length=40)


class Removed(models.Model):
    """An entry that reports show no more: the consumer is not this broker's. Mutation rules: inserted only."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10)
    effective_from = models.DateField()
    at = models.DateTimeField()
    because = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "npn", "effective_from"], name="an_entry_is_removed_once"),
        ]


class Accounted(models.Model):
    """What the close of a month did with a send. Mutation rules: inserted with the month's reports, never changed.

    `outcome` is reported, excepted (with `reason`) or carried out; `carried_in` sends are of an earlier month.
    """

    month = models.CharField(max_length=7)
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10)
    effective_from = models.DateField()
    hios_issuer_id = models.CharField(max_length=5)
    date_sent = models.DateField()
    carried_in = models.BooleanField()
    outcome = models.CharField(max_length=11)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "enrollment", "npn", "effective_from"], name="a_close_accounts_for_an_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="excepted") & ~Q(reason="")
                | Q(outcome__in=["reported", "carried out"]) & Q(reason=""),
                name="an_exception_has_its_reason",
            ),
        ]


class Statement(models.Model):
    """A month's statement of a broker or an agency (readings, R6). Mutation rules: inserted with the close.

    `number` reads AORS-2026-10-B1234567, for an agency AORS-2026-10-A1234567; `program` says how it is grouped;
    `content_sha256` is over the reports that it rests on and what changed, so that whenever it is rendered it
    says what was published. Without `previous_cut` it is the first, and nothing has changed.
    """

    number = models.CharField(max_length=40, unique=True)
    month = models.CharField(max_length=7)
    kind = models.CharField(max_length=6, choices=[("broker", "broker"), ("agency", "agency")])
    npn = models.CharField(max_length=10, db_index=True)
    name = models.CharField(max_length=201)
    cut = models.DateTimeField()
    previous_cut = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    program = models.CharField(max_length=20)
    content_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "npn"], name="one_statement_a_month"),
        ]


class StatementReport(models.Model):
    """A broker's report that a statement rolls up. Mutation rules: inserted with the statement, never changed."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="rolls_up")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")


class StatementFile(models.Model):
    """A rendered statement, in the content store. Mutation rules: inserted when first asked for, never changed."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="files")
    form = models.CharField(max_length=4, choices=[("pdf", "pdf"), ("xlsx", "xlsx")])
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "form"], name="a_statement_is_rendered_once_a_form"),
        ]


class Changed(models.Model):
    """What a broker gained, lost, saw end or corrected since the last close. Mutation rules: inserted with the close.

    `day` is the first or the last day that the words speak of; who follows is never said (readings, R11).
    """

    month = models.CharField(max_length=7)
    npn = models.CharField(max_length=10)
    kind = models.CharField(max_length=9)
    day = models.DateField()
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35, blank=True)
    birth_date = models.DateField(null=True)
    carrier_name = models.CharField(max_length=200)
    coverage_effective = models.DateField()
    words = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["month", "npn"], name="changes_of_a_broker")]
