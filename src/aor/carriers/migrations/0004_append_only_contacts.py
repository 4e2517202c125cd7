"""Whom to ask at a carrier is closed, never changed."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = ["id", "known_from", "hios_issuer_id", "name", "email", "phone"]


class Migration(migrations.Migration):
    dependencies = [("carriers", "0003_contacts")]

    operations = [*triggers.refuse_changes("carriers_contact", closing="known_until", columns=COLUMNS)]
