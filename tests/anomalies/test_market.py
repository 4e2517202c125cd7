"""The market that is lived in the anomalies drives the program alike, whatever its carriers do and when."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.anomalies.market import Life, Size
from tests.anomalies.program import Place, Ran

REJECTED_MEANWHILE = ("009000107", "000000107")


def test_what_a_carrier_rejects_while_staff_resend_is_resent_the_next_time(tmp_path: Path) -> None:
    """It took a file at once, since its sender was killed; what it says of that nobody knows yet."""
    asked: list[tuple[object, ...]] = []

    def run(words: tuple[object, ...], now: datetime) -> Ran:
        asked.append(words)
        carrier.rejected.append(REJECTED_MEANWHILE)
        document: dict[str, Any] = {"state": "closed", "delivered": 0}
        return Ran(0, json.dumps([] if words[0] == "record" else document), "", [], 0)

    life = Life(Size(3, 3, 2, 1), Place(tmp_path), run)
    carrier = life.living.carriers["99101"]
    carrier.rejected = [("009000101", "000000101")]
    life.living._resend()
    assert asked == [("resend", "--set", "000000101")]
    assert carrier.rejected == [REJECTED_MEANWHILE]
