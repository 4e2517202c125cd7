"""How a transport ends when it does not end well."""

from __future__ import annotations


class Retryable(Exception):
    """Not now: the other side, or the way there, is down. The same call may be made again later."""


class Refused(Exception):
    """Not at all until a person acts: a wrong key, a name already taken by other content, a full stop."""


class Bounced(Refused):
    """The mail's recipient, or the mail, was refused for good."""
