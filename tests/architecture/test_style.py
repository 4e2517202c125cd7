"""The style is a test: sizes, no clock below the doors, no quiet handlers, relations that point down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "aor"
LONGEST_FUNCTION, LONGEST_MODULE = 70, 500
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"), ("timezone", "now")}
DOORS = {"jobs", "demo", "web", "api"}
PURE = ("terms", "policy", "matching")
IMPURE_MODULES = {"os", "time", "random", "logging", "pathlib", "socket", "subprocess", "django"}


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if not {"tests", "migrations"} & set(path.parts)]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", modules(), ids=name)
def test_module_and_functions_are_short(path: Path) -> None:
    if "guides" not in path.parts:
        assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno + 1 <= LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_clock_below_the_doors(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] in DOORS:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in CLOCKS, f"line {node.lineno} asks the time"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_broad_handler(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in ("", "Exception", "BaseException"), f"line {node.lineno}"


@pytest.mark.parametrize("path", [p for p in modules() if p.relative_to(SOURCE).parts[0] in PURE], ids=name)
def test_the_core_imports_nothing_impure(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            imported = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported = {(node.module or "").partition(".")[0]}
        else:
            continue
        assert not imported & IMPURE_MODULES, f"line {node.lineno}"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_modules_say_what_they_are(path: Path) -> None:
    source = tree(path)
    if source.body and path.name != "apps.py":
        assert ast.get_docstring(source), "a module begins with a line that says what it is"


def test_no_signals_and_no_save_overrides() -> None:
    for path in modules():
        text = path.read_text()
        assert "django.dispatch" not in text, path
        assert "models.signals" not in text, path
        assert not re.search(r"def save\(self", text), path


def test_no_folder_is_a_junk_drawer() -> None:
    names = {path.stem for path in SOURCE.rglob("*") if path.is_dir() or path.suffix == ".py"}
    assert not names & {"utils", "util", "helpers", "common", "manager", "managers", "base", "misc"}


def own_models() -> list[type[models.Model]]:
    """Every model of ours, but not those that tests declare for themselves."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("aor.")
        for model in config.get_models()
        if ".tests." not in model.__module__
    ]


def test_relations_between_departments_point_down_only() -> None:
    for model in own_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model._meta.app_label != model._meta.app_label:
                where = f"{model.__name__}.{field.name}"
                assert field.remote_field.related_name == "+", where
                assert field.remote_field.on_delete is models.PROTECT, where


def test_every_model_says_its_mutation_rules() -> None:
    for model in own_models():
        module = ast.get_docstring(tree(Path(str(__import__(model.__module__, fromlist=["x"]).__file__)))) or ""
        assert "Mutation rules" in " ".join(((model.__doc__ or "") + module).split()), model.__name__


def test_no_place_for_a_social_security_number() -> None:
    for model in own_models():
        for field in (*model._meta.fields, *model._meta.many_to_many):  # not what others relate to it
            assert not re.search(r"ssn|social", field.name), f"{model.__name__}.{field.name}"


def test_readme_is_short_and_dependencies_say_why() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80
    listed = re.findall(
        r'^\s+"[A-Za-z0-9_.\[\]-]+>=[^"]*",?(.*)$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert len(listed) > 20
    assert all("#" in rest for rest in listed)


def test_no_circle_of_imports_inside_a_department() -> None:
    graph = {module_name(path): set(imports(path)) for path in modules()}
    seen: dict[str, int] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail[trail.index(module) :], module))
        if module in seen:
            return
        for imported in graph.get(module, ()):
            visit(imported, (*trail, module))
        seen[module] = 1

    for module in graph:
        visit(module, ())


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    known = {module_name(other) for other in modules()}
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("aor"):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                target = full if full in known else node.module
                if target in known and target != module_name(path):
                    yield target
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
