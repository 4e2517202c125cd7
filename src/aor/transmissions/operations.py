"""The verbs of transmissions: send, resend, take acknowledgments, collect."""

from __future__ import annotations

from aor.transmissions.sending import Sent, send

__all__ = ["Sent", "send"]
