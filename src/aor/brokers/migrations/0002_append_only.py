"""What was known of agencies and brokers is closed, never changed."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = {
    "brokers_agency": ("id known_from npn name fein email administrator_name phone city state zip"),
    "brokers_broker": (
        "id known_from npn first_name last_name email phone agency_name agency_npn city state zip"
        " languages list_in_directory kind"
    ),
    "brokers_certification": ("id known_from npn plan_year certified_on revoked_on agreement_version"),
    "brokers_license": (
        "id known_from npn state license_number license_class residency line_of_authority status"
        " effective_date expiration_date closed_on"
    ),
    "brokers_appointment": (
        "id known_from npn company_name naic_company_code state line_of_authority status effective_date"
        " termination_date termination_reason"
    ),
    "brokers_death": ("id known_from npn died_on"),
}


class Migration(migrations.Migration):
    dependencies = [("brokers", "0001_initial")]

    operations = [
        trigger
        for table, columns in COLUMNS.items()
        for trigger in triggers.refuse_changes(table, closing="known_until", columns=columns.split())
    ]
