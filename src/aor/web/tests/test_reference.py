"""The reference of the API is made from its description: every operation and document, nothing from elsewhere."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_every_operation_and_document_is_there_and_linked(client: Client) -> None:
    described = json.loads(client.get("/api/v1/openapi.json").content)
    answer = client.get("/api/")
    page = answer.content.decode()
    for path, methods in described["paths"].items():
        for method in methods:
            assert f"<h2>{method.upper()} {path}</h2>" in page
    for name in described["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len(targets) > 20
    assert not [one for one in targets if f'id="{one}"' not in page]
    assert "Idempotency-Key" in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "script-src" not in page
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_foot_of_every_page_leads_there(client: Client) -> None:
    assert '<a href="/api/">API</a>' in client.get("/help/").content.decode()
