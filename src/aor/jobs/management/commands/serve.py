"""`aor serve`: the portal's production server, static files included."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from aor.jobs.command import AorCommand, Outcome


class Command(AorCommand):
    help = "Serves the portal until it is stopped."
    example = "aor serve --address 0.0.0.0 --port 8000"
    seals = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1", help="where to listen (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="default 8000")
        parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        address, port = options["address"], options["port"]
        call_command("collectstatic", interactive=False, verbosity=0)
        clock = Path(settings.AOR_HOME) / "demo" / "clock"
        if settings.AOR_DEMO and clock.exists():  # the portal goes on where the demonstration's story ended
            os.environ.setdefault("AOR_NOW", clock.read_text(encoding="utf-8"))
        os.environ["AOR_HOME"] = str(settings.AOR_HOME)
        if settings.AOR_ENV != "production":
            os.environ.setdefault("AOR_URL", f"http://{address}:{port}")
        self.stderr.write(f"The portal is at http://{address}:{port}/ (stop it with Ctrl-C)")
        Granian(
            "aor.site.wsgi:application",
            address=address,
            port=port,
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=4,
            backpressure=256,
            log_access=False,
            websockets=False,
        ).serve()
        return Outcome({"served": f"http://{address}:{port}/"}, "The portal has stopped.")
