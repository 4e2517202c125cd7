"""The verbs of transmissions: send, resend, acknowledge, collect."""

from __future__ import annotations

from aor.transmissions.acknowledgments import Taken, acknowledge, collect, receive_acknowledgments
from aor.transmissions.sending import Sent, send

__all__ = ["Sent", "Taken", "acknowledge", "collect", "receive_acknowledgments", "send"]
