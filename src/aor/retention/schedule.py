"""What of each table is personal, and what stands in its place when it was disposed of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from aor.policy.retention import What

NOBODY: Mapping[str, object] = {"last_name": "", "first_name": "", "birth_date": None}
GONE = "disposed of"

# Label: personal columns, and what they hold afterwards. Numbers, days and decisions stay.
PERSONAL: Mapping[str, Mapping[str, object]] = {
    "enrollments.Event": {**NOBODY, "middle_name": "", "sex": "", "address": "", "phone": "", "email": ""},
    "enrollments.Enrollment": {**NOBODY, "middle_name": "", "sex": ""},
    "consumers.Contact": {"address": ""},
    "associations.Consent": {"shown": GONE, "parties": GONE, "interpreter": "", "reference": ""},
    "associations.Invitation": {**NOBODY, "contact": "", "asked": ""},
    "reports.Line": NOBODY,
    "reports.Withheld": NOBODY,
    "reports.Changed": NOBODY,
    "retro.Request": {"last_name": "", "first_name": "", "birth_date": date(1900, 1, 1), "because": GONE},
    "discrepancies.Claim": {"fields": "{}", "given": "{}", "unread": "{}"},
    "discrepancies.Supplement": {"fields": "{}"},
    "discrepancies.Reply": {"sender": "", "subject": "", "body": GONE},
    "cases.Message": {"body": GONE},
    "cases.Evidence": {"name": GONE},
    "accounts.User": {"email": None, "name": "", "password": "!", "is_active": False},
    "accounts.Invitation": {"email": "", "name": GONE},
    "notices.Notice": {"address": "-", "subject": GONE, "body": GONE, "secret": ""},
}

# Of an account that is emptied: what it signs in with, by the sign-in library. Deleted; what hangs on it goes along.
SIGN_IN = (
    "account.EmailAddress", "mfa.Authenticator", "socialaccount.SocialAccount", "usersessions.UserSession",
)  # fmt: skip

# Label: the column that names a document, which is removed while the name stays.
DOCUMENTS: Mapping[str, str] = {
    "enrollments.EnrollmentFile": "stripped",
    "transmissions.Interchange": "sha256",
    "transmissions.Acknowledgment": "document",
    "reports.Report": "workbook",
    "reports.StatementFile": "sha256",
    "cases.Evidence": "sha256",
    "retro.Ruling": "letter",
}

SAYS: Mapping[What, str] = {
    What.COVERAGE: "names, birth dates and contacts of households whose last coverage ended",
    What.CONTACTS: "contacts, consents and invitations of people who never had coverage",
    What.CASES: "what was written and shown in cases that are closed",
    What.LETTERS: "addresses and words of notices",
    What.INVITATIONS: "names that brokers gave in invitations",
    What.DOCUMENTS: "interchanges, answers, workbooks and statements",
    What.ACCOUNTS: "names and addresses of accounts that have no role any more",
}


def parameter(what: What) -> str:
    """The parameter that says for how many years a class is kept."""
    return f"kept_years_{what}"
