"""Words of this place that a password may not be made of (OWASP ASVS 5.0, 6.1.2 and 6.2.11)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = (
    "agentofrecord", "agency", "aor", "broker", "carrier", "enrollment", "exchange", "health", "household",
    "insurance", "marketplace", "minnesota", "mnsure", "password", "portal", "saintpaul", "minneapolis",
)  # fmt: skip
LEFT = 8
"""Letters that must be left when these words, digits and signs are taken away."""
_WORDS = re.compile("|".join(map(re.escape, sorted(WORDS, key=len, reverse=True))))


class OwnWords:
    """One of Django's password validators: refuses what is hardly more than the words that a guesser tries first."""

    def validate(self, password: str, user: object = None) -> None:
        letters = re.sub(r"[\W\d_]", "", password.casefold())
        if len(_WORDS.sub("", letters)) < LEFT:
            raise ValidationError(self.get_help_text(), code="own_words")

    def get_help_text(self) -> str:
        return _("Use several words of your own, not only words such as “broker” or “Minnesota” with numbers.")
