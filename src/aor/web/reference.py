"""The API for who writes programs: every operation, its parameters, bodies and answers, from its own description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, Table, link

type Schema = Mapping[str, Any]
REF = "#/components/schemas/"
BOUNDS = {
    "minLength": "at least {} characters", "maxLength": "at most {} characters", "minItems": "at least {}",
    "maxItems": "at most {}", "minimum": "from {}", "maximum": "to {}", "pattern": "as {}", "const": "always {}",
}  # fmt: skip


@access.public
@require_safe
def reference(request: PortalRequest) -> HttpResponse:
    """The description (OpenAPI) as a page; no script, nothing from elsewhere."""
    url = reverse("api:openapi")
    described = json.loads(resolve(url).func(request).content)
    context = {
        "title": _("API reference"),
        "lead": described["info"]["description"].replace("`", ""),
        "version": described["info"]["version"],
        "description_url": url,
        "operations": list(_operations(described)),
        "schemas": [
            (name, one.get("description", ""), _fields(one))
            for name, one in sorted(described["components"]["schemas"].items())
        ],
    }
    return render(request, "web/reference.html", context)


def _operations(described: Schema) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            bodies = one.get("requestBody", {}).get("content", {})
            yield {
                "id": one["operationId"],
                "heading": f"{method.upper()} {path}",
                "summary": one.get("description") or one.get("summary", ""),
                "parameters": _parameters(one.get("parameters", [])),
                "body": [_kind(body["schema"]) for body in bodies.values()],
                "answers": _answers(one["responses"]),
            }


def _parameters(rows: list[Any]) -> Table:
    headings = (_("Parameter"), _("In"), _("Kind"), _("Must be given"))
    cells = [
        (row["name"], row["in"], _kind(row["schema"]), _("yes") if row.get("required") else _("no")) for row in rows
    ]
    return Table(_("Parameters"), [Column(one) for one in headings], cells, empty=_("None."))


def _answers(answers: Schema) -> Table:
    cells = []
    for status, one in sorted(answers.items(), key=lambda pair: str(pair[0])):
        kinds = [_kind(content["schema"]) for content in one.get("content", {}).values() if "schema" in content]
        cells.append((status, one["description"], kinds[0] if kinds else ""))
    headings = (_("Status"), _("When"), _("Body"))
    return Table(_("Answers"), [Column(one) for one in headings], cells)


def _fields(schema: Schema) -> Table:
    needed = schema.get("required", ())
    cells = [
        (name, _kind(one), _("yes") if name in needed else _("no"), one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]
    headings = (_("Field"), _("Kind"), _("Must be given"), _("What it says"))
    empty = _("One of: %(values)s") % {"values": ", ".join(map(str, schema.get("enum", ())))}
    return Table(_("Fields"), [Column(one) for one in headings], cells, empty=empty, show_caption=False)


def _kind(schema: Schema) -> str | SafeString:
    """What a value is, in words; a schema of its own is linked."""
    if ref := schema.get("$ref"):
        name = ref.removeprefix(REF)
        return link(name, f"#schema-{name}")
    if several := schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf"):
        kinds = [_kind(one) for one in several]
        return kinds[0] if len(kinds) == 1 else format_html("{} or {}", kinds[0], kinds[1])
    if schema.get("type") == "array":
        return format_html("list of {}", _kind(schema.get("items", {})))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    said = [str(schema.get("format") or schema.get("type", _("anything")))]
    said += [words.format(schema[key]) for key, words in BOUNDS.items() if key in schema]
    return ", ".join(said)
