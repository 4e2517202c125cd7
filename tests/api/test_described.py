"""Every operation, with every token, keeps to its own description: nothing undocumented, and no fault of ours."""

from __future__ import annotations

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from tests.api.world import World

EXAMPLES = 5
NAMES = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
    "ignored_auth",
)  # fmt: skip
load_all_checks()
KEPT = CHECKS.get_by_names(NAMES)


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_every_operation_keeps_to_its_description(case: schemathesis.Case, world: World) -> None:
    for token in ("eligibility", "north", "none"):
        case.call_and_validate(headers={"Authorization": f"Bearer {world.secrets[token]}"}, checks=KEPT)
