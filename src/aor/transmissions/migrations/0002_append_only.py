"""What carriers were told and what they answered is neither changed nor deleted; control numbers only rise."""

from django.db import migrations

from aor.audit import triggers

TABLES = ("run", "interchange", "step", "transactionset", "acknowledgment", "answer")


class Migration(migrations.Migration):
    dependencies = [("transmissions", "0001_initial")]

    operations = [
        *(trigger for table in TABLES for trigger in triggers.refuse_changes(f"transmissions_{table}")),
        triggers.Trigger(
            "transmissions_counter_rises",
            "transmissions_counter",
            "BEFORE UPDATE",
            sqlite="WHEN NEW.value <= OLD.value BEGIN SELECT RAISE(ABORT, 'control numbers only rise'); END",
            postgresql=(
                "BEGIN IF NEW.value <= OLD.value THEN RAISE EXCEPTION 'control numbers only rise'; END IF;"
                " RETURN NEW; END"
            ),
        ),
    ]
