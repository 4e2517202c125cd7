"""What was done, said and shown in a case is appended; a case and its clocks keep what they began with."""

from django.db import migrations

from aor.audit import triggers

CASE = "id number kind opened_at opened_role opened_name opened_npn subject_kind subject_id"
CLOCK = "id case_id name amount unit started_at"
MESSAGE = "id case_id at by_role by_name by_npn to_role to_id body"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        *triggers.refuse_changes("cases_case", columns=CASE.split()),
        *triggers.refuse_changes("cases_event"),
        *triggers.refuse_changes("cases_clock", columns=CLOCK.split()),
        *triggers.refuse_changes("cases_stop"),
        *triggers.refuse_changes("cases_message", closing="read_at", columns=MESSAGE.split()),
        *triggers.refuse_changes("cases_evidence"),
    ]
