"""What the report says in prose, from the Agent of Record Report Policy."""

from __future__ import annotations

Section = tuple[str, tuple[tuple[str, str], ...]]  # a heading, then (label or "", text)

CARRIERS = "Carriers to choose from"

_SECTIONS: tuple[Section, ...] = (
    (
        "What this report is",
        (
            (
                "",
                "Each row is one enrollment, medical or dental, and the day on which "
                "{marketplace} sent the carrier an agent of record file that names you.",
            ),
            ("", "It is a list of what was sent. Later endings, and changes to another broker, are not shown."),
            ("", "A row is not a payment. Commissions are between you and the carrier."),
        ),
    ),
    (
        "The sheets",
        (
            ("Sent in the month", "What was sent to carriers in the month of the report."),
            ("Year to date", "Everything sent for the plan years above, up to the time of the report."),
            ("Not on this report", "Your households that are missing here, why, and who has to do what."),
            ("Report a discrepancy", "A form for consumers whom you miss on the report."),
        ),
    ),
    (
        "The columns",
        (
            ("Date Sent", "The day the agent of record file was sent to the carrier."),
            ("Enrollee", "The primary enrollee: last name, first name and date of birth (DOB)."),
            ("Medical Carrier Name", "The carrier of the enrollment, medical or dental."),
            ("Medical EA Eff Date", "The day the medical or dental coverage takes effect."),
            ("Assister ID", "Your National Producer Number (NPN)."),
            ("Not my client?", "For you to mark: see “If a consumer does not belong here” below."),
            ("Row ID", "Tells us which row it is when you return the file. Please leave it as it is."),
        ),
    ),
    (
        "If a consumer is missing",
        (
            ("Step 1", "Open the sheet “Report a discrepancy”. Use one row for each consumer and carrier."),
            ("Step 2", "Fill in every column marked (required). Add comments where they help us."),
            (
                "Step 3",
                "Save this file as an Excel workbook. Return it where you fetched it, or by secure email. "
                "Never send it by ordinary email. You may sort and filter the sheets first.",
            ),
            (
                "Then",
                "Every row gets a receipt. We work in the order received and may ask for more information. "
                "When the review is done, you receive a file with our determination of each case.",
            ),
            (
                "Why we ask",
                "We use what you enter only to find the application or enrollment and to decide whether you "
                "are its agent of record. Without the required columns we cannot.",
            ),
        ),
    ),
    (
        "If a consumer does not belong here",
        (
            (
                "",
                "Delete this file and contact us at once. Do not send us the consumer's name or other "
                "personal data. We will send you an updated and corrected list.",
            ),
            (
                "How",
                "Sign in and mark the report, which is quickest. Or, before you delete this file, choose Yes under "
                "“Not my client?” in that row and return the file where you fetched it. Type nothing else.",
            ),
        ),
    ),
    (
        "Your duty of privacy",
        (
            (
                "",
                "This file holds private data. Brokers are responsible for complying with data privacy and "
                "security per the broker agreement in the “Notice of Monitored Performance” document, "
                "and Minnesota Rules, part 7700.0800.",
            ),
        ),
    ),
)


def instructions(marketplace: str) -> tuple[Section, ...]:
    """The sections of the sheet "Instructions", in plain language."""
    return tuple(
        (heading, tuple((label, text.replace("{marketplace}", marketplace)) for label, text in rows))
        for heading, rows in _SECTIONS
    )
