"""Every form that is sent ends on a confirmation: a reference, what happens next and when.

The addresses come from the resolver; where a form leads is read from the source of its view, in all its branches.
What is listed by hand is no submission, or a page on the way to one, each with its reason.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import aor.web
from tests.portal.test_access import LIBRARIES

TEMPLATES = Path(aor.web.__file__).parent / "templates"
CONFIRMATION = "web/confirmation.html"
NO_SUBMISSION = {
    "tour": "the demo's tour turns a page",
    "demo_sign_in": "the demo signs in",
    "roles": "chooses in which role one goes on",
    "agency:acting": "chooses for which broker one goes on",
    "broker:book_search": "filters a list; a name that is looked for goes into no address",
    "broker:book_save": "keeps a view of a list, which is shown at once",
    "agency:book_search": "filters a list; a name that is looked for goes into no address",
    "staff:search_ask": "looks for a person, whose name goes into no address",
    "broker:invite_many_drop": "drops a file that was only shown",
    "agency:roster_file_drop": "drops a file that was only shown",
    "claims:drop": "drops a draft that was never sent",
    "broker:transfer_findings": "shows what a transfer would meet while its form is filled in",
    "agency:transfer_findings": "shows what a transfer would meet while its form is filled in",
    "claims:ask_findings": "shows what a request would meet while its form is filled in",
    "staff:caller": "answers with what may be said to the caller who was checked",
    "staff:letters_print": "answers with the letters themselves",
    "staff:subject_copy": "answers with the copy itself",
}
"""What keeps nothing but what the reader looks at, or answers with a document."""

STEP = "a page on the way; the form there ends"
BACK = "nothing was begun: back to where it begins"
ON_THE_WAY = {
    ("invitation", "invitation_broker"): STEP,
    ("consumer:choose", "consumer:designate"): STEP,
    ("consumer:designate", "consumer:designate_check"): STEP,
    ("consumer:designate_check", "consumer:designate"): BACK,
    ("consumer:designate_check", "consumer:second_factor"): STEP,
    ("consumer:confirm", "consumer:second_factor"): STEP,
    ("consumer:second_factor", "consumer:second_factor"): STEP,
    ("consumer:second_factor", "consumer:dashboard"): "who asked for the code goes on where they were",
    ("broker:transfer_ask", "broker:transfer_check"): STEP,
    ("broker:transfer_check", "broker:transfer_ask"): BACK,
    ("claims:send", "claims:check"): STEP,
    ("claims:one", "claims:check"): STEP,
    ("claims:check", "claims:send"): BACK,
    ("claims:ask", "claims:ask_check"): STEP,
    ("claims:ask_check", "claims:ask"): BACK,
    ("staff:case_step", "staff:case"): "takes a case or gives it back: its page says whose it is, and has its steps",
    ("staff:correction_new", "staff:correction_new"): STEP,
    ("staff:transfer_new", "staff:transfer_step"): STEP,
    ("staff:opt_out", "staff:caller"): BACK,
}  # fmt: skip


def _views(patterns: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, FunctionType]]:
    """The addresses of the portal's own, by name, with the function that answers each."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            if not str(entry.pattern).startswith("api/"):
                yield from _views(entry.url_patterns, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern) and not (entry.name or "").startswith(LIBRARIES):
            view = inspect.unwrap(entry.callback)
            assert isinstance(view, FunctionType)
            yield ":".join((*spaces, entry.name or "")), view


VIEWS = dict(_views())


@cache
def _tree(function: FunctionType) -> ast.FunctionDef:
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(found, ast.FunctionDef)
    return found


def _takes_posts(view: FunctionType) -> bool:
    """Where nothing is said, every method is taken."""
    said = " ".join(ast.unparse(one) for one in _tree(view).decorator_list)
    return "require_safe" not in said and ("POST" in said or "require_" not in said)


@cache
def _parts(view: FunctionType) -> frozenset[FunctionType]:
    """The view and the functions of the portal's pages that it calls, however deep."""
    found, left = {view}, [view]
    while left:
        function = left.pop()
        for node in ast.walk(ast.Module(_tree(function).body, [])):
            called = _named(function, node)
            if called and called not in found:
                found.add(called)
                left.append(called)
    return frozenset(found)


def _named(function: FunctionType, node: ast.AST) -> FunctionType | None:
    """The function of a page that a name in the source stands for."""
    what: object = None
    match node:
        case ast.Name(id=name) if name not in function.__code__.co_varnames:
            what = function.__globals__.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name not in function.__code__.co_varnames:
            module = function.__globals__.get(name)
            what = getattr(module, attribute, None) if isinstance(module, ModuleType) else None
    what = inspect.unwrap(what) if isinstance(what, FunctionType) else None
    return what if isinstance(what, FunctionType) and what.__module__.startswith("aor.web.") else None


def _confirms(view: FunctionType) -> bool:
    """Draws the confirmation, or a page made from it."""
    words = {node.value for part in _parts(view) for node in ast.walk(_tree(part)) if isinstance(node, ast.Constant)}
    drawn = [TEMPLATES / one for one in words if isinstance(one, str) and one.endswith(".html")]
    return any(one == TEMPLATES / CONFIRMATION or f'extends "{CONFIRMATION}"' in one.read_text() for one in drawn)


def _leads(name: str) -> set[str]:
    """The addresses to which a form may lead."""
    found: set[str] = set()
    for part in _parts(VIEWS[name]):
        tree = _tree(part)
        wanted = [
            node.args[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "HttpResponseRedirect"
        ]
        named = {node.id for one in wanted for node in ast.walk(one) if isinstance(node, ast.Name)}
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=target)], value=value) if target in named:
                    wanted.append(value)
                case ast.Return(value=ast.Call(func=ast.Name(id="reverse")) as value):
                    wanted.append(value)
        found |= {address for one in wanted for address in _addresses(one, name)}
    return found


def _addresses(value: ast.expr, name: str) -> Iterator[str]:
    """Those that an expression names; `query_url` alone stays where it is."""
    for node in ast.walk(value):
        match node:
            case ast.Call(func=ast.Name(id="reverse"), args=[ast.Constant(value=str(address)), *_]):
                yield address
            case ast.Call(func=ast.Attribute(attr="address"), args=[_, ast.Constant(value=str(address)), *_]):
                yield f"broker:{address}"
            case ast.Call(func=ast.Name(id="query_url")) if node is value:
                yield name


FORMS = sorted(name for name, view in VIEWS.items() if _takes_posts(view))


@pytest.mark.parametrize("name", [name for name in FORMS if name not in NO_SUBMISSION])
def test_a_form_that_is_sent_ends_on_a_confirmation(name: str) -> None:
    of = name.replace("agency:transfer", "broker:transfer")  # one page of both
    leads = _leads(name)
    assert leads, f"{name} leads nowhere: it should end on a page with a reference, what happens next and when"
    bad = {one for one in leads if not _confirms(VIEWS[one]) and (of, one) not in ON_THE_WAY}
    assert not bad, f"{name} ends on {bad}: no confirmation, and tests/portal/test_endings.py does not say why"


CONFIRMATIONS = sorted(name for name, view in VIEWS.items() if _confirms(view) and not _takes_posts(view))


@pytest.mark.parametrize("name", CONFIRMATIONS)
def test_a_confirmation_has_a_reference_and_says_what_happens_next(name: str) -> None:
    keys = {
        key.value
        for part in _parts(VIEWS[name])
        for node in ast.walk(_tree(part))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert {"reference", "next_steps"} <= keys


def test_what_is_listed_by_hand_is_needed() -> None:
    assert set(NO_SUBMISSION) <= set(FORMS)
    needed = {(name, one) for name in FORMS for one in _leads(name) if not _confirms(VIEWS[one])}
    assert set(ON_THE_WAY) <= needed, set(ON_THE_WAY) - needed


def _planted(request: HttpRequest) -> HttpResponse:
    """A form that goes back to where one came from, with a message."""
    messages.success(request, "Kept.")
    where = reverse("agency:dashboard")
    return HttpResponseRedirect(where)


def test_a_form_that_ends_on_a_message_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VIEWS, "planted", _planted)
    assert _takes_posts(_planted)
    with pytest.raises(AssertionError, match=r"agency:dashboard.*no confirmation"):
        test_a_form_that_is_sent_ends_on_a_confirmation("planted")
