"""Logs: one JSON object a line, and nothing of persons in it (ASVS 5.0, 16.2.5)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class WithoutPersons(logging.Filter):
    """A request is known by its method, its URL's name and its status; never by its path, query or form."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.url_name = match.view_name if match else "unknown"
            record.method = request.method
            record.msg, record.args = "request answered %s", (getattr(record, "status_code", 500),)
            record.exc_text = None
        return True


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("url_name", "method", "status_code"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0]:
            line["trouble"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, ensure_ascii=False)


def _where(record: logging.LogRecord) -> list[str]:
    """File and line of each frame; the message of an exception may hold a person's data and is left out."""
    frame = record.exc_info[2] if record.exc_info else None
    places = []
    while frame is not None:
        places.append(f"{frame.tb_frame.f_code.co_filename.rpartition('/aor/')[2]}:{frame.tb_lineno}")
        frame = frame.tb_next
    return places[-12:]
