"""The verbs of transmissions: send, resend, acknowledge, collect."""

from __future__ import annotations

from aor.transmissions.acknowledgments import Taken, acknowledge, receive_acknowledgments
from aor.transmissions.collecting import collect
from aor.transmissions.resending import CannotResend, resend
from aor.transmissions.sending import Sent, send

__all__ = ["CannotResend", "Sent", "Taken", "acknowledge", "collect", "receive_acknowledgments", "resend", "send"]
